#include <weir/error.hpp>
#include <weir/runtime/cell.hpp>

#include <string>
#include <utility>

namespace weir {

cell::cell(cell_owner& owner, cell_descriptor descriptor, const cell_operations& operations)
    : owner_{owner}, descriptor_{std::move(descriptor)}, operations_{operations} {
  if (descriptor_.name.empty())
    throw failure{errc::invalid_graph, "a state cell has no name: name it, a snapshot finds it by its name"};
  owner.cells_.push_back(this);
}

cell::~cell() { std::erase(owner_.cells_, this); }

void cell::bind(keyed_state& state) {
  id_ = state.declare(descriptor_, operations_);
  state_ = &state;
}

void cell::fail(std::string_view what) const {
  throw failure{errc::behavior_failed, "state cell '" + descriptor_.name + "': " + std::string{what}};
}

void cell::fail_outside_handler() const {
  fail(state_ == nullptr ? "used before the instance runs; state belongs to a key, use it in handlers only"
                         : "used outside a handler, where there is no key; use it in handlers only");
}

}  // namespace weir
