// expect: weir: a state type must be a number, .*never a pointer
#include <weir/state.hpp>

#include <string_view>

struct behavior : weir::cell_owner {
  struct line {
    std::uint64_t number = 0;
    std::string_view text;  // of a record that is gone when the handler returns
  };
  weir::value<line> last{*this, "last"};
};

behavior made;
