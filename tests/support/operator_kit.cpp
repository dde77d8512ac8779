#include "support/operator_kit.hpp"

#include "state/row_run.hpp"
#include "state/state_store.hpp"
#include <weir/runtime/behavior_host.hpp>
#include <weir/runtime/keyed_state.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace weir::tests {
namespace {

/// A batch on its way to one input of an operator. Records of one channel carry its watermark.
struct kit_frame {
  std::uint32_t channel = 0;
  std::uint32_t input = 0;
  batch_view records;
  std::int64_t clock_us = 0;
};

struct kit_input {
  std::uint32_t channels = 0;
  std::vector<kit_frame> frames;
};

/// An operator's instance under test, over all its lives.
class kit_run final : private emission_target {
 public:
  kit_run(const graph_node& node, std::uint32_t channels, kit_habits habits)
      : node_{node}, habits_{habits}, watermarks_(channels, time_min_us) {
    begin_life(true);
  }

  kit_result run(const std::vector<kit_frame>& frames) {
    for (const auto& frame : frames)
      live([&] {
        pass_time(frame.clock_us);
        consume(frame);
      });
    live([&] { end(); });
    return std::move(result_);
  }

 private:
  static constexpr std::int64_t clock_start_us = 1'577'836'800'000'000;

  // --- lives --------------------------------------------------------------------------------------------------------

  /// A life on the state as it is; on a new one, over the rows of the store, if there is none.
  void begin_life(bool is_first) {
    logic_.reset();
    const auto is_new_state = !state_;
    if (is_new_state) {
      state_ = std::make_shared<keyed_state>();
      state_->attach(store_, {.operator_name = node_.name, .keyed = node_.keyed});
      if (habits_.dies) state_->keep_marks(true);
    } else {
      state_->begin_life();
    }
    host_settings settings;
    settings.instance = node_.name + "/0";
    for (const auto& output : node_.outputs) settings.outputs.push_back(output.type);
    if (habits_.one_record_batches) settings.limits.records_max = 1;
    settings.pool = memory_;
    settings.now = [this] { return now_us_; };
    settings.seed = 7;
    settings.state = state_;
    settings.dead_letter = [this](const dead_letter& letter) -> result<void> {
      result_.rejected.emplace_back(letter.reason);
      return {};
    };
    host_ = std::make_unique<behavior_host>(std::move(settings), static_cast<emission_target&>(*this));
    logic_ = node_.make_logic();
    logic_->open(*host_);
    if (is_new_state)
      if (auto restored = state_->restore(); !restored.ok()) throw failure{restored.failed()};
    if (is_first)
      logic_->begin();
    else
      host_->restore(marks_);
  }

  template <class Step>
  void live(Step&& step) {
    if (habits_.dies) live_in_vain(step);
    step();
    host_->flush();
    marks_ = host_->marks();
    if (!habits_.restores) return;
    state_->deselect();
    if (auto changed = state_->take_changes()) store_->hand_over(std::move(changed));
    state_.reset();
    begin_life(false);
  }

  template <class Step>
  void live_in_vain(Step&& step) {
    const auto clock_us = now_us_;
    const auto watermarks = watermarks_;
    const auto before = std::pair{result_.deliveries.size(), result_.rejected.size()};
    marks_ = host_->marks();
    state_->deselect();
    state_->mark();
    step();
    state_->deselect();
    if (auto reverted = state_->revert(); !reverted.ok()) throw failure{reverted.failed()};
    now_us_ = clock_us;
    watermarks_ = watermarks;
    result_.deliveries.resize(before.first);
    result_.rejected.resize(before.second);
    begin_life(false);
    result_.deliveries.resize(before.first);
  }

  // --- a step -------------------------------------------------------------------------------------------------------

  void pass_time(std::int64_t by_us) {
    now_us_ += by_us;
    if (state_->next_deadline(clock_kind::processing) <= now_us_)
      until_done([&] { return host_->fire_processing_timers(now_us_); });
  }

  void consume(const kit_frame& frame) {
    if (!habits_.one_record_batches) return consume(frame, frame.records);
    for (std::uint32_t position = 0; position < frame.records.size(); ++position) {
      auto chosen = make_counted<selection>();
      chosen->indices.push_back(frame.records.index(position));
      if (const auto* all = frame.records.chosen(); all != nullptr && !all->hashes.empty())
        chosen->hashes.push_back(all->hashes[position]);
      consume(frame, frame.records.with_selection(selection_ptr{chosen}));
    }
  }

  void consume(const kit_frame& frame, const batch_view& view) {
    auto others_us = time_max_us;
    for (std::uint32_t channel = 0; channel < watermarks_.size(); ++channel)
      if (channel != frame.channel) others_us = std::min(others_us, watermarks_[channel]);
    std::uint32_t position = 0;
    until_done([&] {
      host_->begin_view(view, others_us);
      if (position < view.size()) position = logic_->consume(frame.input, view, position);
      if (position < view.size()) return false;
      host_->end_view();
      return true;
    });
    const auto last_us = view.content().watermarks()[view.index(view.size() - 1)];
    auto& own_us = watermarks_[frame.channel];
    own_us = std::max(own_us, std::min(last_us, view.watermark_max_us()));
    until_done([&] { return host_->advance_watermark(std::min(others_us, own_us)); });
  }

  void end() {
    until_done([&] { return host_->advance_watermark(time_max_us); });
    until_done([&] { return host_->fire_all_timers(); });
    logic_->end();
  }

