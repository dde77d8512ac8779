#pragma once
/// One behavior in virtual time, without threads.

#include <weir/behavior.hpp>
#include <weir/job.hpp>
#include <weir/runtime/behavior_runner.hpp>
#include <weir/runtime/features.hpp>
#include <weir/runtime/transform.hpp>
#include <weir/testing/stage.hpp>
#include <weir/watermarks.hpp>

#include <capnp/message.h>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::testing {

namespace detail {

template <class Range>
concept range_of_owned = std::ranges::input_range<Range> && requires(std::ranges::range_value_t<Range> one) {
  []<record T>(const owned<T>&) {}(one);
};

}  // namespace detail

/// Runs one B: sends it records and time, takes what it emits.
///
///   weir::testing::probe<watch_airport> p;
///   p.key("ORD").send(late_flights(5, 12h)).advance_watermark(14h);
///   CHECK(p.take<Storm>().size() == 1);
///
/// Records go to the handler of their type. Nothing but the calls of a test moves time: event time by the records and
/// advance_watermark(), the machine's clock by advance_clock(). The same calls give the same output, always.
template <class B>
class probe {
  using key_type = typename weir::detail::key_of_behavior<B>::type;

 public:
  /// `args` go to the behavior's constructor.
  template <class... Args>
    requires std::is_constructible_v<B, Args...>
  explicit probe(Args&&... args) : probe{probe_options{}, std::forward<Args>(args)...} {}
  template <class... Args>
    requires std::is_constructible_v<B, Args...>
  explicit probe(const probe_options& options, Args&&... args)
      : stage_{outputs(), options}, runner_{std::make_unique<B>(std::forward<Args>(args)...)} {
    runner_.open(stage_.host());
    runner_.begin();
  }
  probe(const probe&) = delete;
  probe& operator=(const probe&) = delete;

  /// The key of the records, questions and state that follow.
  template <class Key>
    requires is_keyed<B> && std::constructible_from<key_type, Key>
  probe& key(Key&& value) {
    key_.emplace(std::forward<Key>(value));
    return *this;
  }
  /// From now on the key of a T is what `getter` finds in it, as in a job.
  template <record T, class Getter>
    requires is_keyed<B> && std::is_invocable_v<const Getter&, typename T::Reader>
  probe& key_by(Getter getter) {
    getters_[record_type::of<T>().id()].key = [getter](capnp::AnyStruct::Reader from) {
      return key_from(std::invoke(getter, from.as<T>()));
    };
    return *this;
  }

  /// The event time of the records that follow and have none of their own. At first 1970-01-01.
  probe& at(instant when) {
    at_us_ = when.micros();
    return *this;
  }
  /// From now on the event time of a T is what `getter` finds in it and the watermark follows by `strategy`, as in a job.
  template <record T, class Getter>
    requires std::is_invocable_v<const Getter&, typename T::Reader>
  probe& event_time(Getter getter, watermark_strategy strategy, time_unit unit = time_unit::millis) {
    auto& of_type = getters_[record_type::of<T>().id()];
    of_type.watermarks.emplace(strategy);
    of_type.event_time_us = [getter, unit](capnp::AnyStruct::Reader from) {
      return weir::detail::event_time_micros(std::invoke(getter, from.as<T>()), unit);
    };
    return *this;
  }

  /// The same with watermarks that records announce.
  template <record T, class Getter, class Announce>
    requires std::is_invocable_v<const Getter&, typename T::Reader>
  probe& event_time(Getter getter, announced_watermarks<Announce> announced,
                    time_unit unit = time_unit::millis) {
    event_time<T>(std::move(getter), announced.terms, unit);
    getters_[record_type::of<T>().id()].announced_us = [announce = std::move(announced.announce),
                                                        unit](capnp::AnyStruct::Reader from) {
      return weir::detail::announced_micros(std::invoke(announce, from.as<T>()), unit);
    };
    return *this;
  }

