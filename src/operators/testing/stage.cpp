#include <weir/error.hpp>
#include <weir/testing/stage.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace weir::testing {
namespace {

/// Both are structs of one schema.
void copy(capnp::AnyStruct::Reader from, capnp::AnyStruct::Builder to) {
  const auto data = from.getDataSection();
  auto room = to.getDataSection();
  std::memcpy(room.begin(), data.begin(), std::min(data.size(), room.size()));
  const auto pointers = from.getPointerSection();
  auto places = to.getPointerSection();
  for (capnp::uint i = 0; i < std::min(pointers.size(), places.size()); ++i) places[i].set(pointers[i]);
}

}  // namespace

stage::stage(std::vector<record_type> outputs, const probe_options& options)
    : options_{options},
      memory_{std::make_shared<buffer_pool>()},
      now_us_{options.start.time_since_epoch().count()},
      emitted_(outputs.size()) {
  host_settings settings;
  settings.instance = "probe/0";
  settings.outputs = std::move(outputs);
  if (options_.one_record_batches || options_.refuse_offers) settings.limits.records_max = 1;
  settings.pool = memory_;
  settings.now = [this] { return now_us_; };
  settings.seed = options_.seed;
  settings.dead_letter = [this](const dead_letter& letter) -> result<void> {
    rejected_.push_back({std::string{letter.reason}, std::string{letter.content}});
    return {};
  };
  host_ = std::make_unique<behavior_host>(std::move(settings), static_cast<emission_target&>(*this));
}

stage::~stage() = default;

std::vector<batch_view> stage::batches_of(const record_type& type, const std::vector<input_record>& records,
                                          const std::vector<std::uint64_t>& hashes) {
  batch_limits limits;
  if (options_.one_record_batches) limits.records_max = 1;
  batch_writer writer{type, limits, batch_writer::columns{}, memory_};
  std::vector<batch_view> views;
  std::size_t first = 0;
  const auto close = [&](std::size_t end) {
    auto sealed = writer.seal();
    if (hashes.empty()) return views.emplace_back(std::move(sealed)), void();
    auto chosen = make_counted<selection>();
    for (std::uint32_t index = 0; first + index < end; ++index) {
      chosen->indices.push_back(index);
      chosen->hashes.push_back(hashes[first + index]);
    }
    first = end;
    views.emplace_back(std::move(sealed), selection_ptr{chosen});
  };
  for (std::size_t i = 0; i < records.size(); ++i) {
    copy(records[i].content, writer.append());
    writer.commit(records[i].event_time_us, records[i].watermark_us);
    if (writer.full() || i + 1 == records.size()) close(i + 1);
  }
  return views;
}

void stage::consume(const batch_view& view, const std::function<std::uint32_t(std::uint32_t)>& consume_from) {
  std::uint32_t position = 0;
  until_done([&] {
    host_->begin_view(view, time_max_us);
    position = consume_from(position);
    if (position < view.size()) return false;
    host_->end_view();
    return true;
  });
}

void stage::advance_watermark(std::int64_t watermark_us) {
  until_done([&] { return host_->advance_watermark(watermark_us); });
}

void stage::advance_clock(std::int64_t duration_us) {
  const auto target_us = now_us_ + std::max<std::int64_t>(duration_us, 0);
  while (host_->state().next_deadline(clock_kind::processing) <= target_us) {
    now_us_ = std::max(now_us_, host_->state().next_deadline(clock_kind::processing));
    until_done([&] { return host_->fire_processing_timers(now_us_); });
  }
  now_us_ = target_us;
}

void stage::fire_all_timers() {
  until_done([&] { return host_->advance_watermark(time_max_us); });
  until_done([&] { return host_->fire_all_timers(); });
}

std::vector<batch_view> stage::take(std::uint32_t port) {
  host_->flush();
  relieve();
  return std::exchange(emitted_[port], {});
}

void stage::deliver(std::uint32_t port, batch_view records) {
  emitted_[port].push_back(std::move(records));
  if (options_.refuse_offers) set_congested(true);
}

void stage::until_done(const std::function<bool()>& step) {
  while (!step()) {
    if (!is_congested())
      throw failure{errc::behavior_failed, "the consume loop stopped although nothing is congested"};
    relieve();
    ++stops_;
  }
  relieve();
}

void stage::relieve() { set_congested(false); }

}  // namespace weir::testing
