#pragma once
/// Every error that can happen in operation, in one numbered table, and result<T>, which carries one.

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace weir {

/// What a supervisor does about an error.
enum class error_class : std::uint8_t {
  retry,        ///< the same call may succeed later
  restart,      ///< a new incarnation of the instance may succeed
  restore,      ///< the region must go back to its latest complete snapshot
  escalate,     ///< nobody in the process can mend it: the job stops
  drop_record,  ///< one record is at fault: it goes to the dead letters
};

/// name, number (permanent: appears in logs and exit reports), class, what it means.
#define WEIR_ERRORS(X)                                                       \
  X(invalid_argument, 100, escalate, "an option or argument is not valid")   \
  X(invalid_graph, 101, escalate, "the job's graph is not valid")            \
  X(not_found, 102, escalate, "something that was named does not exist")     \
  X(permission_denied, 103, escalate, "the system refused access")           \
  X(limit_exceeded, 104, escalate, "a configured limit does not allow it")   \
  X(unsupported, 105, escalate, "not supported here")                        \
  X(io_failed, 200, retry, "reading or writing failed")                      \
  X(disk_full, 201, retry, "no space is left where the output goes")         \
  X(corrupt_input, 202, escalate, "an input as a whole is damaged")          \
  X(bad_record, 300, drop_record, "a record is malformed")                   \
  X(record_too_large, 301, drop_record, "a record is larger than the limit") \
  X(record_rejected, 302, drop_record, "a behavior rejected a record")       \
  X(behavior_failed, 400, restart, "a behavior threw an exception")          \
  X(protocol_violated, 401, restore, "a channel broke its order")            \
  X(restart_intensity, 402, escalate, "an instance failed too often")        \
  X(stopped, 500, escalate, "stopped on request")                            \
  X(timed_out, 501, retry, "no answer in time")

/// The codes of the table.
enum class errc : std::uint16_t {
#define WEIR_X(name, number, cls, text) name = number,
  WEIR_ERRORS(WEIR_X)
#undef WEIR_X
};

/// The code's name as in the table, `bad_record`.
[[nodiscard]] std::string_view name_of(errc code) noexcept;
/// What the code means, as in the table.
[[nodiscard]] std::string_view meaning_of(errc code) noexcept;
/// What a supervisor does about it.
[[nodiscard]] error_class class_of(errc code) noexcept;

/// A code of the table and a message for a person: the thing, the value, the limit, the next step.
struct error {
  errc code{};
  std::string message;
};

/// `disk_full: cannot write out/storms-0.jsonl: ...`
[[nodiscard]] std::string to_string(const error& e);

/// An error as an exception, for the places where a job is being built and for behaviors.
class failure : public std::runtime_error {
 public:
  explicit failure(error e) : std::runtime_error{e.message}, error_{std::move(e)} {}
  failure(errc code, std::string message) : failure{error{code, std::move(message)}} {}

  [[nodiscard]] const error& what_failed() const noexcept { return error_; }

 private:
  error error_;
};

/// A value or the error that prevented it.
template <class T>
class [[nodiscard]] result {
  using stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

 public:
  using value_type = T;

  result()
    requires(std::is_void_v<T>)
      : content_{std::in_place_index<0>} {}
  result(stored value)
    requires(!std::is_void_v<T>)
      : content_{std::in_place_index<0>, std::move(value)} {}
  result(error e) : content_{std::in_place_index<1>, std::move(e)} {}

  [[nodiscard]] bool ok() const noexcept { return content_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  /// Precondition: ok().
  [[nodiscard]] stored& value() & { return std::get<0>(content_); }
  [[nodiscard]] const stored& value() const& { return std::get<0>(content_); }
  [[nodiscard]] stored&& value() && { return std::get<0>(std::move(content_)); }
  stored& operator*() & { return value(); }
  const stored& operator*() const& { return value(); }
  stored&& operator*() && { return std::move(*this).value(); }
  stored* operator->() { return &value(); }
  const stored* operator->() const { return &value(); }

  /// Precondition: !ok().
  [[nodiscard]] const weir::error& failed() const& { return std::get<1>(content_); }
  [[nodiscard]] weir::error&& failed() && { return std::get<1>(std::move(content_)); }

  /// The value, or a thrown failure.
  stored or_throw() && {
    if (!ok()) throw failure{std::get<1>(std::move(content_))};
    return std::get<0>(std::move(content_));
  }

 private:
  std::variant<stored, weir::error> content_;
};

}  // namespace weir
