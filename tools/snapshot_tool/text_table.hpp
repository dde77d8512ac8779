#pragma once
/// Columns as wide as what is in them.

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace weir::snapshot_tool {

class text_table {
 public:
  /// The first row is the heading.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  [[nodiscard]] std::string text() const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
      widths.resize(std::max(widths.size(), row.size()));
      for (std::size_t at = 0; at < row.size(); ++at) widths[at] = std::max(widths[at], row[at].size());
    }
    std::string text;
    for (const auto& row : rows_) {
      for (std::size_t at = 0; at < row.size(); ++at) {
        text += row[at];
        if (at + 1 < row.size()) text.append(widths[at] - row[at].size() + 2, ' ');
      }
      text += '\n';
    }
    return text;
  }

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace weir::snapshot_tool
