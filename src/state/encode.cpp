#include <weir/error.hpp>
#include <weir/runtime/encode.hpp>

#include <string>

namespace weir::detail {

void fail_nesting() {
  throw failure{errc::limit_exceeded, "a state object holds lists, sets or maps more than " +
                                          std::to_string(nesting_max) +
                                          " deep in one another; keep its parts under keys of their own"};
}

void fail_inspect() {
  throw failure{errc::behavior_failed,
                "inspect() of a state object returned false while it was being written"};
}

}  // namespace weir::detail
