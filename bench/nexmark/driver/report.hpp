#pragma once
/// Figures for a person, and as JSON.

#include "nexmark/driver/run.hpp"

#include <string>
#include <vector>

namespace nexmark {

[[nodiscard]] std::string table_head(const options& how);
[[nodiscard]] std::string table_row(const figures& one, const options& how);
[[nodiscard]] std::string as_json(const std::vector<figures>& all, const options& how);

}  // namespace nexmark
