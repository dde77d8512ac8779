#include "state/row_run.hpp"

#include "state/memory/memory_run.hpp"

#include <algorithm>

namespace weir::state {

void row_run::begin_piece() {
  constexpr std::size_t slack = 4'096;  // of the row that crosses the end
  const auto expected = std::min(left_bytes_, piece_bytes);
  left_bytes_ -= expected;
  auto& piece = pieces_.back();
  piece.reserve((expected > 0 ? expected : piece_bytes) + slack);
  prefer_huge_pages(piece.data(), piece.capacity());
}

}  // namespace weir::state
