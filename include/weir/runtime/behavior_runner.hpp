#pragma once
/// Runs an author's behavior: the loops over a batch, its timers, its questions.

#include <weir/behavior.hpp>
#include <weir/key.hpp>
#include <weir/runtime/batch_of.hpp>
#include <weir/runtime/behavior_host.hpp>
#include <weir/runtime/coming_keys.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir {

/// B handles single records of type T, of whatever input.
template <class B, class T>
concept handles_any_record = requires(B& b, typename T::Reader r) {
  { b.on(r) } -> std::same_as<void>;
};
/// B handles single records of type T of that input.
template <class B, class T, std::size_t Input>
concept handles_input = requires(B& b, typename T::Reader r) {
  { b.on(r, from_input<Input>{}) } -> std::same_as<void>;
};

namespace detail {

/// Stands for the first input whose records B handles.
inline constexpr std::size_t any_input = ~std::size_t{0};

/// The first of the inputs that B has a handler of its own for; any_input: none.
template <class B, class T, std::size_t Input = 0>
consteval std::size_t input_of() {
  constexpr std::size_t inputs_max = 16;
  if constexpr (Input == inputs_max)
    return any_input;
  else if constexpr (handles_input<B, T, Input>)
    return Input;
  else
    return input_of<B, T, Input + 1>();
}

}  // namespace detail

/// B handles single records of type T that come in somewhere.
template <class B, class T>
concept handles_record = handles_any_record<B, T> || (detail::input_of<B, T>() != detail::any_input);
/// B handles whole batches of T.
template <class B, class T>
concept handles_batch = requires(B& b, batch_of<T> r) {
  { b.on(r) } -> std::same_as<void>;
};
template <class B>
concept handles_timer = requires(B& b, timer t) {
  { b.on(t) } -> std::same_as<void>;
};
template <class B>
concept handles_end = requires(B& b) {
  { b.on_end() } -> std::same_as<void>;
};
/// B answers Question with Answer.
template <class B, class Question, class Answer>
concept handles_question = requires(B& b, typename Question::Reader q, typename Answer::Builder a) {
  { b.on(q, a) } -> std::same_as<void>;
};
template <class B>
concept is_keyed = requires { typename B::key_type; };

namespace detail {

/// Where the records of a batch lie: another core has written them, so the first touch of each waits for memory.
class record_bodies {
 public:
  template <class Records>
  explicit record_bodies(const Records& records) {
    if (records.size() < 2) return;
    first_ = begin_of(records[0]);
    stride_bytes_ = static_cast<std::size_t>(begin_of(records[1]) - first_);
  }
  void prefetch(std::uint32_t index) const noexcept { __builtin_prefetch(first_ + stride_bytes_ * index); }

 private:
  static const kj::byte* begin_of(capnp::AnyStruct::Reader record) { return record.getDataSection().begin(); }

  const kj::byte* first_ = nullptr;
  std::size_t stride_bytes_ = 0;
};

/// The key of what belongs to the whole instance: no real key has this hash and no bytes.
inline constexpr std::uint64_t instance_hash = 0x5745'4952'0000'0001U;

template <class Feature>
struct feature_ask {
  template <class B>
  static constexpr bool is_handled = true;
  template <class B>
  static bool answer(B&, std::uint64_t, capnp::AnyStruct::Reader, capnp::AnyPointer::Builder) {
    return false;
  }
};
template <record Question, record Answer>
struct feature_ask<ask<Question, Answer>> {
  template <class B>
  static constexpr bool is_handled = handles_question<B, Question, Answer>;
  template <class B>
  static bool answer(B& b, std::uint64_t type, capnp::AnyStruct::Reader question,
                     capnp::AnyPointer::Builder answer) {
    if (type != record_type::of<Question>().id()) return false;
    b.on(question.as<Question>(), answer.initAs<Answer>());
    return true;
  }
};

}  // namespace detail

/// Owns a B and drives it by its host. Confined to the owning actor. See operator_logic for the contract of the calls.
template <class B>
class behavior_runner {
 public:
  explicit behavior_runner(std::unique_ptr<B> behavior) : behavior_{std::move(behavior)} {}

  void open(behavior_host& host) {
    host_ = &host;
    behavior_->bind(host);
    for (auto* cell : behavior_->cells()) cell->bind(host.state());
    host.on_timer([this](const timer& due) { fire(due); });
  }
  void begin() {
    select_none();
    if constexpr (requires { behavior_->open(); }) behavior_->open();
  }

  /// Handles the records [from, view.size()), returns where it stopped. `extract(Reader)` finds a record's key; it is
  /// not called where B is not keyed.
  template <record T, std::size_t Input = detail::any_input, class Extract>
  std::uint32_t consume(Extract& extract, const batch_view& view, std::uint32_t from) {
    if constexpr (handles_batch<B, T>)
      return consume_whole<T>(view, from);
    else if constexpr (is_keyed<B>)
      return consume_keyed<T, Input>(extract, view, from);
    else
      return consume_each<T, Input>(view, from);
  }

  void end() {
    host_->begin_end();
    if constexpr (handles_end<B>) {
      select_none();
      behavior_->on_end();
    }
  }

  bool ask(std::uint64_t type, std::string_view key, capnp::AnyStruct::Reader question,
           capnp::AnyPointer::Builder answer) {
    if constexpr (is_keyed<B>)
      host_->state().select(key_hash(key), key);
    else
      select_instance();
    host_->begin_question();
    const auto answered = [&]<class... F>(std::type_identity<std::tuple<std::type_identity<F>...>>) {
      return (detail::feature_ask<F>::answer(*behavior_, type, question, answer) || ... || false);
    }(std::type_identity<detail::features_of_t<B>>{});
    if constexpr (is_keyed<B>) host_->state().deselect();
    host_->end_question();
    return answered;
  }

