// expect: weir: a state type must be a number, .*never a pointer
#include <weir/state.hpp>

#include <memory>

struct behavior : weir::cell_owner {
  weir::value<std::unique_ptr<int>> owned{*this, "owned"};
};

behavior made;
