#pragma once
/// From an author's typed behavior to operator_logic.

#include <weir/runtime/behavior_runner.hpp>
#include <weir/runtime/operator_logic.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir {

/// Stands where an input has no key.
struct no_key {};

/// One input of a behavior: its record type and, where it is keyed, how a record's key is found.
template <record T, class Extract = no_key>
struct typed_input {
  using type = T;
  Extract extract;
};

/// Drives a B whose inputs are `Inputs` (typed_input<...>, in the order of the graph's input ports).
template <class B, class... Inputs>
class typed_logic final : public operator_logic {
 public:
  typed_logic(std::unique_ptr<B> behavior, std::tuple<Inputs...> inputs)
      : runner_{std::move(behavior)}, inputs_{std::move(inputs)} {}

  void open(behavior_host& host) override { runner_.open(host); }
  void begin() override { runner_.begin(); }

  std::uint32_t consume(std::uint32_t input, const batch_view& view, std::uint32_t from) override {
    auto stopped = from;
    const auto consume_input = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
      auto& one = std::get<I>(inputs_);
      stopped =
          runner_.template consume<typename std::decay_t<decltype(one)>::type, I>(one.extract, view, from);
    };
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((input == I ? consume_input(std::integral_constant<std::size_t, I>{}) : void()), ...);
    }(std::index_sequence_for<Inputs...>{});
    return stopped;
  }

  void end() override { runner_.end(); }

  bool ask(std::uint64_t type, std::string_view key, capnp::AnyStruct::Reader question,
           capnp::AnyPointer::Builder answer) override {
    return runner_.ask(type, key, question, answer);
  }

 private:
  behavior_runner<B> runner_;
  std::tuple<Inputs...> inputs_;
};

}  // namespace weir
