#pragma once
/// Bytes that were whole, with a few things wrong.

#include <weir/runtime/random.hpp>

#include <string>
#include <utility>
#include <vector>

namespace fuzz {

/// The same seed gives the same inputs.
class mutator {
 public:
  mutator(std::vector<std::string> whole, std::uint64_t seed) : whole_{std::move(whole)}, random_{seed} {
    whole_.emplace_back();
  }

  [[nodiscard]] std::string next();

 private:
  void mutate(std::string& bytes);
  void overwrite(std::string& bytes);
  [[nodiscard]] std::size_t place_in(const std::string& bytes) { return random_.below(bytes.size() + 1); }

  std::vector<std::string> whole_;
  weir::random_sequence random_;
};

}  // namespace fuzz
