#pragma once
/// The keys of records that will be handled soon, for keyed_state::load().

#include <weir/runtime/keyed_state.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// A bounded run of keys and a copy of their bytes; reuses its memory.
class coming_keys {
 public:
  /// What one read of the store is worth, and what it may take.
  static constexpr std::size_t keys_max = 256;
  static constexpr std::size_t bytes_max = std::size_t{64} << 10;

  void begin() {
    bytes_.clear();
    keys_.clear();
  }
  /// No more keys should be added. A single key may be larger than bytes_max.
  [[nodiscard]] bool is_full() const noexcept {
    return keys_.size() >= keys_max || bytes_.size() >= bytes_max;
  }
  void add(std::uint64_t hash, std::string_view key) {
    keys_.push_back({hash, key});  // its bytes are found by the size: they move while there come more
    bytes_.append(key);
  }
  /// Views hold until the next begin() or add().
  [[nodiscard]] std::span<const key_ref> keys() {
    const auto* at = bytes_.data();
    for (auto& each : keys_) {
      each.key = {at, each.key.size()};
      at += each.key.size();
    }
    return keys_;
  }

 private:
  std::string bytes_;
  std::vector<key_ref> keys_;
};

}  // namespace weir
