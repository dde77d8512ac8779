#include "core/iso_8601.hpp"
#include "operators/journal.hpp"
#include "operators/key_sketch.hpp"
#include "operators/record_image.hpp"
#include <weir/behavior.hpp>
#include <weir/runtime/behavior_host.hpp>

#include <algorithm>
#include <utility>

namespace weir {
namespace {

/// How many timers may be set and fire again once the input has ended. Timers that set timers come to an end; those
/// that go on for ever must not keep the job from ending without anybody noticing.
constexpr std::uint64_t timers_set_at_end_max = 1'000'000;

/// A larger record is not kept with its letter.
constexpr std::size_t letter_record_bytes_max = std::size_t{64} << 10;

/// A key for a person: text as it is, other bytes as `\x00`.
std::string shown_key(std::string_view key) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string shown;
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f)
      shown += c;
    else
      shown.append("\\x").append(1, digits[byte >> 4U]).append(1, digits[byte & 15U]);
  }
  return shown;
}

std::string shown_record(const record_cursor& cursor) {
  const auto& content = cursor.view->content();
  return to_text(content.any_records()[cursor.view->index(cursor.position)], content.type());
}

}  // namespace

behavior_host::behavior_host(host_settings settings, emission_target& target)
    : settings_{std::move(settings)},
      target_{target},
      state_{settings_.state ? settings_.state : std::make_shared<keyed_state>()},
      random_{settings_.seed} {
  state_->follow(&event_time_us_);
  for (const auto& type : settings_.outputs)
    writers_.push_back(
        std::make_unique<batch_writer>(type, settings_.limits, batch_writer::columns{}, settings_.pool));
  forwarded_.resize(writers_.size());
}

behavior_host::~behavior_host() = default;

capnp::AnyStruct::Builder behavior_host::begin_emit(std::uint32_t port) {
  auto& writer = *writers_[port];
  if (writer.has_open_record())
    throw failure{errc::behavior_failed,
                  settings_.instance + ": emit<" + std::string{writer.type().name()} +
                      "> inside of the function that fills another record of that output"};
  if (is_forwarding_) deliver_forwarded(port);
  return writer.append();
}

void behavior_host::end_emit(std::uint32_t port, std::int64_t event_time_us) {
  auto& writer = *writers_[port];
  writer.commit(event_time_us, output_watermark_us_);
  ++counters_.records_out;
  if (writer.full()) deliver_open(port);
}

void behavior_host::abandon_emit(std::uint32_t port) noexcept {
  if (writers_[port]->has_open_record()) writers_[port]->discard();
}

void behavior_host::deliver(std::uint32_t port, batch_view records) {
  if (!is_handling_ && !is_firing_ && !is_asking_) return target_.deliver(port, std::move(records));
  held_.push_back({port, std::move(records)});
  is_holding_ = true;
}

std::uint32_t behavior_host::sample_key(std::uint64_t hash, std::string_view key) {
  if (!frequent_keys_) frequent_keys_ = std::make_unique<key_sketch>();
  return frequent_keys_->add(hash, key);
}

void behavior_host::let_go() {
  is_holding_ = false;
  for (auto& one : std::exchange(held_, {})) target_.deliver(one.port, std::move(one.records));
  for (const auto& one : std::exchange(held_letters_, {}))
    write_letter({settings_.instance,
                  one.code,
                  one.reason,
                  {},
                  one.content,
                  one.key,
                  one.capsule,
                  0,
                  one.record.view()});
}

void behavior_host::deliver_open(std::uint32_t port) { deliver(port, batch_view{writers_[port]->seal()}); }

void behavior_host::pass(std::uint32_t port, const batch_view& view) {
  if (view.size() == 0) return;
  if (target_.is_unused(port)) {
    counters_.unused_out += view.size();
    return;
  }
  if (is_forwarding_) deliver_forwarded(port);
  if (writers_[port]->size() > 0) deliver_open(port);
  counters_.records_out += view.size();
  deliver(port, view.with_watermark_limit(others_us_));
}

