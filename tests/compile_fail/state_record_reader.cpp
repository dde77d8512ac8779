// expect: weir: a state type must be a number, .*never a pointer
#include <weir/state.hpp>

#include <capnp/blob.h>

#include <string>

struct behavior : weir::cell_owner {
  weir::map<std::string, capnp::Text::Reader> texts{*this, "texts"};
};

behavior made;
