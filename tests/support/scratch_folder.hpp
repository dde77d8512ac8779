#pragma once

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

namespace weir::tests {

/// A folder that is gone afterwards.
class scratch_folder {
 public:
  explicit scratch_folder(const std::filesystem::path& parent = std::filesystem::temp_directory_path()) {
    std::string name = (parent / "weir-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  [[nodiscard]] std::string operator/(std::string_view name) const { return path_ + "/" + std::string{name}; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  std::string write(std::string_view name, std::string_view content) const {
    const std::string path = *this / name;
    std::ofstream{path, std::ios::binary} << content;
    return path;
  }

 private:
  std::string path_;
};

}  // namespace weir::tests
