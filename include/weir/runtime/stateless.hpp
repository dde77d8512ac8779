#pragma once
/// The behaviors behind map, filter and flat_map.

#include <weir/behavior.hpp>
#include <weir/runtime/batch_of.hpp>

#include <functional>
#include <utility>

namespace weir {

/// Passes on the records for which the predicate holds: the same batch with a narrower selection.
template <record T, class Predicate>
class filter_behavior : public behavior<T> {
 public:
  explicit filter_behavior(Predicate predicate) : predicate_{std::move(predicate)} {}

  void on(batch_of<T> records) { this->host().pass(0, records.where(predicate_)); }

 private:
  Predicate predicate_;
};

/// One record out per record in.
template <record T, record Out, class Function>
class map_behavior : public behavior<Out> {
 public:
  explicit map_behavior(Function function) : function_{std::move(function)} {}

  void on(typename T::Reader in) {
    this->template emit<Out>([&](typename Out::Builder out) { std::invoke(function_, in, out); });
  }

 private:
  Function function_;
};

/// What flat_map's function emits with: `emit([&](Out::Builder out) { ... })`. Holds only during the call.
template <record Out>
class emitter {
 public:
  explicit emitter(behavior_host& host) : host_{host} {}

  template <class Fill>
  void operator()(Fill&& fill) const {
    detail::emit_record<Out>(host_, 0, std::forward<Fill>(fill));
  }

 private:
  behavior_host& host_;
};

/// Any number of records out per record in.
template <record T, record Out, class Function>
class flat_map_behavior : public behavior<Out> {
 public:
  explicit flat_map_behavior(Function function) : function_{std::move(function)} {}

  void on(typename T::Reader in) { std::invoke(function_, in, emitter<Out>{this->host()}); }

 private:
  Function function_;
};

}  // namespace weir
