#pragma once
/// Keeps one mistake of an author at one compiler error.

#include <weir/operator_options.hpp>
#include <weir/record.hpp>
#include <weir/runtime/features.hpp>
#include <weir/sink.hpp>
#include <weir/time.hpp>

#include <cstdint>
#include <string>

namespace weir {

namespace detail {

/// What a call returns that did not compile: all that may follow it compiles, so that the author sees one error.
struct after_error {
  template <class B, class... Args>
  after_error spawn(const std::string&, const operator_options& = {}, Args&&...) const {
    return {};
  }
  template <class Function>
  after_error filter(const std::string&, Function, const operator_options& = {}) const {
    return {};
  }
  template <record Out, class Function>
  after_error map(const std::string&, Function, const operator_options& = {}) const {
    return {};
  }
  template <record Out, class Function>
  after_error flat_map(const std::string&, Function, const operator_options& = {}) const {
    return {};
  }
  template <record T>
  after_error output() const {
    return {};
  }
  template <fixed_name Name>
  after_error output() const {
    return {};
  }
  after_error key_by(auto) const { return {}; }
  after_error window(auto) const { return {}; }
  after_error window_all(auto) const { return {}; }
  after_error two_phase(auto...) const { return {}; }
  template <record Out, class... Rest>
  after_error aggregate(const std::string&, const Rest&...) const {
    return {};
  }
  template <record Out, class... Rest>
  after_error aggregate(const std::string&, const operator_options&, const Rest&...) const {
    return {};
  }
  after_error connect(const auto&) const { return {}; }

  // joins, ranks, deduplication
  after_error join(const auto&) const { return {}; }
  after_error deduplicate() const { return {}; }
  after_error highest(std::uint32_t, auto) const { return {}; }
  after_error lowest(std::uint32_t, auto) const { return {}; }
  template <class Row>
  after_error keep(auto) const {
    return {};
  }
  template <class Row>
  after_error keep_left(auto) const {
    return {};
  }
  template <class Row>
  after_error keep_right(auto) const {
    return {};
  }
  after_error left_outer() const { return {}; }
  after_error right_outer() const { return {}; }
  after_error full_outer() const { return {}; }
  after_error where(auto) const { return {}; }
  after_error within(duration, duration) const { return {}; }
  after_error tumbling(duration) const { return {}; }
  after_error sliding(duration, duration) const { return {}; }
  after_error as_of() const { return {}; }
  after_error latest() const { return {}; }
  after_error expires_after(duration) const { return {}; }
  after_error unique_left() const { return {}; }
  after_error unique_right() const { return {}; }
  template <record Out>
  after_error emit(const std::string&, auto, const operator_options& = {}) const {
    return {};
  }
  after_error keep_first(const std::string&, const operator_options& = {}) const { return {}; }
  template <record Out>
  after_error keep_last(const std::string&, auto, const operator_options& = {}) const {
    return {};
  }

  after_error merge(const auto&) const { return {}; }
  after_error broadcast() const { return {}; }
  after_error rebalance() const { return {}; }
  void sink(const std::string&, const sink_spec&, const operator_options& = {}) const {}
  void into(const auto&, std::uint32_t = 0) const {}
};

}  // namespace detail

}  // namespace weir