  /// Sends a record that `fill(T::Builder)` fills.
  template <record T, class Fill>
    requires std::is_invocable_v<Fill, typename T::Builder>
  probe& send(Fill&& fill) {
    return send(make<T>(std::forward<Fill>(fill)));
  }
  template <record T, class Fill>
    requires std::is_invocable_v<Fill, typename T::Builder>
  probe& send_at(instant when, Fill&& fill) {
    return send(make_at<T>(when, std::forward<Fill>(fill)));
  }
  /// Sends records in one batch.
  template <record T, std::same_as<owned<T>>... More>
  probe& send(const owned<T>& first, const More&... more) {
    return send(std::vector<owned<T>>{first, more...});
  }
  template <detail::range_of_owned Range>
  probe& send(const Range& records) {
    using type = typename std::ranges::range_value_t<Range>::record_of;
    static_assert(handles_record<B, type> || handles_batch<B, type>,
                  "weir: the behavior has no handler for records of this type: give it a public "
                  "`void on(Record::Reader)`");
    const std::vector<owned<type>> sent(std::ranges::begin(records), std::ranges::end(records));
    if constexpr (handles_record<B, type> || handles_batch<B, type>) send_all(sent);
    return *this;
  }

  /// No record at or before `when` will come any more: the event-time timers up to it fire.
  probe& advance_watermark(instant when) {
    watermark_us_ = std::max(watermark_us_, when.micros());
    stage_.advance_watermark(watermark_us_);
    return *this;
  }
  /// The machine's clock moves on, from one due timer to the next.
  probe& advance_clock(duration by) {
    stage_.advance_clock(by.count());
    return *this;
  }
  /// The input ends: every timer fires, then on_end() is called. Nothing may be sent after it.
  probe& end() {
    stage_.fire_all_timers();
    runner_.end();
    has_ended_ = true;
    return *this;
  }

  /// The Ts emitted to their output since the last call, in order.
  template <record T>
  [[nodiscard]] std::vector<owned<T>> take() {
    constexpr auto port = B::outputs::template port_of_type<T>();
    static_assert(port != weir::detail::no_port,
                  "weir: take<T>(): the behavior declares no output of that type");
    return taken<T>(port);
  }
  /// The records emitted to the side output of that name since the last call.
  template <fixed_name Name>
  [[nodiscard]] auto take() {
    constexpr auto port = B::outputs::template port_of_name<Name>();
    if constexpr (port == weir::detail::no_port)
      static_assert(weir::detail::never<B>,
                    "weir: take<\"name\">(): the behavior declares no side output of that name");
    else
      return taken<typename B::outputs::template type_at<port>>(port);
  }
  /// What the behavior rejected so far.
  [[nodiscard]] const std::vector<rejection>& rejected() const noexcept { return stage_.rejected(); }

  /// Asks a question that `fill(Question::Builder)` fills.
  template <record Question, record Answer, class Fill>
  [[nodiscard]] owned<Answer> ask(Fill&& fill) {
    static_assert(handles_question<B, Question, Answer>,
                  "weir: the behavior has no handler for the question: give it a public "
                  "`void on(Question::Reader, Answer::Builder)`");
    const owned<Question> question{std::forward<Fill>(fill)};
    capnp::MallocMessageBuilder answer;
    std::string key_bytes;
    const auto key = current_key(key_bytes);
    if (!runner_.ask(record_type::of<Question>().id(), key, capnp::AnyStruct::Reader{*question},
                     answer.getRoot<capnp::AnyPointer>()))
      throw failure{errc::not_found, "the behavior does not declare weir::ask<" +
                                         std::string{record_type::of<Question>().name()} + ", " +
                                         std::string{record_type::of<Answer>().name()} + ">"};
    return owned<Answer>{answer.getRoot<Answer>().asReader()};
  }

  /// True: some state cell of the key (of the instance, where B is not keyed) holds something.
  [[nodiscard]] bool has_state() {
    select();
    auto& state = stage_.host().state();
    auto found = false;
    for (cell_id cell = 0; cell < state.cells().size(); ++cell) found = found || state.find(cell) != nullptr;
    return found;
  }
  /// Keys that have state or a timer.
  [[nodiscard]] std::size_t keys() { return stage_.host().state().keys(); }
  /// Timers of all keys that are set.
  [[nodiscard]] std::size_t timers() { return stage_.host().state().timers(); }
  /// The behavior, with the key selected: for a look at its cells.
  [[nodiscard]] B& behavior() {
    select();
    return runner_.behavior();
  }
  [[nodiscard]] processing_time now() const { return processing_time{duration{stage_.now_us()}}; }
  /// How often probe_options::refuse_offers stopped the behavior.
  [[nodiscard]] std::uint64_t stops() const noexcept { return stage_.stops(); }

 private:
  /// What a test said about the records of one type.
  struct type_getters {
    std::function<key_type(capnp::AnyStruct::Reader)> key;
    std::function<std::int64_t(capnp::AnyStruct::Reader)> event_time_us;
    std::optional<watermark_generator> watermarks;
    std::function<std::optional<std::int64_t>(capnp::AnyStruct::Reader)> announced_us;
  };

