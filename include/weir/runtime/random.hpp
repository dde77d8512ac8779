#pragma once
/// Seeded randomness: the only kind there is.

#include <cstdint>

namespace weir {

/// SplitMix64 (Steele, Lea, Flood 2014): the same seed gives the same sequence on every machine.
class random_sequence {
 public:
  using result_type = std::uint64_t;

  explicit constexpr random_sequence(std::uint64_t seed) noexcept : state_{seed} {}

  constexpr std::uint64_t operator()() noexcept {
    state_ += 0x9e3779b97f4a7c15U;
    auto mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
  }
  /// Uniform in [0, bound). Precondition: bound > 0.
  constexpr std::uint64_t below(std::uint64_t bound) noexcept {
    return static_cast<std::uint64_t>((__extension__ static_cast<unsigned __int128>((*this)()) * bound) >>
                                      64U);
  }
  /// True with probability `numerator / denominator`.
  constexpr bool chance(std::uint64_t numerator, std::uint64_t denominator) noexcept {
    return below(denominator) < numerator;
  }

  /// A sequence made of it goes on here.
  [[nodiscard]] constexpr std::uint64_t state() const noexcept { return state_; }

  static constexpr std::uint64_t min() noexcept { return 0; }
  static constexpr std::uint64_t max() noexcept { return ~std::uint64_t{0}; }

 private:
  std::uint64_t state_;
};

}  // namespace weir
