#pragma once
/// The beginning of an example's input: crashes are many, so inputs are small.

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

namespace weir::tests {

/// A copy of the first lines, which is gone afterwards.
class first_lines {
 public:
  first_lines(const std::string& of_example, std::uint32_t lines) {
    static int made = 0;
    const auto* const root = std::getenv("WEIR_SOURCE_DIR");
    std::ifstream from{std::string{root == nullptr ? "." : root} + "/examples/" + of_example};
    path_ = (std::filesystem::temp_directory_path() /
             ("weir-lines-" + std::to_string(::getpid()) + "-" + std::to_string(made++) + ".csv"))
                .string();
    std::ofstream to{path_};
    for (std::string line; lines > 0 && std::getline(from, line); --lines) to << line << '\n';
  }
  ~first_lines() { std::filesystem::remove(path_); }
  first_lines(const first_lines&) = delete;
  first_lines& operator=(const first_lines&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

}  // namespace weir::tests