void behavior_host::forward(std::uint32_t port) {
  if (cursor_.view == nullptr || cursor_.view->content().type() != writers_[port]->type())
    throw failure{errc::behavior_failed, settings_.instance + ": forward<" +
                                             std::string{writers_[port]->type().name()} +
                                             ">() where no record of that type is being handled: use emit"};
  if (target_.is_unused(port)) return count_unused();
  if (writers_[port]->size() > 0) deliver_open(port);
  auto& waiting = forwarded_[port];
  if (!waiting.chosen) {
    waiting.from = cursor_.view->with_watermark_limit(others_us_);
    waiting.chosen = make_counted<selection>();
    waiting.chosen->indices.reserve(cursor_.view->size() - cursor_.position);
    is_forwarding_ = true;
  }
  waiting.chosen->indices.push_back(cursor_.view->index(cursor_.position));
  ++counters_.records_out;
}

void behavior_host::deliver_forwarded(std::uint32_t port) {
  auto waiting = std::exchange(forwarded_[port], {});
  if (waiting.chosen) deliver(port, waiting.from.with_selection(selection_ptr{waiting.chosen}));
}

void behavior_host::deliver_forwarded() {
  is_forwarding_ = false;
  for (std::uint32_t port = 0; port < forwarded_.size(); ++port) deliver_forwarded(port);
}

void behavior_host::reject(std::string_view reason) {
  ++counters_.rejected;
  const auto content = cursor_.view == nullptr ? std::string{} : shown_record(cursor_);
  held_letters_.push_back({std::string{reason},
                           shown_key(),
                           content,
                           {},
                           errc::record_rejected,
                           is_handling_ ? record_at_cursor() : kept_record{}});
  is_holding_ = true;
  if (!is_handling_ && !is_firing_ && !is_asking_) let_go();
}

/// What an earlier life has written is not written again.
void behavior_host::write_letter(const dead_letter& letter) {
  if (settings_.log == nullptr || settings_.log->is_new_letter())
    if (auto written = settings_.dead_letter(letter); !written.ok())
      throw failure{std::move(written).failed()};
  if (settings_.log != nullptr) settings_.log->letter_done();
}

std::int64_t behavior_host::now_us() {
  return settings_.log == nullptr ? settings_.now() : settings_.log->reading(settings_.now, ticks_);
}

host_marks behavior_host::marks() const noexcept {
  return {watermark_us_, visible_watermark_us_, output_watermark_us_, event_time_us_, random_.state()};
}

void behavior_host::restore(const host_marks& marks) noexcept {
  watermark_us_ = marks.watermark_us;
  visible_watermark_us_ = marks.visible_watermark_us;
  output_watermark_us_ = marks.output_watermark_us;
  event_time_us_ = marks.event_time_us;
  random_ = random_sequence{marks.random};
}

std::string behavior_host::shown_key() const {
  return state_->is_selected() ? weir::shown_key(state_->key()) : std::string{};
}

/// At stop_tick_: whether that is the stop. Otherwise the watcher hears of the next tick.
bool behavior_host::must_stop() {
  if (ticks_ == requested_stop_ || watcher_ == nullptr) return true;
  watched_tick_ = ticks_ + 1;
  stop_tick_ = std::min(requested_stop_, watched_tick_);
  watcher_->tick_begins(*this);
  return false;
}

void behavior_host::skip_record() {
  ++ticks_;
  (void)is_poisoned();
}

/// The tick that has just begun is not to be handled: it becomes a dead letter.
bool behavior_host::is_poisoned() {
  const auto* poison = settings_.log == nullptr ? nullptr : settings_.log->poison_at(ticks_);
  if (poison == nullptr) return false;
  ++counters_.poisoned;
  const auto record = poison->is_timer ? kept_record{} : record_at_cursor();
  write_letter({settings_.instance,
                poison->why.code,
                poison->why.message,
                {},
                poison->content,
                poison->key,
                poison->capsule,
                0,
                record.view()});
  return true;
}

behavior_host::kept_record behavior_host::record_at_cursor() const {
  kept_record made;
  if (cursor_.view == nullptr || cursor_.position >= cursor_.view->size()) return made;
  const auto& content = cursor_.view->content();
  const auto index = cursor_.view->index(cursor_.position);
  auto image = image_of(content.any_records()[index], letter_record_bytes_max);
  made.bytes = std::move(image.bytes);
  made.shown.bytes_whole = image.bytes_whole;
  made.shown.type = content.type().name();
  if (content.event_times() != nullptr) made.shown.event_time_us = content.event_times()[index];
  return made;
}

