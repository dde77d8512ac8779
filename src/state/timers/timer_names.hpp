#pragma once
/// The names of timers, each kept once.

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::state {

/// Numbers names. A name that no timer bears any more may give its number to a new one, so names made up as a job runs
/// do not pile up: at most idle_kept more than are in use are kept.
class timer_names {
 public:
  static constexpr std::size_t idle_kept = 64;

  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view name) const noexcept;
  /// The number of `name`, in use once more than before.
  [[nodiscard]] std::uint32_t acquire(std::string_view name);
  /// In use once less. The text stays as it is until the next acquire().
  void release(std::uint32_t number) noexcept { --names_[number].uses; }

  [[nodiscard]] std::string_view text(std::uint32_t number) const noexcept { return names_[number].text; }
  [[nodiscard]] std::size_t bytes() const noexcept { return names_.size() * sizeof(named); }

 private:
  struct named {
    std::string text;
    std::uint32_t uses = 0;
    bool is_known = false;
  };

  [[nodiscard]] std::uint32_t add(std::string text);
  void collect_idle();

  std::deque<named> names_;  ///< texts never move: numbers_ refers to them
  absl::flat_hash_map<std::string_view, std::uint32_t> numbers_;
  std::vector<std::uint32_t> free_;     ///< numbers without a name
  std::size_t collect_at_ = idle_kept;  ///< the number of names at which idle ones are looked for
  mutable std::array<std::uint32_t, 8> recent_{};
};

}  // namespace weir::state
