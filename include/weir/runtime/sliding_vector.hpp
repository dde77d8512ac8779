#pragma once
/// A vector that loses elements at its front as cheaply as at its back.

#include <cstddef>
#include <utility>
#include <vector>

namespace weir {

/// What a list cell keeps per key: 32 bytes while it is empty. Elements are contiguous; any change may move them.
/// Cost: pop_front() is O(1) amortised.
template <class T>
class sliding_vector {
 public:
  using value_type = T;

  [[nodiscard]] std::size_t size() const noexcept { return items_.size() - front_; }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  [[nodiscard]] T* begin() noexcept { return items_.data() + front_; }
  [[nodiscard]] T* end() noexcept { return items_.data() + items_.size(); }
  [[nodiscard]] const T* begin() const noexcept { return items_.data() + front_; }
  [[nodiscard]] const T* end() const noexcept { return items_.data() + items_.size(); }

  void assign(std::vector<T> items) noexcept {
    items_ = std::move(items);
    front_ = 0;
  }
  T& push_back(T item) { return items_.emplace_back(std::move(item)); }
  /// Precondition: index <= size(). Returns the first of the inserted ones.
  T* insert(std::size_t index, std::size_t count, const T& item) {
    return &*items_.insert(items_.begin() + static_cast<std::ptrdiff_t>(front_ + index), count, item);
  }
  /// Precondition: !empty().
  void pop_back() { items_.pop_back(); }
  /// Precondition: !empty().
  void pop_front() {
    [[maybe_unused]] const T gone =
        std::move(items_[front_]);  // whatever it owns ends now, not at the next shift
    ++front_;
    if (2 * front_ >= items_.size()) drop_front();
  }
  template <class Predicate>
  std::size_t erase_if(Predicate&& is_unwanted) {
    drop_front();
    return std::erase_if(items_, std::forward<Predicate>(is_unwanted));
  }

 private:
  void drop_front() {
    items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(front_));
    front_ = 0;
  }

  std::vector<T> items_;
  std::size_t front_ = 0;  ///< elements before it are moved-from
};

}  // namespace weir
