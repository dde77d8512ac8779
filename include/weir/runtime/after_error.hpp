#pragma once
/// Keeps one mistake of an author at one compiler error.

#include <weir/operator_options.hpp>
#include <weir/record.hpp>
#include <weir/runtime/features.hpp>
#include <weir/sink.hpp>

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
  after_error connect(const auto&) const { return {}; }
  after_error merge(const auto&) const { return {}; }
  after_error broadcast() const { return {}; }
  after_error rebalance() const { return {}; }
  void sink(const std::string&, const sink_spec&, const operator_options& = {}) const {}
  void into(const auto&, std::uint32_t = 0) const {}
};

}  // namespace detail

}  // namespace weir
