#pragma once
/// What all state cells of a behavior have in common: a name, a description, and a place in the instance's state.

#include <weir/runtime/keyed_state.hpp>

#include <span>
#include <string_view>
#include <vector>

namespace weir {

class cell;

/// Base of every behavior: knows the cells that are its members, in the order of their declaration.
class cell_owner {
 public:
  cell_owner(const cell_owner&) = delete;
  cell_owner& operator=(const cell_owner&) = delete;

  [[nodiscard]] std::span<cell* const> cells() const noexcept { return cells_; }

 protected:
  cell_owner() = default;
  ~cell_owner() = default;

 private:
  friend class cell;

  std::vector<cell*> cells_;
};

/// A named piece of state of a behavior: an object per key. The typed ones are in state.hpp.
/// Confined to the actor that runs its owner; usable in handlers only: anywhere else every access throws
/// failure(behavior_failed).
class cell {
 public:
  cell(const cell&) = delete;
  cell& operator=(const cell&) = delete;

  [[nodiscard]] const cell_descriptor& descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] std::string_view name() const noexcept { return descriptor_.name; }

  /// Declares the cell in `state`, where its objects are from now on. `state` must outlive every use.
  void bind(keyed_state& state);

 protected:
  /// Registers with its owner, which must outlive it. Throws failure(invalid_graph) if it has no name.
  cell(cell_owner& owner, cell_descriptor descriptor, const cell_operations& operations);
  ~cell();

  /// The selected key's object, or null.
  [[nodiscard]] void* find() const {
    auto& state = selected_state();
    return expires() ? state.find_fresh(id_) : state.find(id_);
  }
  [[nodiscard]] void* find_or_make() const {
    auto& state = selected_state();
    return expires() ? state.find_or_make_fresh(id_) : state.find_or_make(id_);
  }
  void erase() const { selected_state().erase(id_); }

  /// Throws failure(behavior_failed): `state cell 'open': <what>`.
  [[noreturn]] void fail(std::string_view what) const;

 private:
  [[nodiscard]] keyed_state& selected_state() const {
    if (state_ == nullptr || !state_->is_selected()) [[unlikely]]
      fail_outside_handler();
    return *state_;
  }
  [[nodiscard]] bool expires() const noexcept { return operations_.expires_after_us != 0; }
  [[noreturn]] void fail_outside_handler() const;

  cell_owner& owner_;
  keyed_state* state_ = nullptr;
  cell_id id_ = 0;
  cell_descriptor descriptor_;
  cell_operations operations_;
};

}  // namespace weir
