#pragma once
/// From a behavior's type and its inputs to a node of the graph, or to one error that says what is wrong.

#include <weir/runtime/describe.hpp>
#include <weir/runtime/graph.hpp>
#include <weir/runtime/typed_logic.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace weir::detail {

template <class B>
struct key_of_behavior {
  using type = void;
};
template <is_keyed B>
struct key_of_behavior<B> {
  using type = typename B::key_type;
};

template <class... Features>
constexpr bool outputs_differ(std::type_identity<std::tuple<std::type_identity<Features>...>>) {
  using outputs = output_list<Features...>;
  const auto is_first = []<class Feature>(std::type_identity<Feature>, std::uint32_t port) {
    using output = feature_output<Feature>;
    if constexpr (!output::is_output || !output::name.empty())
      return true;
    else
      return outputs::template port_of_type<typename output::type>() == port;
  };
  std::uint32_t port = 0;
  return (true && ... &&
          is_first(std::type_identity<Features>{}, feature_output<Features>::is_output ? port++ : port));
}

template <class B, class... Features>
constexpr bool questions_handled(std::type_identity<std::tuple<std::type_identity<Features>...>>) {
  return (true && ... && feature_ask<Features>::template is_handled<B>);
}

/// B has a handler for the records of each input.
template <class B, class... Ins>
consteval bool handles_inputs() {
  return []<std::size_t... I>(std::index_sequence<I...>) {
    return ((handles_any_record<B, typename Ins::record_of> || handles_batch<B, typename Ins::record_of> ||
             handles_input<B, typename Ins::record_of, I>)&&...);
  }(std::index_sequence_for<Ins...>{});
}

/// True if a B runs on inputs of these streams and is made with these arguments; one error says why not.
/// Ins: stream types with `record_of` and `key_of` (void where unkeyed).
template <class B, class... Ins>
struct behavior_check {
  template <class... Args>
  static consteval bool holds() {
    if constexpr (!is_behavior<B>)
      static_assert(
          never<B>,
          "weir: spawn: a behavior derives from weir::behavior<> or weir::keyed_behavior<>, publicly");
    else if constexpr (!handles_inputs<B, Ins...>())
      static_assert(never<B, Ins...>,
                    "weir: the behavior has no handler for the stream's records: give it a public "
                    "`void on(Record::Reader)`");
    else if constexpr (is_keyed<B> && (std::is_void_v<typename Ins::key_of> || ...))
      static_assert(never<B, Ins...>,
                    "weir: a keyed_behavior runs on keyed streams: call key_by(...) before spawn");
    else if constexpr (is_keyed<B> &&
                       !(std::is_same_v<typename Ins::key_of, typename key_of_behavior<B>::type> && ...))
      static_assert(never<B, Ins...>,
                    "weir: what key_by finds is not of the keyed_behavior's key type: make the two the same");
    else if constexpr (is_keyed<B> && (handles_batch<B, typename Ins::record_of> || ...))
      static_assert(
          never<B, Ins...>,
          "weir: a keyed_behavior handles one record at a time: on(batch_of<Record>) is for behavior<>");
    else if constexpr (!outputs_differ(std::type_identity<features_of_t<B>>{}))
      static_assert(
          never<B>,
          "weir: the behavior declares two outputs of one type: name one with weir::side<\"name\", Record>");
    else if constexpr (!questions_handled<B>(std::type_identity<features_of_t<B>>{}))
      static_assert(never<B>,
                    "weir: ask<Question, Answer> is declared without its handler: give the behavior a public "
                    "`void on(Question::Reader, Answer::Builder)`");
    else if constexpr (!std::is_constructible_v<B, const std::decay_t<Args>&...>)
      static_assert(never<B, Args...>,
                    "weir: spawn: the behavior has no constructor that takes copies of these arguments");
    else
      return true;
    return false;
  }
};

template <class B, class... Features>
void describe_outputs(graph_node& node, std::type_identity<std::tuple<std::type_identity<Features>...>>) {
  [[maybe_unused]] const auto add = [&]<class Feature>(std::type_identity<Feature>) {
    using output = feature_output<Feature>;
    if constexpr (output::is_output)
      node.outputs.push_back(
          {record_type::of<typename output::type>(), std::string{output::name}, output::is_optional});
  };
  (add(std::type_identity<Features>{}), ...);
}

/// The node of a B on `inputs`, not yet connected. `args` are kept, and copied into each instance.
template <class B, class... Ins, class... Args>
graph_node make_transform(const std::tuple<Ins...>& inputs, Args&&... args) {
  graph_node node;
  node.kind = node_kind::transform;
  node.description = readable_name(typeid(B).name());
  node.keyed = is_keyed<B>;
  if constexpr (is_keyed<B>)
    if constexpr (is_state<typename B::key_type>()) node.key_type = describe<typename B::key_type>();
  (node.inputs.push_back(record_type::of<typename Ins::record_of>()), ...);
  if constexpr (is_behavior<B>) describe_outputs<B>(node, std::type_identity<features_of_t<B>>{});
  if constexpr (behavior_check<B, Ins...>::template holds<Args...>()) {
    auto typed = std::apply([](const auto&... in) { return std::tuple{in.input()...}; }, inputs);
    node.make_logic = [typed = std::move(typed), kept = std::tuple<std::decay_t<Args>...>{std::forward<Args>(
                                                     args)...}]() -> std::unique_ptr<operator_logic> {
      auto behavior = std::apply([](const auto&... a) { return std::make_unique<B>(a...); }, kept);
      return std::apply(
          [&]<class... In>(const In&... in) {
            return std::make_unique<typed_logic<B, In...>>(std::move(behavior), std::tuple<In...>{in...});
          },
          typed);
    };
  }
  return node;
}

}  // namespace weir::detail
