#include "nexmark/generator/event_streams.hpp"

#include "core/system_clocks.hpp"
#include "nexmark/generator/generator.hpp"
#include <weir/behavior.hpp>
#include <weir/runtime/bytes.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace nexmark {
namespace {

/// Every lanes-th run of lane_events events. How many lanes there are stays as it was when the job first began.
struct lane {
  std::uint32_t number = 0;
  std::uint32_t lanes = 1;
  std::uint64_t next = 0;  ///< event

  [[nodiscard]] static lane first_of(std::uint32_t number, std::uint32_t lanes) noexcept {
    return {number, lanes, number * lane_events};
  }
  void pass(std::uint64_t count) noexcept {
    next += count;
    if (next % lane_events == 0) next += (lanes - 1) * lane_events;
  }
};

/// How far the events are made. A range is small and stands for many events: what is on its way must be counted in these,
/// or a barrier stands behind seconds of work. Only the pace depends on it. Thread-safe.
class made_events {
 public:
  static constexpr std::uint64_t ahead_max = 200'000;  ///< events

  void reached(std::uint64_t event) noexcept {
    auto known = reached_.load(std::memory_order_relaxed);
    while (known < event && !reached_.compare_exchange_weak(known, event, std::memory_order_relaxed)) {}
  }
  [[nodiscard]] std::uint64_t reached() const noexcept { return reached_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> reached_{0};
};

class range_reader final : public weir::source_reader {
 public:
  range_reader(const event_settings& settings, const weir::source_split& split,
               std::shared_ptr<std::atomic<std::int64_t>> started_us, std::shared_ptr<made_events> made)
      : settings_{settings},
        instance_{split.instance},
        parallelism_{split.parallelism},
        started_us_{std::move(started_us)},
        made_{std::move(made)} {
    lanes_.push_back(lane::first_of(split.instance, split.parallelism));
  }

  weir::result<weir::read_status> read(weir::record_appender& out) override {
    if (!std::exchange(has_begun_, true)) begin();
    while (out.wants_more()) {
      auto* from = earliest();
      if (from == nullptr || from->next >= settings_.events) return weir::read_status::end;
      const auto first = from->next;
      if (first > made_->reached() + made_events::ahead_max + from->lanes * lane_events)
        return weir::read_status::empty;
      const auto end = std::min(
          {settings_.next_of_later_ms(first), (first / lane_events + 1) * lane_events, settings_.events});
      auto range = out.append().as<EventRange>();
      range.setDateTime(settings_.time_ms(first));
      range.setFirst(first);
      range.setCount(static_cast<std::uint32_t>(end - first));
      out.commit();
      from->pass(end - first);
    }
    return weir::read_status::more;
  }

  [[nodiscard]] std::optional<std::string> bookmark() const override {
    std::string bookmark;
    weir::byte_writer to{bookmark};
    for (const auto& one : lanes_) {
      to.put(one.number);
      to.put(one.lanes);
      to.put(one.next);
    }
    return bookmark;
  }
  weir::result<void> resume(std::span<const std::string> bookmarks) override {
    lanes_.clear();
    for (const auto& bookmark : bookmarks) {
      weir::byte_reader from{bookmark};
      while (!from.is_done()) {
        lane one;
        one.number = from.take<std::uint32_t>();
        one.lanes = from.take<std::uint32_t>();
        one.next = from.take<std::uint64_t>();
        if (from.has_failed() || one.lanes == 0)
          return weir::error{weir::errc::corrupt_input, "a bookmark of the event source is damaged"};
        if (one.number % parallelism_ == instance_) lanes_.push_back(one);
      }
    }
    return {};
  }
  [[nodiscard]] std::string position() const override {
    return "event " + std::to_string(lanes_.empty() ? settings_.events : first()->next);
  }
  [[nodiscard]] double progress() const override {
    if (lanes_.empty() || settings_.events == 0) return 1;
    return std::min(static_cast<double>(first()->next) / static_cast<double>(settings_.events), 1.0);
  }

