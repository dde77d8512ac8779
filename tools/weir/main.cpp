#include "snapshot_tool/snapshot_command.hpp"

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view help =
    "weir: looks after the jobs of Weir from outside\n"
    "\n"
    "  weir snapshot ...   lists, shows, checks and compares snapshots; see weir snapshot --help\n"
    "  weir --version\n";

int print(std::FILE* to, std::string_view text, int code) {
  std::fwrite(text.data(), 1, text.size(), to);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty()) return print(stderr, help, 2);
  if (words[0] == "--help" || words[0] == "-h") return print(stdout, help, 0);
  if (words[0] == "--version") return print(stdout, "weir " WEIR_VERSION "\n", 0);
  if (words[0] != "snapshot")
    return print(stderr, "weir: there is no command '" + words[0] + "'; see weir --help\n", 2);
  const auto out = [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); };
  const auto err = [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); };
  return weir::snapshot_tool::run_snapshot_command({words.begin() + 1, words.end()}, out, err);
}