void behavior_host::require_key(std::string_view verb) const {
  if (state_->is_selected()) return;
  throw failure{errc::behavior_failed, settings_.instance + ": " + std::string{verb} +
                                           " outside of a handler for records, timers or questions: a timer "
                                           "of a keyed_behavior belongs to a key"};
}

void behavior_host::cancel_timer(std::string_view name, clock_kind clock) {
  require_key("cancel_timer");
  state_->cancel_timer(name, clock);
}

void behavior_host::set_timer(std::string_view name, clock_kind clock, std::int64_t deadline_us) {
  require_key("set_timer");
  const auto comes_too_late = at_end_ && clock == clock_kind::processing;
  if (comes_too_late && !state_->cancel_timer(name, clock)) return;
  state_->set_timer(name, clock, deadline_us);
}

bool behavior_host::fire(clock_kind clock, std::int64_t limit_us) {
  if (limit_us == time_max_us && !std::exchange(at_end_, true))
    timers_left_at_end_ = state_->timers() + timers_set_at_end_max;
  const auto* const view = std::exchange(cursor_.view, nullptr);
  auto congested = false;
  while (!congested && state_->next_deadline(clock) <= limit_us) {
    if (ticks_ == stop_tick_ && must_stop()) break;
    const auto due = state_->take_due(clock, limit_us);
    if (!due) {
      if (watcher_ != nullptr) watch(ticks_, *watcher_);  // no tick has begun
      break;
    }
    begin_timer(*due);
    if (watcher_ != nullptr) watcher_->timer_fires(*this);
    if (!is_poisoned() && timer_handler_) timer_handler_(timer{firing_, clock, firing_deadline_us_, at_end_});
    is_firing_ = false;
    congested = end_record();
  }
  cursor_.view = view;
  return !congested && (ticks_ != requested_stop_ || state_->next_deadline(clock) > limit_us);
}

void behavior_host::begin_timer(const due_timer& due) {
  firing_ = due.name;
  firing_deadline_us_ = due.deadline_us;
  is_firing_ = true;
  is_handling_ = false;
  ++ticks_;
  ++counters_.timers_fired;
  if (at_end_) count_timer_at_end();
  if (due.clock == clock_kind::processing) {
    event_time_us_ = visible_watermark_us_ == time_min_us ? due.deadline_us : untimed_us();
    return;
  }
  event_time_us_ = due.deadline_us;
  const auto before_us = due.deadline_us == time_min_us ? time_min_us : due.deadline_us - 1;
  visible_watermark_us_ = std::max(visible_watermark_us_, due.deadline_us);
  output_watermark_us_ = std::max(output_watermark_us_, before_us);
}

void behavior_host::count_timer_at_end() {
  if (timers_left_at_end_-- > 0) return;
  throw failure{errc::limit_exceeded,
                settings_.instance + ": the input has ended, but " + std::to_string(timers_set_at_end_max) +
                    " timers were set since then, the last one '" + firing_ +
                    "': a periodic timer must not be set again where timer::at_end is true"};
}

bool behavior_host::fire_processing_timers(std::int64_t now_us) {
  return fire(clock_kind::processing, now_us);
}

bool behavior_host::fire_all_timers() {
  do {
    if (!fire(clock_kind::event, time_max_us) || !fire(clock_kind::processing, time_max_us)) return false;
  } while (state_->timers() > 0);
  return true;
}

void behavior_host::flush() {
  if (is_forwarding_) deliver_forwarded();
  for (std::uint32_t port = 0; port < writers_.size(); ++port)
    if (writers_[port]->size() > 0) deliver_open(port);
}

bool behavior_host::has_open_batches() const noexcept {
  return is_forwarding_ ||
         std::any_of(writers_.begin(), writers_.end(), [](const auto& writer) { return writer->size() > 0; });
}

std::string behavior_host::activity() const {
  if (is_firing_)
    return "timer '" + firing_ + "' of key '" + shown_key() + "', due " +
           iso_8601::to_text(firing_deadline_us_, time_unit::micros);
  if (cursor_.view == nullptr) return {};
  return "record " + std::to_string(cursor_.position + 1) + " of " + std::to_string(cursor_.view->size()) +
         ": " + std::string{cursor_.view->content().type().name()} + " " + shown_record(cursor_);
}

}  // namespace weir
