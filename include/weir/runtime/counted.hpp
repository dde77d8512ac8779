#pragma once
/// Reference counting inside the object: one allocation, one word per handle.

#include <atomic>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace weir {

/// Gives `Derived` a reference count. Handles may live in several threads.
template <class Derived>
class counted {
 public:
  counted() = default;
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;

  void retain() const noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() const noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete static_cast<const Derived*>(this);
  }

 private:
  mutable std::atomic<std::uint32_t> references_{0};
};

/// A shared handle to a counted object.
template <class T>
class counted_ptr {
 public:
  counted_ptr() = default;
  explicit counted_ptr(T* object) noexcept : object_{object} {
    if (object_ != nullptr) object_->retain();
  }
  counted_ptr(const counted_ptr& other) noexcept : counted_ptr{other.object_} {}
  counted_ptr(counted_ptr&& other) noexcept : object_{std::exchange(other.object_, nullptr)} {}
  template <class U>
    requires(std::is_convertible_v<U*, T*>)
  counted_ptr(const counted_ptr<U>& other) noexcept : counted_ptr{other.get()} {}
  counted_ptr& operator=(counted_ptr other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~counted_ptr() {
    if (object_ != nullptr) object_->release();
  }

  [[nodiscard]] T* get() const noexcept { return object_; }
  T& operator*() const noexcept { return *object_; }
  T* operator->() const noexcept { return object_; }
  explicit operator bool() const noexcept { return object_ != nullptr; }

 private:
  T* object_ = nullptr;
};

template <class T, class... Args>
[[nodiscard]] counted_ptr<T> make_counted(Args&&... args) {
  return counted_ptr<T>{new T(std::forward<Args>(args)...)};
}

}  // namespace weir
