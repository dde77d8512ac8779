#pragma once
/// The state of a behavior, per key: value, list, map and reduce.
///
///   weir::value<storm> open{*this, "open"};                        // a member of the behavior, named
///   weir::value<int> tries{*this, "tries", weir::initially(3)};    // with a default
///   weir::value<int> last{*this, "last", weir::expires_after(1h)}; // gone where it was not touched for an hour
///   weir::list<weir::event_time> recent{*this, "recent"};
///   weir::map<std::string, std::uint64_t> hits{*this, "hits"};     // iterates in the order of its keys
///   weir::reduce<std::int64_t> total{*this, "total", std::plus<>{}};
///
/// A cell is about the key of the record or timer being handled. What it may hold says runtime/state_type.hpp: values
/// that can be written down, no pointers. References into a cell hold until the object is cleared, or changed in a way
/// that would end them in the standard container it resembles. A key whose cells are all clear takes no memory.
/// Errors of use throw failure(behavior_failed) with the cell's name.

#include <weir/runtime/describe.hpp>
#include <weir/runtime/sliding_vector.hpp>
#include <weir/runtime/typed_cell.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir {

/// One T per key, or none.
template <class T>
class value : public detail::cell_of<detail::storable<T>> {
  using stored_type = detail::storable<T>;

 public:
  /// Options: initially(x), expires_after(time).
  template <detail::cell_option<T>... Options>
  value(cell_owner& owner, std::string_view name, Options... options)
      : detail::cell_of<stored_type>{owner, detail::describe_cell<T>(name, cell_kind::value),
                                     detail::idle_us_of(options...)},
        initial_{detail::start_of<stored_type>(std::move(options)...)} {}

  /// Null if there is none.
  [[nodiscard]] stored_type* find() const { return this->find_object(); }
  [[nodiscard]] bool has_value() const { return find() != nullptr; }
  explicit operator bool() const { return has_value(); }

  /// Throws failure(behavior_failed) if there is none.
  stored_type& operator*() const {
    auto* found = find();
    if (found == nullptr) [[unlikely]]
      this->fail("this key has none; test it first, or use get() or get_or()");
    return *found;
  }
  stored_type* operator->() const { return &**this; }

  /// Made if there is none: what `initially` declared, else T{}.
  stored_type& get() {
    auto* found = find();
    if (found != nullptr) return *found;
    return store(initial_ ? initial_() : stored_type{});
  }
  /// Made by make() if there is none.
  template <std::invocable Make>
  stored_type& get_or(Make&& make) {
    auto* found = find();
    return found != nullptr ? *found : store(std::forward<Make>(make)());
  }
  /// `otherwise` if there is none; stores nothing.
  [[nodiscard]] stored_type value_or(stored_type otherwise) const {
    const auto* found = find();
    return found != nullptr ? *found : std::move(otherwise);
  }

  stored_type& set(stored_type stored) { return store(std::move(stored)); }
  value& operator=(stored_type stored) {
    store(std::move(stored));
    return *this;
  }
  void clear() { this->erase(); }

 private:
  stored_type& store(stored_type&& stored) {
    auto& place = this->object();
    place = std::move(stored);
    return place;
  }

  std::function<stored_type()> initial_;
};

/// A sequence of T per key, contiguous, cheap to change at both ends.
template <class T>
class list : public detail::cell_of<sliding_vector<detail::storable<T>>> {
  using element = detail::storable<T>;
  static_assert(!std::same_as<T, bool>,
                "weir: list<bool> has no elements to refer to; use list<std::uint8_t>");

 public:
  list(cell_owner& owner, std::string_view name) : list{owner, name, 0} {}
  list(cell_owner& owner, std::string_view name, expires_after option)
      : list{owner, name, detail::idle_us_of(option)} {}

  [[nodiscard]] std::size_t size() const { return items().size(); }
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] element* begin() const { return items().data(); }
  [[nodiscard]] element* end() const {
    const auto all = items();
    return all.data() + all.size();
  }
  /// All of them, in order.
  [[nodiscard]] std::span<element> items() const {
    auto* found = this->find_object();
    return found != nullptr ? std::span<element>{found->begin(), found->size()} : std::span<element>{};
  }

  /// These throw failure(behavior_failed) if there is no such element.
  [[nodiscard]] element& operator[](std::size_t index) const {
    const auto all = items();
    if (index >= all.size()) [[unlikely]]
      this->fail("no element " + std::to_string(index) + ", this key has " + std::to_string(all.size()));
    return all[index];
  }
  [[nodiscard]] element& front() const { return (*this)[0]; }
  [[nodiscard]] element& back() const { return (*this)[size() - 1]; }

  element& push_back(element item) { return this->object().push_back(std::move(item)); }
  /// In front of `position`, which is between begin() and end(). Returns the first of the inserted ones.
  element* insert(const element* position, element item) { return insert(position, 1, std::move(item)); }
  element* insert(const element* position, std::size_t count, const element& item) {
    const auto index = static_cast<std::size_t>(position - begin());
    return count == 0 ? begin() + index : this->object().insert(index, count, item);
  }
  /// Nothing happens if it is empty.
  void pop_front() {
    change([](auto& all) { all.pop_front(); });
  }
  void pop_back() {
    change([](auto& all) { all.pop_back(); });
  }
  /// How many were erased.
  template <std::predicate<const element&> Predicate>
  std::size_t erase_if(Predicate&& is_unwanted) {
    std::size_t erased = 0;
    change([&](auto& all) { erased = all.erase_if(is_unwanted); });
    return erased;
  }
  void clear() { this->erase(); }

 private:
  list(cell_owner& owner, std::string_view name, std::int64_t idle_us)
      : detail::cell_of<sliding_vector<element>>{owner, detail::describe_cell<T>(name, cell_kind::list),
                                                 idle_us} {}

  /// An empty list is none: a key must not stay because of it.
  template <class Change>
  void change(Change&& apply) {
    auto* found = this->find_object();
    if (found == nullptr) return;
    apply(*found);
    if (found->empty()) this->erase();
  }
};