  static std::vector<record_type> outputs() {
    graph_node node;
    weir::detail::describe_outputs<B>(node, std::type_identity<weir::detail::features_of_t<B>>{});
    std::vector<record_type> types;
    for (const auto& output : node.outputs) types.push_back(output.type);
    return types;
  }

  template <class Found>
  static key_type key_from(const Found& found) {
    std::string buffer;
    return key_type{key_codec<key_type>::decode(key_codec<key_type>::encode(found, buffer))};
  }

  template <record T>
  void send_all(const std::vector<owned<T>>& sent) {
    if (has_ended_) throw failure{errc::invalid_argument, "probe: nothing can be sent after end()"};
    auto& getters = getters_[record_type::of<T>().id()];
    std::vector<input_record> records;
    std::vector<std::uint64_t> hashes;
    for (const auto& one : sent)
      records.push_back(timed(capnp::AnyStruct::Reader{*one}, one.when(), getters));
    if constexpr (is_keyed<B>) {
      std::string buffer;
      for (const auto& one : sent)
        hashes.push_back(
            key_hash(key_codec<key_type>::encode(key_of(capnp::AnyStruct::Reader{*one}, getters), buffer)));
    }
    auto extract = [&](typename T::Reader from) { return key_of(capnp::AnyStruct::Reader{from}, getters); };
    for (const auto& view : stage_.batches_of(record_type::of<T>(), records, hashes))
      stage_.consume(view,
                     [&](std::uint32_t from) { return runner_.template consume<T>(extract, view, from); });
    if (getters.watermarks) stage_.advance_watermark(merged_watermark_us());
  }

  input_record timed(capnp::AnyStruct::Reader content, std::optional<weir::event_time> own,
                     type_getters& getters) {
    input_record made{content, at_us_, 0};
    if (getters.event_time_us) made.event_time_us = getters.event_time_us(content);
    if (own) made.event_time_us = own->time_since_epoch().count();
    if (getters.watermarks && !getters.announced_us) getters.watermarks->observe(made.event_time_us);
    made.watermark_us = merged_watermark_us();
    if (getters.announced_us)
      if (const auto said = getters.announced_us(content)) getters.watermarks->announce(*said);
    return made;
  }

  /// What advance_watermark() said or, where it is later, what the slowest of the strategies says.
  [[nodiscard]] std::int64_t merged_watermark_us() const {
    auto slowest_us = time_max_us;
    for (const auto& [type, getters] : getters_)
      if (getters.watermarks) slowest_us = std::min(slowest_us, getters.watermarks->current_us());
    return slowest_us == time_max_us ? watermark_us_ : std::max(watermark_us_, slowest_us);
  }

  auto key_of(capnp::AnyStruct::Reader from, const type_getters& getters) const {
    if constexpr (is_keyed<B>) {
      if (getters.key) return getters.key(from);
      if (!key_)
        throw failure{errc::invalid_argument,
                      "probe: the behavior is keyed: call key(...) or key_by(...) first"};
      return *key_;
    }
  }

  std::string_view current_key(std::string& buffer) const {
    if constexpr (is_keyed<B>) {
      if (!key_) throw failure{errc::invalid_argument, "probe: the behavior is keyed: call key(...) first"};
      return key_codec<key_type>::encode(*key_, buffer);
    }
    return buffer;
  }

  void select() {
    if constexpr (is_keyed<B>) {
      const auto key = current_key(selected_);
      stage_.host().state().select(key_hash(key), key);
    }
  }

  template <record T>
  std::vector<owned<T>> taken(std::uint32_t port) {
    std::vector<owned<T>> all;
    for (const auto& view : stage_.take(port)) {
      const auto records = view.content().template records<T>();
      for (std::uint32_t position = 0; position < view.size(); ++position) {
        const auto index = view.index(position);
        const auto watermark_us = std::min(view.content().watermarks()[index], view.watermark_max_us());
        all.emplace_back(records[index], weir::event_time{duration{view.content().event_times()[index]}},
                         weir::event_time{duration{watermark_us}});
      }
    }
    return all;
  }

  stage stage_;
  behavior_runner<B> runner_;
  std::conditional_t<is_keyed<B>, std::optional<key_type>, no_key> key_{};
  std::map<std::uint64_t, type_getters> getters_;  ///< by record type
  std::int64_t at_us_ = 0;
  std::int64_t watermark_us_ = time_min_us;
  bool has_ended_ = false;
  std::string selected_;
};

}  // namespace weir::testing
