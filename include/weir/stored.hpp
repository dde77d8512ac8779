#pragma once
/// A Cap'n Proto struct as state.

#include <weir/record.hpp>

#include <capnp/message.h>
#include <kj/array.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace weir {

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

 private:
  void assign(typename T::Reader content) {
    std::vector<std::uint64_t> words(content.totalSize().wordCount + 1);
    capnp::copyToUnchecked(content, kj::arrayPtr(reinterpret_cast<capnp::word*>(words.data()), words.size()));
    words_ = std::move(words);
  }

  std::vector<std::uint64_t>
      words_;  ///< one flat message that this class wrote, so it is read without checks
};

}  // namespace weir
