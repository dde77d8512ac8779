#pragma once
/// A Cap'n Proto struct as state.

#include <weir/record.hpp>

#include <capnp/message.h>
#include <kj/array.h>

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

namespace detail {

/// Copies the words of a flat message of one segment, whose bytes may be anything. False, and nothing changes, unless
/// every pointer in it leads to a place of its own inside: the copy can be read without checks.
[[nodiscard]] bool copy_flat_message(std::string_view bytes, std::vector<std::uint64_t>& words);

}  // namespace detail

/// Owns a copy of a record: `weir::value<weir::stored<Flight>> last{*this, "last"};`, then `last = flight` and
/// `last->reader().getDelay()`. A copy costs as much as the record has pointers; reading is free.
template <record T>
class stored {
 public:
  /// All fields at their defaults.
  stored() = default;
  stored(typename T::Reader content) { assign(content); }

  /// Holds until this is assigned, updated or destroyed.
  [[nodiscard]] typename T::Reader reader() const {
    if (words_.empty()) return typename T::Reader{};
    return capnp::readMessageUnchecked<T>(reinterpret_cast<const capnp::word*>(words_.data()));
  }

  /// Lets `change` edit a copy, which then takes the place of the content: `s.update([&](Flight::Builder f) { ... })`.
  /// Cost: two copies and an allocation.
  template <class Change>
  void update(Change&& change) {
    capnp::MallocMessageBuilder message;
    message.setRoot(reader());
    std::forward<Change>(change)(message.getRoot<T>());
    assign(message.getRoot<T>().asReader());
  }

  /// The content as a flat message of one segment; none: all fields at their defaults.
  [[nodiscard]] std::span<const std::uint64_t> words() const noexcept { return words_; }
  /// Takes a copy of what words() was, from bytes that may be anything. False, and nothing changes, if they are no such
  /// message. A field may still be of another kind than T says, then reading it throws.
  [[nodiscard]] bool restore(std::string_view bytes) { return detail::copy_flat_message(bytes, words_); }

 private:
  void assign(typename T::Reader content) {
    std::vector<std::uint64_t> words(content.totalSize().wordCount + 1);
    capnp::copyToUnchecked(content, kj::arrayPtr(reinterpret_cast<capnp::word*>(words.data()), words.size()));
    words_ = std::move(words);
  }

  std::vector<std::uint64_t>
      words_;  ///< one flat message that was checked or written here: read without checks
};

}  // namespace weir
