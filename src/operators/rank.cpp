#include <weir/error.hpp>
#include <weir/rank.hpp>

namespace weir::ranks {

void check_count(std::uint32_t count) {
  if (count > 0) return;
  throw failure{errc::invalid_graph, "highest(0) and lowest(0) keep nothing: the count must be positive"};
}

}  // namespace weir::ranks