  template <class Step>
  void until_done(Step&& step) {
    while (!step()) {
      if (!is_congested()) throw failure{errc::behavior_failed, "it stopped although nothing is congested"};
      set_congested(false);
      ++result_.stops;
    }
    set_congested(false);
  }

  void deliver(std::uint32_t port, batch_view records) override {
    result_.deliveries.push_back({port, std::move(records)});
    if (habits_.refuses_offers) set_congested(true);
  }
  [[nodiscard]] bool is_unused(std::uint32_t) const override { return false; }

  const graph_node& node_;
  kit_habits habits_;
  std::shared_ptr<buffer_pool> memory_ = std::make_shared<buffer_pool>();
  std::shared_ptr<state::state_store> store_ = state::make_memory_store();
  std::shared_ptr<keyed_state> state_;
  std::unique_ptr<behavior_host> host_;
  std::unique_ptr<operator_logic> logic_;
  host_marks marks_;
  std::vector<std::int64_t> watermarks_;  ///< by channel
  std::int64_t now_us_ = clock_start_us;
  kit_result result_;
};

// --- what comes in and what went out ------------------------------------------------------------------------------

batch_view routed(const graph_edge& edge, const batch_view& view) {
  if (!edge.hash) return view;
  auto chosen = make_counted<selection>();
  for (std::uint32_t position = 0; position < view.size(); ++position)
    chosen->indices.push_back(view.index(position));
  edge.hash(view, chosen->hashes);
  return view.with_selection(selection_ptr{chosen});
}

/// One channel per edge.
kit_input input_of(const graph& job, std::uint32_t node, const std::vector<kit_step>& steps,
                   const std::map<std::string, kit_result>& plain) {
  kit_input all;
  std::vector<std::pair<const graph_edge*, std::uint32_t>> edges;
  for (const auto& edge : job.edges)
    if (edge.to == node) edges.emplace_back(&edge, all.channels++);
  const auto offer = [&](const std::string& from, std::uint32_t output, const batch_view& view,
                         std::int64_t clock_us) {
    if (view.size() == 0) return;
    for (const auto& [edge, channel] : edges) {
      if (job.nodes[edge->from].name != from || edge->from_output != output) continue;
      all.frames.push_back({channel, edge->to_input, routed(*edge, view), std::exchange(clock_us, 0)});
    }
  };
  for (const auto& step : steps) offer(step.source, 0, batch_view{step.records}, step.clock_us);
  for (const auto& [name, emitted] : plain)
    for (const auto& one : emitted.deliveries) offer(name, one.port, one.records, 0);
  return all;
}

/// By port, since batches of several ports close when they do.
std::map<std::uint32_t, std::vector<std::string>> rows_of(const kit_result& emitted) {
  std::map<std::uint32_t, std::vector<std::string>> rows;
  for (const auto& [port, view] : emitted.deliveries)
    for (std::uint32_t position = 0; position < view.size(); ++position) {
      const auto index = view.index(position);
      const auto& content = view.content();
      rows[port].push_back(to_text(content.any_records()[index], content.type()) + " at " +
                           std::to_string(content.event_times()[index]) + ", watermark " +
                           std::to_string(std::min(content.watermarks()[index], view.watermark_max_us())));
    }
  return rows;
}

std::string difference(const std::vector<std::string>& found, const std::vector<std::string>& expected) {
  if (found == expected) return {};
  const auto [a, b] = std::mismatch(found.begin(), found.end(), expected.begin(), expected.end());
  return std::to_string(found.size()) + " rows instead of " + std::to_string(expected.size()) + ", row " +
         std::to_string(a - found.begin()) + " is " + (a == found.end() ? "missing" : *a) + " instead of " +
         (b == expected.end() ? "none" : *b);
}

std::string difference(const graph_node& node, const kit_result& found, const kit_result& expected) {
  auto found_rows = rows_of(found);
  auto expected_rows = rows_of(expected);
  for (std::uint32_t port = 0; port < node.outputs.size(); ++port)
    if (const auto how = difference(found_rows[port], expected_rows[port]); !how.empty())
      return "output " + std::to_string(port) + ": " + how;
  if (const auto how = difference(found.rejected, expected.rejected); !how.empty()) return "rejected: " + how;
  return {};
}

}  // namespace

std::string kit_habits::shown() const {
  std::string text;
  if (one_record_batches) text += ", one-record batches";
  if (refuses_offers) text += ", refused offers";
  if (restores) text += ", restored behind every step";
  if (dies) text += ", dies in every step";
  return text.empty() ? "as it comes" : text.substr(2);
}

std::string operator_fault(const graph& job, const std::vector<kit_step>& steps,
                           std::map<std::string, kit_result>& plain) {
  for (const auto index : job.sources_first()) {
    const auto& node = job.nodes[index];
    if (node.kind != node_kind::transform) continue;
    const auto in = input_of(job, index, steps, plain);
    auto expected = kit_run{node, in.channels, {}}.run(in.frames);
    for (unsigned bits = 1; bits < 16; ++bits) {
      const kit_habits habits{(bits & 1U) != 0, (bits & 2U) != 0, (bits & 4U) != 0, (bits & 8U) != 0};
      auto found = kit_run{node, in.channels, habits}.run(in.frames);
      expected.stops += found.stops;
      if (const auto how = difference(node, found, expected); !how.empty())
        return node.name + " (" + node.description + "), " + habits.shown() + ": " + how;
    }
    plain.emplace(node.name, std::move(expected));
  }
  return {};
}

}  // namespace weir::tests
