// expect: success
#include <weir/state.hpp>

#include <string>

struct behavior : weir::cell_owner {
  struct line {
    std::uint64_t number = 0;
    std::string text;
  };
  weir::value<line> last{*this, "last"};
};

behavior made;
