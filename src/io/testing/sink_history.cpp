#include "io/testing/sink_history.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <set>
#include <utility>

namespace weir::testing {
namespace {

constexpr std::uint64_t instances_max = 3;
constexpr std::size_t told_max = 60;  // lines of a fault

std::string text_of(const std::vector<std::uint64_t>& numbers) {
  std::string text;
  for (const auto number : numbers) text += " " + std::to_string(number);
  return text;
}

std::string text_of(const std::vector<prepared_output>& outputs) {
  std::string text;
  for (const auto& one : outputs) text += (text.empty() ? "" : ", ") + std::to_string(one.epoch);
  return text;
}

}  // namespace

sink_history::sink_history(const detail::sink_under_test& tested, const std::vector<std::string>& rows,
                           const history_choice& chosen)
    : tested_{tested},
      rows_{rows},
      chosen_{chosen},
      random_{chosen.seed * 2 + (chosen.commits ? 1 : 0)},
      place_{tested.fresh()} {
  for (std::uint64_t record = 0; record + 1 < rows_.size(); ++record) unread_.push_back(record);
  instances_.resize(1 + random_.below(instances_max));
}

std::string sink_history::run() {
  try {
    for (;;) {
      try {
        play();
        break;
      } catch (const death&) {
        die();
      }
    }
    check_leftovers();
  } catch (const wrong&) {}
  return std::move(fault_);
}

// --- what the runtime does ----------------------------------------------------------------------------------------------

void sink_history::play() {
  while (!is_all_finished()) {
    if (is_all_written() && random_.chance(1, 4))
      finish();
    else
      act(any_instance());
  }
}

void sink_history::act(std::uint32_t number) {
  auto& one = instances_[number];
  if (one.is_finished) return;
  if (!one.writer) return open(number);
  switch (random_.below(11)) {
    case 0:
    case 1:
    case 2: return write(number);
    case 3: return flush(number);
    case 4:
    case 5:
    case 6: return close_epoch(number);
    case 7: return commit_due(number);
    case 8: return commit_again(number);
    case 9: return mark(number);
    default:
      // a snapshot that is given up: what was prepared for it is committed with a later one
      if (random_.chance(1, 8)) is_closing_ = false;
  }
}

void sink_history::open(std::uint32_t number) {
  auto& one = instances_[number];
  const auto parallelism = static_cast<std::uint32_t>(instances_.size());
  const auto had_lived = std::exchange(one.has_lived, true);
  auto opened = place_.sink.open({"job", "out", number, parallelism, tested_.type, chosen_.commits});
  if (opened.ok()) one.writer = std::move(*opened);
  called(number, "open", opened);
  if (!had_lived) return;
  recover(number);
  if (random_.chance(1, 4)) recover(number);
  if (!chosen_.commits) return;
  while (one.commits_first && !one.outputs.empty()) commit_due(number);
  one.commits_first = false;
}

void sink_history::recover(std::uint32_t number) {
  auto& one = instances_[number];
  std::vector<prepared_output> kept;
  for (const auto& made : one.outputs) kept.push_back(made->what);
  if (!chosen_.commits && kept.size() > 1) kept.erase(kept.begin(), kept.end() - 1);
  const auto known = text_of(kept);
  if (one.mark.what) kept.push_back(*one.mark.what);
  const auto recovered = one.writer->recover(kept);
  called(number, "recover(" + known + (one.mark.what ? ", and a mark" : "") + ")", recovered);
}

void sink_history::write(std::uint32_t number) {
  auto& one = instances_[number];
  std::vector<std::uint64_t> chosen;
  for (auto left = 1 + random_.below(3); left > 0; --left) {
    auto& from = one.lost.empty() ? unread_ : one.lost;
    if (from.empty()) break;
    chosen.push_back(from.front());
    from.pop_front();
  }
  if (chosen.empty()) return;
  one.written.insert(one.written.end(), chosen.begin(), chosen.end());
  const auto written = one.writer->write(batch_of(chosen));
  called(number, "write" + text_of(chosen), written);
}

void sink_history::flush(std::uint32_t number) {
  const auto flushed = instances_[number].writer->flush();
  called(number, "flush", flushed);
}

void sink_history::close_epoch(std::uint32_t number) {
  if (!std::exchange(is_closing_, true)) ++epoch_;
  if (instances_[number].prepared_epoch < epoch_) prepare(number);
  complete_if_prepared();
}

void sink_history::complete_if_prepared() {
  const auto is_prepared = [&](const auto& one) { return one.prepared_epoch == epoch_; };
  if (!std::all_of(instances_.begin(), instances_.end(), is_prepared)) return;
  is_closing_ = false;
  complete_epoch_ = epoch_;
  complete_outputs_.clear();
  for (const auto& one : instances_)
    complete_outputs_.insert(complete_outputs_.end(), one.in_snapshot.begin(), one.in_snapshot.end());
  told_.push_back("-- snapshot " + std::to_string(epoch_) + " is complete");
}

void sink_history::prepare(std::uint32_t number) {
  auto& one = instances_[number];
  const auto call = "prepare(" + std::to_string(epoch_) + ")";
  auto made = std::make_shared<made_output>();
  made->owner = number;
  made->records = std::exchange(one.written, {});
  one.mark_before = std::exchange(one.mark, {});
  const auto receipt = one.writer->prepare(epoch_);
  if (receipt.ok()) made->what = {epoch_, *receipt};
  one.outputs.push_back(made);
  one.in_snapshot = one.outputs;
  one.prepared_epoch = epoch_;
  called(number, call, receipt);
  if (!random_.chance(1, 4)) return;
  const auto again = one.writer->prepare(epoch_);
  if (again.ok() && random_.chance(1, 2)) made->what.receipt = *again;
  called(number, call, again);
}

void sink_history::mark(std::uint32_t number) {
  auto& one = instances_[number];
  const auto marked = one.writer->mark();
  const auto is_known = random_.chance(1, 2);  // to whoever goes on, should it die behind the call
  const auto remember = [&] {
    if (!marked.ok() || !*marked) return;
    const auto epoch = one.outputs.empty() ? 0 : one.outputs.back()->what.epoch;
    one.mark = {prepared_output{epoch, **marked, true}, one.written.size()};
  };
  if (is_known) remember();
  called(number, "mark", marked);
  if (!is_known) remember();
}

void sink_history::commit(std::uint32_t number, const made_output_ptr& one) {
  const auto committed = instances_[number].writer->commit(one->what);
  if (!std::exchange(one->is_committed, true)) committed_.push_back(one);
  called(number, "commit(" + std::to_string(one->what.epoch) + " of " + name_of(one->owner) + ")", committed);
}

void sink_history::commit_due(std::uint32_t number) {
  auto& outputs = instances_[number].outputs;
  if (!chosen_.commits || outputs.empty() || outputs.front()->what.epoch > complete_epoch_) return;
  const auto one = outputs.front();
  const auto is_known = random_.chance(1, 2);  // to whoever goes on, should it die behind the call
  if (is_known) outputs.erase(outputs.begin());
  commit(number, one);
  if (!is_known) outputs.erase(outputs.begin());
}

void sink_history::commit_again(std::uint32_t number) {
  if (!chosen_.commits || committed_.empty()) return;
  const auto one = committed_[random_.below(committed_.size())];
  if (one->owner % instances_.size() == number) commit(number, one);
}

void sink_history::finish() {
  for (std::uint32_t number = 0; number < instances_.size(); ++number)
    if (!instances_[number].writer && !instances_[number].is_finished) open(number);
  while (chosen_.commits && is_epoch_needed()) finish_epoch();
  for (std::uint32_t number = 0; number < instances_.size(); ++number) {
    auto& one = instances_[number];
    while (chosen_.commits && !one.outputs.empty()) commit_due(number);
    if (std::exchange(one.is_finished, true)) continue;
    const auto finished = one.writer->finish();
    called(number, "finish", finished);
  }
}

void sink_history::finish_epoch() {
  if (!std::exchange(is_closing_, true)) ++epoch_;
  for (std::uint32_t number = 0; number < instances_.size(); ++number)
    if (instances_[number].prepared_epoch < epoch_) prepare(number);
  complete_if_prepared();
}

// --- what befalls it ----------------------------------------------------------------------------------------------------

void sink_history::die() {
  if (deaths_left_ > 0) --deaths_left_;
  if (!chosen_.commits && random_.chance(1, 6)) return stop();
  if (chosen_.commits && (instances_[last_called_].is_finished || random_.chance(1, 2)))
    restart_process();
  else if (!instances_[last_called_].is_finished)
    restart_instance(last_called_);
}

/// In this process. What was written since the last prepare(), or mark() if that was called, is lost, and will be written
/// again.
void sink_history::restart_instance(std::uint32_t number) {
  auto& one = instances_[number];
  told_.push_back("-- " + name_of(number) + " dies");
  one.writer.reset();
  const auto may_forget =
      is_closing_ && one.prepared_epoch == epoch_ && one.written.empty() && !one.mark.what;
  if (may_forget && random_.chance(1, 2)) {
    told_.back() += ", and nobody has heard of its prepare(" + std::to_string(epoch_) + ")";
    one.written = std::move(one.outputs.back()->records);
    one.outputs.pop_back();
    one.prepared_epoch = 0;
    one.mark = std::exchange(one.mark_before, {});
  }
  const auto lost = one.written.begin() + static_cast<std::ptrdiff_t>(one.mark.records);
  one.lost.insert(one.lost.begin(), lost, one.written.end());
  one.written.erase(lost, one.written.end());
}

/// From the last complete snapshot, with as many instances as chance wants.
void sink_history::restart_process() {
  const auto is_told = random_.chance(1, 3);
  for (auto& one : instances_)
    if (is_told && one.writer && !one.is_finished) one.writer->abandon();
  instances_.clear();
  const auto parallelism = 1 + random_.below(instances_max);
  told_.push_back(std::string{is_told ? "-- all are abandoned" : "-- the process dies"} +
                  "; the next one goes on behind snapshot " + std::to_string(complete_epoch_) + " with " +
                  std::to_string(parallelism));
  check_visible();
  instances_.resize(parallelism);
  for (auto& one : instances_) one.has_lived = one.commits_first = true;
  std::set<std::uint64_t> kept;
  for (const auto& outputs : {committed_, complete_outputs_})
    for (const auto& one : outputs) kept.insert(one->records.begin(), one->records.end());
  for (const auto& one : complete_outputs_) instances_[one->owner % parallelism].outputs.push_back(one);
  for (auto& one : instances_)
    std::stable_sort(one.outputs.begin(), one.outputs.end(),
                     [](const auto& a, const auto& b) { return a->what.epoch < b->what.epoch; });
  unread_.clear();
  for (std::uint64_t record = 0; record + 1 < rows_.size(); ++record)
    if (!kept.contains(record)) unread_.push_back(record);
  epoch_ = complete_epoch_;
  is_closing_ = false;
}

/// Without commits: the job is stopped before its end.
void sink_history::stop() {
  told_.emplace_back("-- all are abandoned");
  for (auto& one : instances_) {
    if (std::exchange(one.is_finished, true)) continue;
    if (one.writer) one.writer->abandon();
    one.is_abandoned = true;
  }
  check_visible();
}

// --- what is checked ----------------------------------------------------------------------------------------------------

template <class Result>
void sink_history::called(std::uint32_t number, const std::string& what, const Result& returned) {
  last_called_ = number;
  ++calls_;
  told_.push_back(name_of(number) + ": " + what);
  if (!returned.ok()) fail(what + " failed: " + to_string(returned.failed()));
  check_visible();
  if (calls_ == chosen_.death_behind || (deaths_left_ > 0 && random_.chance(1, 60))) throw death{};
}

/// What must be visible now: each group in this order.
std::vector<std::vector<std::uint64_t>> sink_history::visible_groups() const {
  std::vector<std::vector<std::uint64_t>> groups;
  for (const auto& one : committed_) groups.push_back(one->records);
  for (const auto& one : instances_) {
    if (chosen_.commits || !one.is_finished || one.is_abandoned) continue;
    auto& group = groups.emplace_back();
    for (const auto& made : one.outputs)
      group.insert(group.end(), made->records.begin(), made->records.end());
    group.insert(group.end(), one.written.begin(), one.written.end());
  }
  return groups;
}

void sink_history::check_visible() {
  const auto is_any_abandoned =
      std::any_of(instances_.begin(), instances_.end(), [](const auto& one) { return one.is_abandoned; });
  if (!chosen_.commits && chosen_.shows_early && (!is_all_finished() || is_any_abandoned)) return;
  std::map<std::string, std::vector<std::size_t>> places;
  const auto visible = place_.visible();
  for (std::size_t i = 0; i < visible.size(); ++i) places[visible[i]].push_back(i);
  std::vector<std::size_t> expected(rows_.size());
  const auto groups = visible_groups();
  for (const auto& group : groups)
    for (const auto record : group) ++expected[record];
  for (std::uint64_t record = 0; record < rows_.size(); ++record) {
    const auto found = places.find(rows_[record]);
    check_count(record, found == places.end() ? 0 : found->second.size(), expected[record]);
  }
  for (const auto& group : groups)
    for (std::size_t i = 1; i < group.size(); ++i)
      if (places[rows_[group[i]]].front() < places[rows_[group[i - 1]]].front())
        fail("record " + std::to_string(group[i]) + " stands before record " + std::to_string(group[i - 1]) +
             ", which was written before it");
  std::erase_if(places, [&](const auto& one) {
    return std::find(rows_.begin(), rows_.end(), one.first) != rows_.end();
  });
  if (!places.empty()) fail("something is visible that nobody wrote: " + places.begin()->first);
}

void sink_history::check_count(std::uint64_t record, std::size_t count, std::size_t expected) {
  if (count == expected) return;
  const auto name = "record " + std::to_string(record) + " (" + rows_[record] + ") ";
  if (record + 1 == rows_.size()) fail(name + "is visible, but no view chose it from its batch");
  if (count < expected) fail(name + "is not visible, though it was made final");
  if (expected > 0) fail(name + "is visible " + std::to_string(count) + " times");
  fail(name + "is visible, though nobody has " +
       (chosen_.commits ? "committed the epoch it is in" : "finished the output it is in"));
}

void sink_history::check_leftovers() {
  const auto is_abandoned = [](const auto& one) { return one.is_abandoned; };
  if (!place_.leftovers || std::any_of(instances_.begin(), instances_.end(), is_abandoned)) return;
  if (const auto left = place_.leftovers(); !left.empty())
    fail("all have finished, but something is left behind: " + left.front());
}

void sink_history::fail(const std::string& what) {
  describe(what);
  throw wrong{};
}

void sink_history::describe(const std::string& what) {
  fault_ = std::string{chosen_.commits ? "with commits" : "without commits"} + ", seed " +
           std::to_string(chosen_.seed) + ": " + what;
  const auto first = told_.size() - std::min(told_.size(), told_max);
  if (first > 0) fault_ += "\n  ...";
  for (auto i = first; i < told_.size(); ++i) fault_ += "\n  " + told_[i];
}

// ------------------------------------------------------------------------------------------------------------------------

/// Sometimes with a record that is not meant, in front or behind.
batch_view sink_history::batch_of(const std::vector<std::uint64_t>& numbers) {
  auto all = numbers;
  if (random_.chance(1, 3)) all.insert(all.begin(), rows_.size() - 1);
  if (random_.chance(1, 3)) all.push_back(rows_.size() - 1);
  batch_writer writer{tested_.type, {}, {}, memory_};
  for (const auto number : all) {
    tested_.fill(number, writer.append());
    writer.commit(0, 0);
  }
  if (all.size() == numbers.size()) return batch_view{writer.seal()};
  auto chosen = make_counted<selection>();
  for (std::uint32_t index = 0; index < all.size(); ++index)
    if (all[index] + 1 != rows_.size()) chosen->indices.push_back(index);
  return {writer.seal(), selection_ptr{chosen}};
}

bool sink_history::is_all_written() const {
  return unread_.empty() &&
         std::all_of(instances_.begin(), instances_.end(), [](const auto& one) { return one.lost.empty(); });
}

bool sink_history::is_all_finished() const {
  return std::all_of(instances_.begin(), instances_.end(), [](const auto& one) { return one.is_finished; });
}

/// Something would be lost behind the last complete snapshot.
bool sink_history::is_epoch_needed() const {
  return is_closing_ || std::any_of(instances_.begin(), instances_.end(), [&](const auto& one) {
           return !one.written.empty() ||
                  (!one.outputs.empty() && one.outputs.back()->what.epoch > complete_epoch_);
         });
}

std::string sink_history::name_of(std::uint32_t number) { return "out/" + std::to_string(number); }

std::uint32_t sink_history::any_instance() {
  return static_cast<std::uint32_t>(random_.below(instances_.size()));
}

}  // namespace weir::testing
