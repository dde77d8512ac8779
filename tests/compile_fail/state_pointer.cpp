// expect: weir: a state type must be a number, .*never a pointer
#include <weir/state.hpp>

struct behavior : weir::cell_owner {
  weir::value<int*> where{*this, "where"};
};

behavior made;
