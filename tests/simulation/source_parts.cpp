/// Sources whose instances read several parts side by side: in which order, when one is silent, and behind a snapshot that
/// knows of no parts.

#include "io/snapshots/snapshot_store.hpp"
#include "schemas/control.capnp.h"
#include "supervision/job_storage.hpp"
#include "support/kept_letters.hpp"
#include "support/scratch_folder.hpp"
#include "support/simulated_records.hpp"
#include <weir/behavior.hpp>
#include <weir/sources.hpp>
#include <weir/state.hpp>

#include <capnp/serialize.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>

namespace weir::tests {
namespace {

/// Parts that are in order and overlap; row n is of part n modulo `parts`.
items rows_in_parts(scenario& s, std::uint64_t parts, std::uint64_t count) {
  items rows;
  std::vector<std::int64_t> latest_us(parts, 1'000'000'000);
  for (std::uint64_t n = 0; n < count; ++n)
    rows.push_back({n, static_cast<std::uint32_t>(s.random.below(5)), s.between(0, 100),
                    latest_us[n % parts] += s.between(1, 1'000'000)});
  return rows;
}

source_of<Item> in_parts(const items& rows, std::uint32_t parts, const reading_habits& habits) {
  return scripted_in_parts<Item>(
      rows.size(), parts, [rows](std::uint64_t n, Item::Builder out) { fill_item(rows[n], out); }, habits);
}

/// With one record per batch, the parts are merged to one stream in order.
void merged(scenario& s) {
  const auto parts = 1 + static_cast<std::uint32_t>(s.random.below(6));
  auto rows = rows_in_parts(s, parts, s.records());
  const auto out = std::make_shared<sink_log<id_and_value>>();
  s.settings.batches.records_max = 1;
  reading_habits habits;
  habits.seed = s.random();
  habits.returns_one_in = s.few(0, 8);
  habits.bad_one_in = s.few(0, 8);
  job work{"merged"};
  work.source("items", in_parts(rows, parts, habits))
      .event_time(&Item::Reader::getTime, in_order(), time_unit::micros)
      .sink("out", sink_of_items(out));
  s.run(work);
  std::stable_sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) {
    return std::pair{a.time_us, a.id % parts} < std::pair{b.time_us, b.id % parts};
  });
  s.expect_equal("output, in order", out->rows, ids_and_values(rows));
}

struct count_second : keyed_behavior<std::uint32_t, Tally> {
  map<std::int64_t, std::uint64_t> open{*this, "open"};

