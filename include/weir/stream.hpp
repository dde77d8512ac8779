#pragma once
/// Streams: records of one type on their way from one operator to others.

#include <weir/key.hpp>
#include <weir/operator_options.hpp>
#include <weir/runtime/after_error.hpp>
#include <weir/runtime/graph.hpp>
#include <weir/runtime/stateless.hpp>
#include <weir/runtime/transform.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir {

template <record T>
class stream;
template <record T, key_like Key, class Extract>
class keyed_stream;
template <class B>
class spawned;

namespace detail {

/// Where a stream comes from: an output of an operator.
struct origin {
  std::uint32_t node = 0;
  std::uint32_t output = 0;
};

/// Adds an operator and leads the inputs to it, in their order.
template <class B, class... Ins, class... Args>
spawned<B> add_operator(graph& g, const std::string& name, const operator_options& options,
                        const std::tuple<Ins...>& inputs, Args&&... args) {
  auto node = make_transform<B>(inputs, std::forward<Args>(args)...);
  const auto added = g.add(name, options.parallelism, options.restart, std::move(node));
  std::uint32_t input = 0;
  std::apply([&](const auto&... in) { (in.lead_to(added, input++), ...); }, inputs);
  return spawned<B>{g, added};
}

}  // namespace detail

/// Several streams that lead into one behavior, which has a handler for the records of each.
template <class... Ins>
class connected {
 public:
  explicit connected(std::tuple<Ins...> inputs) : inputs_{std::move(inputs)} {}

  template <class Other>
  [[nodiscard]] connected<Ins..., Other> connect(const Other& other) const {
    return connected<Ins..., Other>{std::tuple_cat(inputs_, std::tuple<Other>{other})};
  }

  /// Runs a B on these records. `args` are copied to the constructor of each instance.
  template <class B, class... Args>
  spawned<B> spawn(const std::string& name, const operator_options& options = {}, Args&&... args) const {
    return detail::add_operator<B>(std::get<0>(inputs_).of(), name, options, inputs_,
                                   std::forward<Args>(args)...);
  }

 private:
  std::tuple<Ins...> inputs_;
};

/// What a stream is to the operator behind it: records of one type, from some outputs, by some routing.
template <record T>
class stream_end {
 public:
  using record_of = T;
  using key_of = void;

  stream_end(graph& g, std::vector<detail::origin> origins, routing how)
      : graph_{&g}, origins_{std::move(origins)}, how_{how} {}

  /// Runs a B on these records. `args` are copied to the constructor of each instance.
  template <class B, class... Args>
  spawned<B> spawn(const std::string& name, const operator_options& options = {}, Args&&... args) const {
    return detail::add_operator<B>(*graph_, name, options, std::tuple<stream_end>{*this},
                                   std::forward<Args>(args)...);
  }

  /// One behavior with a handler for the records of each: `a.connect(b).spawn<B>("name")`.
  template <class Other>
  [[nodiscard]] connected<stream_end, Other> connect(const Other& other) const {
    return connected<stream_end, Other>{std::tuple<stream_end, Other>{*this, other}};
  }

  /// For operators: the graph under construction, how they see this input, and the edges to it.
  [[nodiscard]] graph& of() const noexcept { return *graph_; }
  [[nodiscard]] typed_input<T> input() const { return {}; }
  void lead_to(std::uint32_t node, std::uint32_t input) const { add_edges(node, input, {}); }

 protected:
  void add_edges(std::uint32_t node, std::uint32_t input, const key_hasher& hash) const {
    for (const auto& from : origins_)
      graph_->edges.push_back({from.node, from.output, node, input, how_, hash});
  }

  graph* graph_;
  std::vector<detail::origin> origins_;
  routing how_;
};

/// Records of one type, partitioned by a key.
template <record T, key_like Key, class Extract>
class keyed_stream : public stream_end<T> {
 public:
  using key_of = Key;

  keyed_stream(stream_end<T> from, Extract extract)
      : stream_end<T>{std::move(from)}, extract_{std::move(extract)} {
    this->how_ = routing::keyed;
  }

  /// Runs a B on these records: each key's always on the same instance. `args` are copied to the constructor of each.
  template <class B, class... Args>
  spawned<B> spawn(const std::string& name, const operator_options& options = {}, Args&&... args) const {
    return detail::add_operator<B>(*this->graph_, name, options, std::tuple<keyed_stream>{*this},
                                   std::forward<Args>(args)...);
  }

