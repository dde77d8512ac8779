#include "launcher/help.hpp"

#include "launcher/exit_code.hpp"
#include "launcher/options.hpp"

#include <algorithm>
#include <utility>

namespace weir::launcher {
namespace {

/// Two columns: what to write, and what it means. A head that is too long has its text on the next line.
class two_columns {
 public:
  two_columns(std::size_t indent, std::size_t columns)
      : indent_{indent}, columns_{std::max<std::size_t>(columns, indent + 20)} {}

  void add(std::string_view head, std::string_view text) {
    line_ = "  " + std::string{head};
    if (line_.size() + 2 > indent_) end_line();
    line_.resize(std::max(line_.size(), indent_), ' ');
    add_words(text);
    end_line();
  }

  [[nodiscard]] std::string take() && { return std::move(text_); }

 private:
  void add_words(std::string_view text) {
    bool is_first = true;
    while (!text.empty()) {
      const auto word = text.substr(0, text.find(' '));
      text.remove_prefix(std::min(text.size(), word.size() + 1));
      if (!is_first && line_.size() + 1 + word.size() > columns_) {
        end_line();
        line_.assign(indent_, ' ');
        is_first = true;
      }
      if (!is_first) line_ += ' ';
      line_ += word;
      is_first = false;
    }
  }
  void end_line() {
    line_.erase(line_.find_last_not_of(' ') + 1);
    text_ += line_ + '\n';
    line_.clear();
  }

  std::size_t indent_;
  std::size_t columns_;
  std::string line_;
  std::string text_;
};

constexpr std::size_t option_indent = 28;

std::string heading(std::string_view title) { return "\n" + std::string{title} + ":\n"; }

std::string with_default(const std::string& help, const std::string& fallback) {
  return fallback.empty() ? help : help + " (default: " + fallback + ")";
}

std::string job_options(const std::vector<parameter>& parameters, std::size_t columns) {
  if (parameters.empty()) return {};
  two_columns rows{option_indent, columns};
  for (const auto& one : parameters) {
    auto help = one.help;
    if (!one.fallback)
      help += help.empty() ? "(required)" : " (required)";
    else
      help = with_default(help, one.fallback->empty() ? "nothing" : *one.fallback);
    rows.add("--" + one.name + " VALUE", help);
  }
  return heading("Options of this job") + std::move(rows).take();
}

std::string group_text(const option_group& group, std::size_t columns) {
  two_columns rows{option_indent, columns};
  for (const auto& row : group.rows) {
    auto head = (row.name == "help" ? "-h, --" : "--") + row.name;
    if (!row.value.empty()) head += " " + row.value;
    rows.add(head, with_default(row.help, row.fallback));
  }
  return heading(group.title) + std::move(rows).take();
}

std::string exit_code_text(std::size_t columns) {
  two_columns rows{8, columns};
  for (const auto& row : exit_codes()) rows.add(std::to_string(static_cast<unsigned>(row.code)), row.meaning);
  return heading("Exit codes") + std::move(rows).take();
}

std::string example_text(std::string_view program, const std::vector<parameter>& parameters) {
  std::string required;
  for (const auto& one : parameters)
    if (!one.fallback) required += " --" + one.name + " VALUE";
  return heading("Example") + "  ./" + std::string{program} + required + " --metrics-listen 127.0.0.1:9464\n";
}

}  // namespace

std::string help_text(std::string_view program, const std::vector<parameter>& parameters,
                      std::size_t columns) {
  const std::string name{program};
  std::string text = "Usage: " + name + " [run] [OPTION]...\n       " + name +
                     " plan [--format text|mermaid|graphviz]\n       " + name +
                     " replay [--records N] [--break] CAPSULE\n";
  two_columns commands{option_indent, columns};
  commands.add("run",
               "runs the job in this process (the default). The first SIGINT (Ctrl-C) or SIGTERM stops "
               "reading, finishes what was read and completes the outputs; the second stops at once");
  commands.add("plan", "prints the job's graph and ends");
  commands.add(
      "replay",
      "executes again what one operator instance did before it failed, from a capsule (see --capsules), and "
      "prints it; the capsule tells the job's options");
  text += heading("Commands") + std::move(commands).take();
  text += job_options(parameters, columns);
  for (const auto& group : runtime_options()) text += group_text(group, columns);
  return text + exit_code_text(columns) + example_text(program, parameters);
}

}  // namespace weir::launcher
