#pragma once
/// A list whose copies share its elements.

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace weir::detail {

/// Immutable; changed by putting another in its place. A copy costs a reference count, whatever it holds.
template <class T>
class shared_list {
 public:
  using value_type = T;

  shared_list() = default;
  explicit shared_list(std::vector<T> items)
      : items_{items.empty() ? nullptr : std::make_shared<const std::vector<T>>(std::move(items))} {}

  [[nodiscard]] std::size_t size() const noexcept { return items_ ? items_->size() : 0; }
  [[nodiscard]] const T* begin() const noexcept { return items_ ? items_->data() : nullptr; }
  [[nodiscard]] const T* end() const noexcept { return begin() + size(); }

 private:
  std::shared_ptr<const std::vector<T>> items_;  ///< null: empty
};

}  // namespace weir::detail