 private:
  void begin() {
    if (const auto* const from = earliest(); from != nullptr) made_->reached(from->next);
    std::int64_t nobody = 0;
    if (started_us_ != nullptr) started_us_->compare_exchange_strong(nobody, weir::system_wall_us());
  }
  [[nodiscard]] std::vector<lane>::const_iterator first() const {
    return std::min_element(lanes_.begin(), lanes_.end(),
                            [](const lane& a, const lane& b) { return a.next < b.next; });
  }
  [[nodiscard]] lane* earliest() {
    return lanes_.empty() ? nullptr : &lanes_[static_cast<std::size_t>(first() - lanes_.begin())];
  }

  event_settings settings_;
  std::uint32_t instance_;
  std::uint32_t parallelism_;
  std::vector<lane> lanes_;
  std::shared_ptr<std::atomic<std::int64_t>> started_us_;
  std::shared_ptr<made_events> made_;
  bool has_begun_ = false;
};

/// Makes the events of a range. Without state: the numbers say it all. Where several kinds are read, their batches leave
/// together, so that a join does not wait for auctions of which a batch is full only when the bids for them are long there.
class generate_events : public weir::behavior<Person, Auction, Bid> {
 public:
  generate_events(std::shared_ptr<const generator> events, std::shared_ptr<made_events> made)
      : events_{std::move(events)}, progress_{std::move(made)} {}

  void on(EventRange::Reader range) {
    const auto time_ms = range.getDateTime();
    const auto make = [&]<class Event>(std::type_identity<Event>, std::uint64_t n) {
      emit<Event>([&](typename Event::Builder out) {
        events_->fill(n, time_ms, out);
        ++made_;
      });
    };
    generator::for_each(
        range.getFirst(), range.getCount(), [&](auto n) { make(std::type_identity<Person>{}, n); },
        [&](auto n) { make(std::type_identity<Auction>{}, n); },
        [&](auto n) { make(std::type_identity<Bid>{}, n); });
    progress_->reached(range.getFirst() + range.getCount());
    if (made_ < events_per_batch) return;
    made_ = 0;
    if (used_outputs() > 1) host().flush();
  }

 private:
  static constexpr std::uint64_t events_per_batch = 1000;

  [[nodiscard]] int used_outputs() const {
    constexpr std::uint32_t kinds = 3;
    int used = 0;
    for (std::uint32_t port = 0; port < kinds; ++port) used += host().is_unused(port) ? 0 : 1;
    return used;
  }

  std::shared_ptr<const generator> events_;
  std::shared_ptr<made_events> progress_;
  std::uint64_t made_ = 0;  ///< since batches left together; no output depends on it
};

weir::source_of<EventRange> event_ranges(const event_settings& settings,
                                         const std::shared_ptr<std::atomic<std::int64_t>>& started_us,
                                         const std::shared_ptr<made_events>& made) {
  return {{weir::record_type::of<EventRange>(), "events of nexmark",
           [=](const weir::source_split& split) -> weir::result<std::unique_ptr<weir::source_reader>> {
             return std::unique_ptr<weir::source_reader>{
                 std::make_unique<range_reader>(settings, split, started_us, made)};
           },
           false}};
}

}  // namespace

event_streams add_events(weir::job& job, const event_settings& settings, std::uint32_t parallelism,
                         const std::shared_ptr<std::atomic<std::int64_t>>& started_us) {
  const auto reached = std::make_shared<made_events>();
  const auto made =
      job.source("events", event_ranges(settings, started_us, reached), {.parallelism = parallelism})
          .event_time(&EventRange::Reader::getDateTime, weir::in_order())
          .spawn<generate_events>("generate", {.parallelism = parallelism},
                                  std::make_shared<const generator>(settings), reached);
  return {made.output<Person>(), made.output<Auction>(), made.output<Bid>()};
}

}  // namespace nexmark