/// A sorted map per key of the stream: like std::map, always in the order of its own keys.
template <class K, class T>
class map : public detail::cell_of<std::map<K, T, std::less<>>> {
  using stored_type = std::map<K, T, std::less<>>;

 public:
  using iterator = typename stored_type::iterator;

  map(cell_owner& owner, std::string_view name) : map{owner, name, 0} {}
  map(cell_owner& owner, std::string_view name, expires_after option)
      : map{owner, name, detail::idle_us_of(option)} {}

  [[nodiscard]] std::size_t size() const { return all().size(); }
  [[nodiscard]] bool empty() const { return all().empty(); }
  [[nodiscard]] iterator begin() const { return all().begin(); }
  [[nodiscard]] iterator end() const { return all().end(); }

  template <class Q>
  [[nodiscard]] iterator find(const Q& key) const {
    return all().find(as_key(key));
  }
  template <class Q>
  [[nodiscard]] iterator lower_bound(const Q& key) const {
    return all().lower_bound(as_key(key));
  }
  template <class Q>
  [[nodiscard]] bool contains(const Q& key) const {
    return all().contains(as_key(key));
  }
  /// Throws failure(behavior_failed) if there is none.
  template <class Q>
  [[nodiscard]] T& at(const Q& key) const {
    const auto found = find(key);
    if (found == end()) [[unlikely]]
      this->fail("no such sub-key; test it with contains() first");
    return found->second;
  }

  /// Made if there is none: T{}.
  T& operator[](K key) { return this->object()[std::move(key)]; }
  T& insert_or_assign(K key, T mapped) {
    return this->object().insert_or_assign(std::move(key), std::move(mapped)).first->second;
  }

  /// How many were erased: 0 or 1.
  template <class Q>
    requires(!std::convertible_to<const Q&, iterator>)
  std::size_t erase(const Q& key) {
    const auto found = find(key);
    if (found == end()) return 0;
    erase(found);
    return 1;
  }
  /// Returns the one behind it.
  iterator erase(iterator erased) {
    auto& stored = all();
    const auto next = stored.erase(erased);
    if (!stored.empty()) return next;
    clear();
    return end();
  }
  template <class Predicate>
  std::size_t erase_if(Predicate&& is_unwanted) {
    auto& stored = all();
    const auto erased = std::erase_if(stored, std::forward<Predicate>(is_unwanted));
    if (stored.empty()) clear();
    return erased;
  }
  void clear() { detail::cell_of<stored_type>::erase(); }

 private:
  map(cell_owner& owner, std::string_view name, std::int64_t idle_us)
      : detail::cell_of<stored_type>{owner, detail::describe_cell<T, K>(name, cell_kind::map), idle_us} {}

  /// An empty map is none, so that no key stays because of it; what is read then is none_.
  [[nodiscard]] stored_type& all() const {
    auto* found = this->find_object();
    return found != nullptr ? *found : none_;
  }
  template <class Q>
  static decltype(auto) as_key(const Q& key) {
    if constexpr (std::same_as<K, std::string> && std::convertible_to<const Q&, std::string_view>)
      return std::string_view{key};
    else if constexpr (std::same_as<Q, K>)
      return (key);
    else
      return K(key);
  }

  mutable stored_type none_;  ///< always empty
};

/// One T per key into which values are folded: `fold(T, x)` returns the next T. The first value added is the first T,
/// unless `initially` declares where to start.
template <class T, class Fold = std::function<T(const T&, const T&)>>
class reduce : public detail::cell_of<detail::storable<T>> {
  using stored_type = detail::storable<T>;

 public:
  /// Options: initially(x), expires_after(time).
  template <detail::cell_option<T>... Options>
  reduce(cell_owner& owner, std::string_view name, Fold fold, Options... options)
      : detail::cell_of<stored_type>{owner, detail::describe_cell<T>(name, cell_kind::reduce),
                                     detail::idle_us_of(options...)},
        fold_{std::move(fold)},
        initial_{detail::start_of<stored_type>(std::move(options)...)} {}
  template <detail::cell_option<T>... Options>
    requires(std::default_initializable<Fold> && !std::constructible_from<Fold, std::nullptr_t>)
  reduce(cell_owner& owner, std::string_view name, Options... options)
      : reduce{owner, name, Fold{}, std::move(options)...} {}

  /// Returns what it has become.
  template <class X>
  stored_type& add(X&& x) {
    auto* found = find();
    if (found != nullptr) return *found = fold_(std::as_const(*found), std::forward<X>(x));
    if (initial_) return store(fold_(std::as_const(initial_)(), std::forward<X>(x)));
    if constexpr (std::convertible_to<X, stored_type>)
      return store(std::forward<X>(x));
    else
      return store(fold_(stored_type{}, std::forward<X>(x)));
  }

  /// Null if nothing was added.
  [[nodiscard]] stored_type* find() const { return this->find_object(); }
  [[nodiscard]] bool has_value() const { return find() != nullptr; }
  explicit operator bool() const { return has_value(); }
  /// Where nothing was added: what `initially` declared, else T{}; stores nothing.
  [[nodiscard]] stored_type get() const {
    if (const auto* found = find(); found != nullptr) return *found;
    return initial_ ? initial_() : stored_type{};
  }
  void clear() { this->erase(); }

 private:
  stored_type& store(stored_type first) { return this->object() = std::move(first); }

  Fold fold_;
  std::function<stored_type()> initial_;
};

}  // namespace weir
