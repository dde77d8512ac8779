#pragma once
/// Keys that the store was asked for in vain.

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::state {

/// May forget: of keys with one hash it knows one, and it never keeps more than keys_max.
class absent_keys {
 public:
  static constexpr std::size_t keys_max = std::size_t{1} << 16;

  void add(std::uint64_t hash, std::string_view key) {
    if (places_.size() == keys_max) clear();
    if (places_.try_emplace(hash, place{bytes_.size(), key.size()}).second) bytes_.append(key);
  }
  [[nodiscard]] bool contains(std::uint64_t hash, std::string_view key) const {
    const auto at = places_.find(hash);
    return at != places_.end() && std::string_view{bytes_}.substr(at->second.begin, at->second.size) == key;
  }
  void clear() noexcept {
    if (places_.empty()) return;
    places_.clear();
    bytes_.clear();
  }

 private:
  struct place {
    std::size_t begin = 0;
    std::size_t size = 0;
  };
  absl::flat_hash_map<std::uint64_t, place> places_;
  std::string bytes_;
};

}  // namespace weir::state