  /// One behavior with a handler for the records of each: `a.connect(b).spawn<B>("name")`.
  template <class Other>
  [[nodiscard]] connected<keyed_stream, Other> connect(const Other& other) const {
    return connected<keyed_stream, Other>{std::tuple<keyed_stream, Other>{*this, other}};
  }

  /// Joins these records, the left side, with those of `other` that have the same key: see join.hpp.
  template <class Other>
  [[nodiscard]] auto join(const Other& other) const;
  /// One record per key, the first or the last: see deduplicate.hpp.
  [[nodiscard]] auto deduplicate() const;
  /// The `count` records of each key with the highest, or lowest, `by(Reader)`: see rank.hpp.
  template <class By>
  [[nodiscard]] auto highest(std::uint32_t count, By by) const;
  template <class By>
  [[nodiscard]] auto lowest(std::uint32_t count, By by) const;
  /// Records of a key in windows: `.window(weir::tumbling(1min)).aggregate<Out>(...)`, see windowed.hpp.
  template <class Windows>
  [[nodiscard]] auto window(Windows windows) const;

  /// For operators: the same records where they come from, not yet dealt out by key, and on how many instances that is.
  [[nodiscard]] stream_end<T> before_exchange() const {
    return {*this->graph_, this->origins_, routing::forward};
  }
  [[nodiscard]] std::uint32_t producers() const {
    return this->graph_->nodes[this->origins_.front().node].parallelism;
  }

  [[nodiscard]] typed_input<T, Extract> input() const { return {extract_}; }
  void lead_to(std::uint32_t node, std::uint32_t input) const { this->add_edges(node, input, hasher()); }

 private:
  [[nodiscard]] key_hasher hasher() const {
    return [extract = extract_, buffer = std::string{}](const batch_view& view,
                                                        std::vector<std::uint64_t>& hashes) mutable {
      const auto records = view.content().template records<T>();
      hashes.resize(view.size());
      for (std::uint32_t position = 0; position < view.size(); ++position)
        hashes[position] = key_hash(key_codec<Key>::encode(extract(records[view.index(position)]), buffer));
    };
  }

  Extract extract_;
};

/// Records of one type on their way.
template <record T>
class stream : public stream_end<T> {
 public:
  stream(graph& g, std::uint32_t node, std::uint32_t output)
      : stream_end<T>{g, {{node, output}}, routing::forward} {}

  /// Partitions by what `getter` finds in a record: `&Flight::Reader::getOrigin`, or a function of a Reader.
  template <class Getter>
  [[nodiscard]] auto key_by(Getter getter) const;

  /// Every instance of the next operator gets every record.
  [[nodiscard]] stream_end<T> broadcast() const {
    return {*this->graph_, this->origins_, routing::broadcast};
  }
  /// Batches are dealt out round robin, also where both sides have the same parallelism.
  [[nodiscard]] stream_end<T> rebalance() const {
    return {*this->graph_, this->origins_, routing::rebalance};
  }
  /// The records of both.
  [[nodiscard]] stream merge(const stream& other) const {
    auto both = *this;
    both.origins_.insert(both.origins_.end(), other.origins_.begin(), other.origins_.end());
    return both;
  }

  /// Keeps the records for which `predicate(Reader)` holds. Costs no copy.
  template <class Predicate>
  stream filter(const std::string& name, Predicate predicate, const operator_options& options = {}) const;
  /// One Out per record: `function(Reader, Out::Builder)`.
  template <record Out, class Function>
  stream<Out> map(const std::string& name, Function function, const operator_options& options = {}) const;
  /// Any number of Outs per record: `function(Reader, emit)`, where `emit([&](Out::Builder out) { ... })` emits one.
  template <record Out, class Function>
  stream<Out> flat_map(const std::string& name, Function function,
                       const operator_options& options = {}) const;

  /// All records in windows, whatever their key: on one instance. See windowed.hpp.
  template <class Windows>
  [[nodiscard]] auto window_all(Windows windows) const;

  /// Leads the records to a sink.
  void sink(std::string name, sink_spec spec, operator_options options = {}) const {
    graph_node node;
    node.kind = node_kind::sink;
    node.description = spec.description;
    node.inputs.push_back(record_type::of<T>());
    node.sink = std::move(spec);
    this->lead_to(this->graph_->add(std::move(name), options.parallelism, options.restart, std::move(node)),
                  0);
  }

  /// Adds these records to input `input` of an operator that exists already.
  template <class B>
  void into(const spawned<B>& target, std::uint32_t input = 0) const {
    this->lead_to(target.node(), input);
  }
};