  static constexpr std::int64_t length_us = 1'000'000;
  void on(Item::Reader in) {
    open[in.getTime() / length_us] += 1;
    set_timer("close", weir::event_time{duration{(open.begin()->first + 1) * length_us - 1}});
  }
  void on(timer due) {
    while (!open.empty() &&
           (open.begin()->first + 1) * length_us - 1 <= due.event_time().time_since_epoch().count()) {
      emit<Tally>([&](Tally::Builder out) { out.setCount(open.begin()->second); });
      open.erase(open.begin());
    }
    if (!open.empty())
      set_timer("close", weir::event_time{duration{(open.begin()->first + 1) * length_us - 1}});
  }
};

std::uint64_t counted(const std::vector<tally_row>& rows) {
  std::uint64_t sum = 0;
  for (const auto& [key, start, count, total] : rows) sum += count;
  return sum;
}

/// A part of an instance falls silent until the windows of the other parts are out: only because it counts as idle does that
/// ever happen. What the other parts have comes out in any case.
void silent_part(scenario& s) {
  const auto parts = 2 + static_cast<std::uint32_t>(s.random.below(3));
  const auto rows = rows_in_parts(s, parts, parts * (100 + s.random.below(50)));
  const auto silent_from = s.random.below(rows.size() / 4);  // the others go on for longer
  const auto out = std::make_shared<sink_log<tally_row>>();
  const auto is_silent = [&](std::uint64_t n) { return n % parts == 0 && n >= silent_from; };

  std::vector<std::int64_t> latest_us(parts, time_min_us);
  for (const auto& row : rows) latest_us[row.id % parts] = row.time_us;
  const auto complete_us = *std::min_element(latest_us.begin() + 1, latest_us.end()) - 1;
  std::uint64_t due = 0;
  for (const auto& row : rows)
    if (!is_silent(row.id) &&
        (row.time_us / count_second::length_us + 1) * count_second::length_us <= complete_us)
      ++due;

  auto habits = draw_habits(s);
  habits.pauses_one_in = 0;
  std::vector<std::uint64_t> looks(parts, 0);
  habits.is_there = [&](std::uint64_t next) {
    // the others come slowly enough for the silence to be noticed, and do not end before the windows are out
    if (next < rows.size() && !is_silent(next)) return ++looks[next % parts] % 3 == 0;
    return counted(out->rows) >= due;
  };
  job work{"silent"};
  work.source("items", in_parts(rows, parts, habits))
      .event_time(&Item::Reader::getTime,
                  in_order().idle_after_silence(std::chrono::milliseconds{s.between(20, 40)}),
                  time_unit::micros)
      .key_by(&Item::Reader::getKey)
      .spawn<count_second>("count", s.parallel())
      .sink("out", sink_of_tallies(out));
  s.settings.steps_max = 200'000;
  s.run(work, {.traits = {.has_late_records = true}});
  s.expect(counted(out->rows) == rows.size(), "every record is counted once");
}

/// Files are first read as one, as by a release that knows of no parts, and behind some death side by side.
void upgraded(scenario& s) {
  const scratch_folder folder;
  const auto files = 1 + s.random.below(5);
  const auto rows = rows_in_parts(s, files, s.records());
  std::vector<std::ofstream> written;
  for (std::uint64_t i = 0; i < files; ++i) {
    written.emplace_back(folder / (std::to_string(i) + ".csv"));
    written.back() << "id,key,value,time,text\n";
  }
  for (const auto& row : rows) {
    auto& file = written[row.id % files];
    if (s.random.chance(1, 10)) file << "no record\n";
    file << row.id << ',' << row.key << ',' << row.value << ',' << row.time_us << ",x\n";
  }
  written.clear();

  auto lives_before = s.random.below(12);
  auto source = file_source(weir::files(folder.path()), csv<Item>().format);
  source.open_parts = [&lives_before, parts = source.open_parts](
                          const source_split& split) -> result<std::vector<source_part>> {
    if (lives_before == 0) return parts(split);
    --lives_before;
    return std::vector<source_part>{};
  };
  const auto out = std::make_shared<sink_log<id_and_value>>();
  s.crash(1 + s.few(0, 10));
  if (s.coin()) s.restart_all();
  if (s.random.chance(1, 3)) s.settings.replay_speed = 1e6;
  if (s.coin()) s.die(1 + s.few(0, 6));

  job work{"upgraded"};
  work.source("items", source_of<Item>{source}, {.parallelism = s.few(1, 2)})
      .event_time(&Item::Reader::getTime, in_order(), time_unit::micros)
      .filter(
          "filter", [](Item::Reader) { return true; }, s.parallel())
      .sink("out", sink_of_items(out), s.parallel());
  s.run(work, {.traits = {.has_late_records = true}});
  s.expect_same("output", out->rows, ids_and_values(rows));
}

struct none_late : behavior<Item> {
  void on(Item::Reader in) {
    if (event_time() <= watermark()) throw failure{errc::behavior_failed, "a record is late"};
    emit<Item>([&](Item::Builder out) { copy_item(in, out); });
  }
};

/// A job is stopped somewhere, and goes on with its parts dealt out to other instances, as many as before or not.
void dealt_otherwise(scenario& s) {
  const auto parts = s.few(1, 6);
  auto rows = rows_in_parts(s, parts, s.records());
  const auto apart_us = s.coin() ? 0 : s.between(0, 50'000'000);
  for (auto& row : rows) row.time_us += static_cast<std::int64_t>(row.id % parts) * apart_us;
  auto habits = draw_habits(s);
  habits.bad_one_in = s.few(2, 10);
  const auto before = s.few(1, std::min(parts, 4U));
  const auto after = s.coin() ? before : s.few(1, std::min(parts, 4U));
  const auto letters = std::make_shared<kept_letters>();
  const auto out = std::make_shared<sink_log<id_and_value>>();
  const auto sink = sink_of_items(out);  // holds what is prepared
  s.settings.letters = letters;
  s.settings.snapshots = io::make_memory_snapshot_store();
  s.crash(1);
  s.spare();
  s.compare_output_only();

  const auto run = [&](std::uint32_t parallelism, std::uint32_t moved_by) {
    auto source = in_parts(rows, parts, habits).spec;
    source.open_parts = [moved_by, open = source.open_parts](source_split split) {
      split.instance = (split.instance + moved_by) % split.parallelism;
      return open(split);
    };
    job work{"dealt"};
    const auto at = work.source("items", source_of<Item>{source}, {.parallelism = parallelism})
                        .event_time(&Item::Reader::getTime, in_order(), time_unit::micros);
    // an instance that stays has passed on a watermark: of a part that it reads from now on, records may be late
    if (before == after)
      at.sink("out", sink);
    else
      at.spawn<none_late>("none-late").sink("out", sink);
    s.run(work, {.traits = {.has_late_records = true}, .or_else = supervision::job_end::stopped});
  };
  s.settings.stop_at_step = 1 + s.random.below(s.coin() ? 300 : 3'000);
  run(before, 0);
  s.settings.stop_at_step = 0;
  if (s.outcome().job.how == supervision::job_end::stopped) run(after, s.few(0, 3));

  s.expect_same("output", out->rows, ids_and_values(rows));
  s.expect_same("letters", letters->positions(), bad_positions(habits, rows.size()));
}

/// A paced job is told to drain, dies, and goes on without: what was held back and did not leave comes then, unless its source
/// had come to its end by the drain.
void drained_in_between(scenario& s) {
  const auto parts = s.few(1, 4);
  const auto rows = rows_in_parts(s, parts, s.records());
  const auto out = std::make_shared<sink_log<id_and_value>>();
  s.settings.snapshots = io::make_memory_snapshot_store();
  s.crash(1);
  s.spare();
  s.compare_output_only();
  s.settings.snapshot_every_us = 1;
  s.settings.replay_speed = 1;
  s.settings.drain_at_step = s.between(1, 400);
  s.settings.stop_at_step = s.settings.drain_at_step + s.between(1, 40);
  job work{"drained"};
  work.source("items", in_parts(rows, parts, draw_habits(s)))
      .event_time(&Item::Reader::getTime, in_order(), time_unit::micros)
      .spawn<none_late>("none-late", s.parallel())
      .sink("out", sink_of_items(out));
  s.run(work, {.or_else = supervision::job_end::stopped});
  if (s.outcome().job.how != supervision::job_end::stopped) return;
  auto has_ended = false;
  if (const auto from =
          supervision::make_memory_storage(s.settings.snapshots, true, [] { return std::int64_t{0}; })
              ->restore_latest()
              .or_throw())
    for (const auto& one : from->snapshot.operators)
      has_ended = has_ended || (one.kind == node_kind::source && one.instances.front().has_ended);
  s.settings.drain_at_step = s.settings.stop_at_step = 0;
  s.settings.replay_speed = s.coin() ? 0 : 1e3;
  s.run(work);
  if (!has_ended) s.expect_same("output", out->rows, ids_and_values(rows));
}

/// The first lives of a source cannot even be opened.
void opened_late(scenario& s) {
  const auto parts = s.few(1, 5);
  const auto rows = rows_in_parts(s, parts, s.records());
  const auto out = std::make_shared<sink_log<id_and_value>>();
  auto failures = 1 + s.random.below(4);
  auto source = in_parts(rows, parts, draw_habits(s)).spec;
  source.open_parts = [&failures, open = source.open_parts](const source_split& split) {
    if (failures == 0) return open(split);
    --failures;
    throw std::runtime_error{"the network is not there yet"};
  };
  s.crash(1 + s.few(0, 3));
  if (s.coin()) s.restart_all();
  if (s.random.chance(1, 3)) s.die(1);
  job work{"late"};
  work.source("items", source_of<Item>{source}, {.parallelism = s.few(1, 2)})
      .event_time(&Item::Reader::getTime, in_order(), time_unit::micros)
      .spawn<none_late>("none-late", s.parallel())
      .sink("out", sink_of_items(out));
  s.run(work);
  s.expect_same("output", out->rows, ids_and_values(rows));
  s.expect(failures == 0, "the source was opened at once");
}

std::unique_ptr<capnp::FlatArrayMessageReader> message_of(const std::vector<std::uint64_t>& words) {
  return std::make_unique<capnp::FlatArrayMessageReader>(
      kj::ArrayPtr<const capnp::word>{reinterpret_cast<const capnp::word*>(words.data()), words.size()});
}

/// What a source says of its parts while it reads files.
void reported(scenario& s) {
  const scratch_folder folder;
  const auto files = 1 + s.random.below(4);
  const auto rows = rows_in_parts(s, files, s.records());
  for (std::uint64_t i = 0; i < files; ++i) {
    std::ofstream file{folder / (std::to_string(i) + ".csv")};
    if (s.random.chance(1, 6)) continue;  // an empty one
    file << "id,key,value,time,text\n";
    for (const auto& row : rows)
      if (row.id % files == i) file << row.id << ",0," << row.value << ',' << row.time_us << ",x\n";
  }
  auto progress = 0.0;
  std::uint64_t bytes = 0;
  const auto look = [&](const std::vector<std::uint64_t>& words) {
    const auto message = message_of(words);
    for (const auto instance : message->getRoot<wire::JobReport>().getInstances()) {
      if (instance.getRole() != wire::Role::SOURCE) continue;
      s.expect(instance.getProgress() >= progress && instance.getProgress() <= 1, "progress goes back");
      s.expect(instance.getBytesIn() >= bytes, "bytes go back");
      progress = instance.getProgress();
      bytes = instance.getBytesIn();
      const std::string position = instance.getPosition().cStr();
      const auto more = position.find(" and ");
      s.expect(position.empty() || position.starts_with(folder.path()),
               "the position names no file: " + position);
      s.expect(more == std::string::npos || std::stoul(position.substr(more + 5)) < files,
               "the position counts too many files: " + position);
    }
  };
  s.settings.inspect_every_steps = 1 + s.random.below(20);
  s.settings.on_inspect = [&](const supervision::shared_words& report) { look(*report); };
  s.settings.seams.on_leave = [&](const auto& words) {
    const auto message = message_of(*words);
    const auto instance = message->template getRoot<wire::InstanceReport>();
    if (instance.getRole() == wire::Role::SOURCE) s.expect(instance.getProgress() == 1, "not all is read");
  };
  job work{"reported"};
  work.source("items", weir::files(folder.path()), csv<Item>())
      .event_time(&Item::Reader::getTime, in_order(), time_unit::micros)
      .sink("out", sink_of_items(std::make_shared<sink_log<id_and_value>>()));
  const auto run = supervision::simulate(work.plan(), s.settings);
  s.expect(run.job.how == supervision::job_end::finished, "the job does not finish: " + run.job.why.message);
}

}  // namespace

TEST_CASE("parts are merged by time") { for_each_seed("parts are merged by time", merged, 60); }

TEST_CASE("a silent part holds nobody back") {
  for_each_seed("a silent part holds nobody back", silent_part);
}

TEST_CASE("parts go on where they are dealt to") {
  for_each_seed("parts go on where they are dealt to", dealt_otherwise, 100);
}

TEST_CASE("parts are held back and a drain dies") {
  for_each_seed("parts are held back and a drain dies", drained_in_between, 100);
}

TEST_CASE("a source of parts that cannot be opened at first") {
  for_each_seed("a source of parts that cannot be opened at first", opened_late);
}

TEST_CASE("what parts come to goes on to the end") {
  for_each_seed("what parts come to goes on to the end", reported);
}

TEST_CASE("a snapshot of one bookmark is gone on from by parts") {
  for_each_seed("a snapshot of one bookmark is gone on from by parts", upgraded, 60);
}

}  // namespace weir::tests
