#pragma once
/// What an author derives from: behavior and keyed_behavior.
///
///   struct watch_airport : weir::keyed_behavior<std::string, Storm> {   // keyed by text, emits Storm
///     void on(Flight::Reader flight) { ... emit<Storm>([&](Storm::Builder out) { ... }); }
///     void on(weir::timer) { ... }
///   };
///
/// Handlers are public. The runtime calls, where they exist:
///
///   void open()                                     once, before the first record; not again in a later life of the
///                                                   instance: what each life needs belongs into the constructor
///   void on(Record::Reader)                         for every record of that type; or
///   void on(Record::Reader, weir::from_input<1>)    for those of that input, where several have this record type; or
///   void on(weir::batch_of<Record>)                 for every batch of that type (not in a keyed_behavior)
///   void on(weir::timer)                            when a timer is due
///   void on(Question::Reader, Answer::Builder)      for a question that weir::ask<Question, Answer> declares
///   void on_end()                                   once, after the last record and the last timer
///
/// Calls never overlap, and a behavior is never shared between threads: it needs no locks.

#include <weir/key.hpp>
#include <weir/runtime/behavior_host.hpp>
#include <weir/runtime/cell.hpp>
#include <weir/runtime/features.hpp>
#include <weir/time.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir {

/// What a timer handler is told.
struct timer {
  std::string_view name;  ///< holds until the handler returns
  clock_kind clock{};
  std::int64_t deadline_us = 0;
  bool at_end =
      false;  ///< the input has ended and every timer fires: one that sets itself again must stop here

  /// Precondition: clock == clock_kind::event.
  [[nodiscard]] weir::event_time event_time() const noexcept {
    return weir::event_time{duration{deadline_us}};
  }
};

/// Says in a handler's signature on which input of its operator a record came in: `a.connect(b)` counts them from 0.
template <std::size_t Input>
struct from_input {};

namespace detail {

/// Has a T filled and emits it to output `port`; `when`: its event time, where it is not that of what is being handled.
template <record T, class Fill, std::same_as<weir::event_time>... When>
void emit_record(behavior_host& host, std::uint32_t port, Fill&& fill, When... when) {
  if (host.is_unused(port)) return host.count_unused();
  auto out = host.begin_emit(port);
  try {
    std::forward<Fill>(fill)(out.template as<T>());
  } catch (...) {
    host.abandon_emit(port);
    throw;
  }
  host.end_emit(port, when.time_since_epoch().count()...);
}

}  // namespace detail

/// What behavior and keyed_behavior share: the verbs.
template <class... Features>
class basic_behavior : public cell_owner {
 public:
  using outputs = detail::output_list<Features...>;

  /// Called by the runtime before anything else.
  void bind(behavior_host& host) noexcept { host_ = &host; }

 protected:
  /// Emits a T: `fill` gets its builder. The record carries the event time of what is being handled.
  template <record T, class Fill>
  void emit(Fill&& fill) {
    constexpr auto port = outputs::template port_of_type<T>();
    if constexpr (port == detail::no_port)
      static_assert(detail::never<T>,
                    "weir: emit<T>: T is not among the outputs that this behavior declares: "
                    "add it to the list behind behavior<> or keyed_behavior<>");
    else if constexpr (!std::is_invocable_v<Fill, typename T::Builder>)
      static_assert(detail::never<T>, "weir: emit<T>: the function that fills the record takes a T::Builder");
    else
      detail::emit_record<T>(*host_, port, std::forward<Fill>(fill));
  }

  /// Emits to the side output of that name: `emit<"late">([&](Flight::Builder out) { ... })`.
  template <fixed_name Name, class Fill>
  void emit(Fill&& fill) {
    constexpr auto port = outputs::template port_of_name<Name>();
    if constexpr (port == detail::no_port) {
      static_assert(detail::never<Fill>,
                    "weir: emit<\"name\">: this behavior declares no side output of that name: "
                    "add weir::side<\"name\", Record> to the list behind behavior<> or keyed_behavior<>");
    } else {
      using type = typename outputs::template type_at<port>;
      if constexpr (!std::is_invocable_v<Fill, typename type::Builder>)
        static_assert(detail::never<Fill>,
                      "weir: emit<\"name\">: the function that fills the record takes a Builder of the "
                      "side output's record type");
      else
        detail::emit_record<type>(*host_, port, std::forward<Fill>(fill));
    }
  }

  /// The record being handled, a T, passes on to the output of its type unchanged and without a copy.
  template <record T>
  void forward() {
    constexpr auto port = outputs::template port_of_type<T>();
    if constexpr (port == detail::no_port)
      static_assert(detail::never<T>,
                    "weir: forward<T>: T is not among the outputs that this behavior declares: "
                    "add it to the list behind behavior<> or keyed_behavior<>");
    else
      host_->forward(port);
  }

  /// The same to the side output of that name.
  template <fixed_name Name>
  void forward() {
    constexpr auto port = outputs::template port_of_name<Name>();
    if constexpr (port == detail::no_port)
      static_assert(detail::never<std::integral_constant<std::uint32_t, port>>,
                    "weir: forward<\"name\">: this behavior declares no side output of that name: "
                    "add weir::side<\"name\", Record> to the list behind behavior<> or keyed_behavior<>");
    else
      host_->forward(port);
  }

  /// When the record being handled happened; in a timer handler, the timer's time.
  [[nodiscard]] weir::event_time event_time() const noexcept {
    return weir::event_time{duration{host_->event_time_us()}};
  }
  /// No record at or before it will come any more, late ones aside.
  [[nodiscard]] weir::event_time watermark() const noexcept {
    return weir::event_time{duration{host_->watermark_us()}};
  }
  /// The machine's clock.
  [[nodiscard]] processing_time now() const { return processing_time{duration{host_->now_us()}}; }
  /// 64 random bits from the instance's seed.
  [[nodiscard]] std::uint64_t random() noexcept { return host_->random(); }

  /// Sets or moves the timer of that name, per key. It fires once the watermark has reached `when`, and at the latest
  /// when the input ends; if the watermark is there already, before the next record.
  void set_timer(std::string_view name, weir::event_time when) {
    host_->set_timer(name, clock_kind::event, when.time_since_epoch().count());
  }
  /// Sets or moves the timer of that name, per key. It fires once the machine's clock has reached `when`, or when the
  /// input ends; after that none is set any more.
  void set_timer(std::string_view name, processing_time when) {
    host_->set_timer(name, clock_kind::processing, when.time_since_epoch().count());
  }
  /// Cancels the timers of that name, on both clocks.
  void cancel_timer(std::string_view name) {
    host_->cancel_timer(name, clock_kind::event);
    host_->cancel_timer(name, clock_kind::processing);
  }

  /// The record being handled goes to the dead letters. Return from the handler after it.
  void reject(std::string_view reason) { host_->reject(reason); }

  [[nodiscard]] behavior_host& host() const noexcept { return *host_; }

 private:
  behavior_host* host_ = nullptr;
};

/// A behavior whose state and timers belong to the whole instance. Features: the records it emits, side<>, ask<>.
template <class... Features>
class behavior : public basic_behavior<Features...> {};

/// A behavior whose state and timers belong to the key of the record being handled.
template <key_like Key, class... Features>
class keyed_behavior : public basic_behavior<Features...> {
 public:
  using key_type = Key;

 protected:
  /// The key of the record or timer being handled. A text key holds until the handler returns.
  [[nodiscard]] typename key_codec<Key>::view key() const {
    return key_codec<Key>::decode(this->host().state().key());
  }
};

}  // namespace weir