namespace detail {

template <class B, std::uint32_t Port>
struct main_stream_of : stream<typename B::outputs::template type_at<Port>> {
  main_stream_of(graph& g, std::uint32_t node)
      : stream<typename B::outputs::template type_at<Port>>{g, node, Port} {}
};
struct no_main_stream {
  no_main_stream(graph&, std::uint32_t) {}
};

template <class B>
constexpr auto main_stream() {
  if constexpr (!is_behavior<B>)
    return std::type_identity<no_main_stream>{};
  else if constexpr (constexpr auto port = B::outputs::main_port(); port == no_port)
    return std::type_identity<no_main_stream>{};
  else
    return std::type_identity<main_stream_of<B, port>>{};
}

}  // namespace detail

/// An operator in the graph, and its outputs. Where just one of them has no name, it is that output's stream, too.
template <class B>
class spawned : public decltype(detail::main_stream<B>())::type {
 public:
  spawned(graph& g, std::uint32_t node)
      : decltype(detail::main_stream<B>())::type{g, node}, all_{&g}, node_{node} {}

  /// The output of that record type.
  template <record T>
  [[nodiscard]] stream<T> output() const {
    constexpr auto port = B::outputs::template port_of_type<T>();
    static_assert(port != detail::no_port, "weir: output<T>(): the behavior declares no output of that type");
    return {*all_, node_, port};
  }
  /// The side output of that name.
  template <fixed_name Name>
  [[nodiscard]] auto output() const {
    constexpr auto port = B::outputs::template port_of_name<Name>();
    if constexpr (port == detail::no_port)
      return no_such_output();
    else
      return stream<typename B::outputs::template type_at<port>>{*all_, node_, port};
  }
  [[nodiscard]] std::uint32_t node() const noexcept { return node_; }

 private:
  template <class Spawned = spawned>
  static detail::after_error no_such_output() {
    static_assert(detail::never<Spawned>,
                  "weir: output<\"name\">(): the behavior declares no side output of that name");
    return {};
  }

  graph* all_;
  std::uint32_t node_;
};

template <record T>
template <class Getter>
auto stream<T>::key_by(Getter getter) const {
  if constexpr (!std::is_invocable_v<const Getter&, typename T::Reader>) {
    static_assert(detail::never<Getter>,
                  "weir: key_by: the function takes a Reader of the stream's record type: "
                  "&Record::Reader::getField, or a lambda");
    return detail::after_error{};
  } else {
    auto extract = [getter](const typename T::Reader& from) { return std::invoke(getter, from); };
    using key = key_type_of_t<decltype(extract(std::declval<typename T::Reader>()))>;
    if constexpr (key_like<key>) {
      return keyed_stream<T, key, decltype(extract)>{*this, std::move(extract)};
    } else {
      static_assert(detail::never<key>,
                    "weir: key_by: a key is a text, an integer, an enum, or a tuple of these");
      return detail::after_error{};
    }
  }
}

template <record T>
template <class Predicate>
stream<T> stream<T>::filter(const std::string& name, Predicate predicate,
                            const operator_options& options) const {
  if constexpr (std::predicate<Predicate&, typename T::Reader>) {
    using behavior = filter_behavior<T, Predicate>;
    return this->template spawn<behavior>(name, options, std::move(predicate)).template output<T>();
  } else {
    static_assert(
        detail::never<Predicate>,
        "weir: filter: the predicate takes a Reader of the stream's record type and returns a bool");
    return *this;
  }
}

template <record T>
template <record Out, class Function>
stream<Out> stream<T>::map(const std::string& name, Function function,
                           const operator_options& options) const {
  if constexpr (std::is_invocable_v<Function&, typename T::Reader, typename Out::Builder>) {
    using behavior = map_behavior<T, Out, Function>;
    return this->template spawn<behavior>(name, options, std::move(function)).template output<Out>();
  } else {
    static_assert(
        detail::never<Function>,
        "weir: map<Out>: the function takes a Reader of the stream's record type and an Out::Builder");
    return {*this->graph_, 0, 0};
  }
}

template <record T>
template <record Out, class Function>
stream<Out> stream<T>::flat_map(const std::string& name, Function function,
                                const operator_options& options) const {
  if constexpr (std::is_invocable_v<Function&, typename T::Reader, emitter<Out>>) {
    using behavior = flat_map_behavior<T, Out, Function>;
    return this->template spawn<behavior>(name, options, std::move(function)).template output<Out>();
  } else {
    static_assert(
        detail::never<Function>,
        "weir: flat_map<Out>: the function takes a Reader of the stream's record type and an emit function "
        "(`const auto& emit`)");
    return {*this->graph_, 0, 0};
  }
}

}  // namespace weir