  [[nodiscard]] B& behavior() noexcept { return *behavior_; }

 private:
  void select_instance() noexcept { host_->state().select(detail::instance_hash, std::string_view{""}); }

  /// Outside of records and timers: only what belongs to the whole instance is there.
  void select_none() noexcept {
    if constexpr (is_keyed<B>)
      host_->state().deselect();
    else
      select_instance();
  }

  void fire([[maybe_unused]] const timer& due) {
    if constexpr (handles_timer<B>) behavior_->on(due);
  }

  template <record T, std::size_t Input>
  void handle(const typename T::Reader& current) {
    constexpr auto input = Input == detail::any_input ? detail::input_of<B, T>() : Input;
    if constexpr (handles_input<B, T, input>)
      behavior_->on(current, from_input<input>{});
    else
      behavior_->on(current);
  }

  template <record T, std::size_t Input>
  std::uint32_t consume_each(const batch_view& view, std::uint32_t from) {
    const auto& content = view.content();
    const auto records = content.template records<T>();
    const auto* const times = content.event_times();
    const auto* const watermarks = content.watermarks();
    const auto size = view.size();
    select_instance();  // stays so: there is no other key
    for (auto position = from; position < size; ++position) {
      const auto index = view.index(position);
      if (!host_->begin_record(position, index, times, watermarks)) return position;
      handle<T, Input>(records[index]);
      if (host_->end_record()) return position + 1;
    }
    return size;
  }

  template <record T, std::size_t Input, class Extract>
  std::uint32_t consume_keyed(Extract& extract, const batch_view& view, std::uint32_t from) {
    using codec = key_codec<typename B::key_type>;
    const auto& content = view.content();
    const auto records = content.template records<T>();
    const auto* const times = content.event_times();
    const auto* const watermarks = content.watermarks();
    const auto size = view.size();
    const auto* const hashes = hashes_of(view);
    auto& state = host_->state();
    const auto prefetch_end = hashes == nullptr ? from : size;
    const detail::record_bodies bodies{records};
    if (from == 0) loaded_to_ = 0;
    auto load_at = state.load_pays() ? std::max(from, loaded_to_) : size;
    for (auto position = from, prefetched = from; position < size; ++position) {
      for (; prefetched < prefetch_end && prefetched - position <= keyed_state::prefetch_distance;
           ++prefetched) {
        bodies.prefetch(view.index(prefetched));
        state.prefetch(hashes[prefetched]);
      }
      const auto index = view.index(position);
      if (!host_->begin_record(position, index, times, watermarks)) return position;
      if (position == load_at) [[unlikely]]
        load_at = loaded_to_ = load_ahead<T>(extract, view, position);
      const typename T::Reader current = records[index];
      const auto key = codec::encode(extract(current), key_buffer_);
      const auto hash = hashes != nullptr ? hashes[position] : key_hash(key);
      state.select(hash, key);
      if (position >= sample_at_) [[unlikely]]
        sample_at_ = position + host_->sample_key(hash, key);
      handle<T, Input>(current);
      if (host_->end_record()) return come_to(position + 1, size);
    }
    return come_to(size, size);
  }

  /// Positions are counted anew in the view that follows.
  std::uint32_t come_to(std::uint32_t position, std::uint32_t size) noexcept {
    if (position == size) sample_at_ -= std::min(sample_at_, size);
    return position;
  }

  /// Brings in the state of the next records' keys by one read of the store. Returns where the next read is due.
  template <record T, class Extract>
  std::uint32_t load_ahead(Extract& extract, const batch_view& view, std::uint32_t position) {
    using codec = key_codec<typename B::key_type>;
    const auto records = view.content().template records<T>();
    const auto* const hashes = hashes_of(view);
    auto end = position;
    coming_.begin();
    try {
      for (; end < view.size() && !coming_.is_full(); ++end) {
        const typename T::Reader coming = records[view.index(end)];
        const auto key = codec::encode(extract(coming), key_buffer_);
        coming_.add(hashes != nullptr ? hashes[end] : key_hash(key), key);
      }
    } catch (...) {
      ++end;  // whose key cannot be found fails where it is handled
    }
    host_->state().load(coming_.keys());
    return end;
  }

  /// The whole batch is handled at once, as of its first record: no record of it is late because of another.
  template <record T>
  std::uint32_t consume_whole(const batch_view& view, std::uint32_t from) {
    if (from > 0 || view.size() == 0) return view.size();
    const auto& content = view.content();
    if (!host_->begin_record(0, view.index(0), content.event_times(), content.watermarks())) return 0;
    select_instance();
    behavior_->on(batch_of<T>{view});
    (void)host_->end_record();
    return view.size();
  }

  /// By position; null where whoever sent the view did not hash.
  static const std::uint64_t* hashes_of(const batch_view& view) noexcept {
    const auto* const chosen = view.chosen();
    return chosen == nullptr || chosen->hashes.empty() ? nullptr : chosen->hashes.data();
  }

  std::unique_ptr<B> behavior_;
  behavior_host* host_ = nullptr;
  std::string key_buffer_;
  coming_keys coming_;
  std::uint32_t loaded_to_ = 0;  ///< the position in the view being handled up to which state was brought in
  std::uint32_t sample_at_ = 0;  ///< the position, of that view or behind it, whose key the sketch is to see
};

}  // namespace weir
