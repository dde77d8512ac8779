#include "operators/letter_retry.hpp"

#include "core/log.hpp"
#include "io/files/dead_letter_file.hpp"
#include "supervision/simulated_run.hpp"
#include "support/records.capnp.h"
#include <weir/behavior.hpp>
#include <weir/job.hpp>
#include <weir/state.hpp>
#include <weir/testing/memory.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

using namespace weir;
using test::Alarm;
using test::Calibration;
using test::Reading;

namespace {

class scratch {
 public:
  scratch() {
    std::string made = (std::filesystem::temp_directory_path() / "weir-retry-XXXXXX").string();
    REQUIRE(::mkdtemp(made.data()) != nullptr);
    folder_ = made;
  }
  ~scratch() { std::filesystem::remove_all(folder_); }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;

  [[nodiscard]] std::string file(const std::string& name) const { return folder_ + "/" + name; }
  [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
    std::ofstream{file(name)} << text;
    return file(name);
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream{file(name)}.rdbuf();
    return text.str();
  }

 private:
  std::string folder_;
};

/// Sensor, sum so far, event time, watermark.
using row = std::tuple<std::string, std::int64_t, std::int64_t, std::int64_t>;

enum class trouble : std::uint8_t { none, throws, rejects };

bool is_trouble(std::int64_t value) { return value % 17 == 3; }

/// The sum of a sensor's values; what time it was is told in `note`.
struct add_up : keyed_behavior<std::string, Reading> {
  explicit add_up(trouble at) : at_{at} {}

  value<std::int64_t> sum{*this, "sum"};

  void on(Reading::Reader in) {
    if (at_ == trouble::throws && is_trouble(in.getValue())) throw std::runtime_error{"poison"};
    if (at_ == trouble::rejects && is_trouble(in.getValue())) return reject("not wanted");
    sum.get() += in.getValue();
    emit<Reading>([&](Reading::Builder out) {
      out.setSensor(key());
      out.setValue(*sum);
      out.setAt(event_time().time_since_epoch().count());
      out.setNote(std::to_string(watermark().time_since_epoch().count()));
    });
  }

 private:
  trouble at_;
};

constexpr std::int64_t readings = 400;

source_of<Reading> numbered(std::uint64_t count) {
  return testing::generated<Reading>(count, [](std::uint64_t n, Reading::Builder out) {
    out.setSensor("s" + std::to_string(n % 7));
    out.setValue(static_cast<std::int64_t>(n));
    out.setAt(static_cast<std::int64_t>(n));
  });
}

/// A job whose rows outlive its runs.
struct retry_setup {
  std::shared_ptr<std::vector<row>> rows = std::make_shared<std::vector<row>>();
  sink_spec sink = testing::collect<Reading>(rows, [](Reading::Reader in) -> row {
    return {in.getSensor(), in.getValue(), in.getAt(), std::stoll(in.getNote().cStr())};
  });

  [[nodiscard]] job make(trouble at, std::uint64_t count = readings) const {
    job work{"adding"};
    work.source("in", numbered(count))
        .event_time(&Reading::Reader::getAt, in_order())
        .key_by(&Reading::Reader::getSensor)
        .spawn<add_up>("add", {.parallelism = 3}, at)
        .sink("out", sink);
    return work;
  }
};

supervision::simulation_settings settings_of(std::uint64_t seed, std::shared_ptr<dead_letters> letters) {
  log::configure(log::level::off, log::style::text);
  supervision::simulation_settings made;
  made.seed = seed;
  made.batches.records_max = 8;
  made.snapshot_every_us = 400;
  made.letters = std::move(letters);
  return made;
}

/// The letters of a run, as a file.
std::string letters_of(const scratch& folder, const job& work, std::uint64_t seed = 1) {
  const auto path = folder.file("letters.jsonl");
  std::shared_ptr<dead_letters> letters = io::dead_letter_file::open(path).or_throw();
  const auto outcome = supervision::simulate(work.plan(), settings_of(seed, letters));
  CHECK(outcome.job.how == supervision::job_end::finished);
  return path;
}

std::map<std::string, std::int64_t> last_sums(const std::vector<row>& rows) {
  std::map<std::string, std::int64_t> sums;
  for (const auto& [sensor, sum, at, watermark] : rows) sums[sensor] = std::max(sums[sensor], sum);
  return sums;
}

std::map<std::string, std::int64_t> oracle() {
  std::map<std::string, std::int64_t> sums;
  for (std::int64_t n = 0; n < readings; ++n) sums["s" + std::to_string(n % 7)] += n;
  return sums;
}

std::string fault_of(const job& work, const std::string& path) {
  auto plan = work.plan();
  const auto nodes = plan.nodes.size();
  const auto added = add_letter_retry(plan, path);
  if (added.ok()) return "none";
  CHECK(plan.nodes.size() == nodes);
  return added.failed().message;
}

std::string replaced(std::string text, const std::string& from, const std::string& by) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), by);
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n') + 1); }

}  // namespace

TEST_CASE("letter_retry: a source is added for each input that letters are of") {
  const scratch folder;
  const retry_setup setup;
  const auto work = setup.make(trouble::rejects);
  const auto path = letters_of(folder, work);
  auto plan = work.plan();
  const auto counts = add_letter_retry(plan, path).or_throw();
  CHECK(counts.records == 24);
  CHECK(counts.lines + counts.without_bytes == 0);
  REQUIRE(plan.nodes.size() == 4);
  const auto& made = plan.nodes.back();
  CHECK_THAT(made.name, Catch::StartsWith("add-retry-"));
  CHECK(made.name.size() == std::string{"add-retry-"}.size() + 8);
  CHECK(made.kind == node_kind::source);
  CHECK(made.is_timeless);
  CHECK(plan.edges.back().to == 1);
  CHECK(plan.edges.back().how == routing::keyed);
  CHECK(plan.check().ok());

  auto again = work.plan();
  const auto moved = folder.write("elsewhere", folder.read("letters.jsonl") + "\n\n");
  REQUIRE(add_letter_retry(again, moved).ok());
  CHECK(again.nodes.back().name == made.name);
  auto other = work.plan();
  REQUIRE(add_letter_retry(other, folder.write("fewer", first_line(folder.read("letters.jsonl")))).ok());
  CHECK(other.nodes.back().name != made.name);
}

TEST_CASE("letter_retry: letters without a record are counted and left alone") {
  const scratch folder;
  const retry_setup setup;
  const auto work = setup.make(trouble::none);
  auto plan = work.plan();
  const auto path = folder.write(
      "letters", R"x({"operator":"in/0","error":"bad_record","reason":"r","position":"f:1","content":"x"}
{"operator":"add/2","error":"record_rejected","reason":"an older release","content":"(value = 1)"}
{"operator":"add/2","error":"behavior_failed","input":0,"type":"Reading","record_bytes":70000})x");
  const auto counts = add_letter_retry(plan, path).or_throw();
  CHECK(counts.lines == 1);
  CHECK(counts.without_bytes == 2);
  CHECK(counts.records == 0);
  CHECK(plan.nodes.size() == 3);
  CHECK(add_letter_retry(plan, folder.write("empty", "")).or_throw().records == 0);
}

TEST_CASE("letter_retry: what is wrong is told with file and line, and nothing is added") {
  const scratch folder;
  const retry_setup setup;
  const auto work = setup.make(trouble::rejects);
  (void)letters_of(folder, work);
  const auto good = first_line(folder.read("letters.jsonl"));
  const auto fault = [&](const std::string& line) {
    const auto path = folder.write("bad", good + line);
    const auto message = fault_of(work, path);
    CHECK_THAT(message, Catch::StartsWith(path + ":2: "));
    return message;
  };
  CHECK_THAT(fault("garbage\n"), Catch::Contains("no dead letter"));
  CHECK_THAT(fault("[1, 2]\n"), Catch::Contains("no dead letter"));
  CHECK_THAT(fault("{}\n"), Catch::Contains("names no operator"));
  CHECK_THAT(fault(good.substr(0, good.size() / 2)), Catch::Contains("no dead letter"));
  CHECK_THAT(fault("\xff\xfe\n"), Catch::Contains("UTF-8"));
  CHECK_THAT(fault(R"({"operator":7})"), Catch::Contains("operator"));
  CHECK_THAT(fault(replaced(good, "\"input\":0", "\"input\":\"x\"")), Catch::Contains("input"));
  CHECK_THAT(fault(replaced(good, "\"add/", "\"sub/")), Catch::Contains("no operator 'sub'"));
  CHECK_THAT(fault(replaced(good, "\"add/", "\"out/")), Catch::Contains("no input 0 for records"));
  CHECK_THAT(fault(replaced(good, "\"input\":0", "\"input\":1")), Catch::Contains("no input 1"));
  CHECK_THAT(fault(replaced(good, "\"input\":0", "\"input\":-9223372036854775808")),
             Catch::Contains("no input"));
  CHECK_THAT(fault(replaced(good, "\"Reading\"", "\"Alarm\"")), Catch::Contains("takes Reading"));
  CHECK_THAT(fault(replaced(good, "\"schema\":\"", "\"schema\":\"0")), Catch::Contains("another schema"));
  CHECK_THAT(fault(replaced(good, "\"record\":\"AA", "\"record\":\"A!")), Catch::Contains("base64"));
  CHECK_THAT(fault(replaced(good, "\"record\":\"AA", "\"record\":\"")),
             Catch::Contains("damaged") || Catch::Contains("base64"));
  CHECK_THAT(fault(replaced(good, "\"record\":\"AAAA", "\"record\":\"////")), Catch::Contains("damaged"));
  CHECK_THAT(fault(std::string(5 << 20, 'x')), Catch::Contains("limit"));
  CHECK_THAT(fault_of(work, folder.file("missing")), Catch::Contains("missing"));
  CHECK_THAT(fault_of(work, folder.file("")), Catch::Contains("no regular file"));
}

TEST_CASE(
    "letter_retry: a mended job takes the records in behind a snapshot, and nothing is missing or doubled") {
  for (const auto at : {trouble::throws, trouble::rejects})
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      CAPTURE(seed);
      const scratch folder;
      const retry_setup setup;
      const std::shared_ptr<io::snapshot_store> snapshots = io::make_memory_snapshot_store();
      const auto path = folder.file("letters.jsonl");
      std::shared_ptr<dead_letters> letters = io::dead_letter_file::open(path).or_throw();
      auto settings = settings_of(seed, letters);
      settings.snapshots = snapshots;
      const auto first = setup.make(at);
      REQUIRE(supervision::simulate(first.plan(), settings).job.how == supervision::job_end::finished);
      CHECK(last_sums(*setup.rows) != oracle());

      settings.letters = nullptr;
      const auto mended = setup.make(trouble::none);
      auto plan = mended.plan();
      REQUIRE(add_letter_retry(plan, path).or_throw().records == 24);
      for (std::uint64_t life = 1; life < 4; ++life) {  // dies a few times on the way
        settings.seed = 100 * seed + life;
        settings.stop_at_step = 20 * life + seed;
        (void)supervision::simulate(plan, settings);
      }
      settings.stop_at_step = 0;
      const auto outcome = supervision::simulate(plan, settings);
      INFO(outcome.job.why.message);
      REQUIRE(outcome.job.how == supervision::job_end::finished);
      CHECK(last_sums(*setup.rows) == oracle());
      CHECK(setup.rows->size() == readings);

      // once more changes nothing, and without the letters nothing is asked for
      for (const graph* again : std::initializer_list<const graph*>{&plan, &mended.plan()}) {
        const auto after = supervision::simulate(*again, settings);
        INFO(after.job.why.message);
        CHECK(after.job.how == supervision::job_end::finished);
        CHECK(setup.rows->size() == readings);
      }
    }
}

TEST_CASE("letter_retry: the stream beside them keeps its watermarks, and they keep their event times") {
  const scratch folder;
  const retry_setup quiet;
  const auto work = quiet.make(trouble::rejects);
  const auto path = letters_of(folder, work);
  std::vector<row> alone = *quiet.rows;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    const retry_setup setup;
    const auto mended = setup.make(trouble::none);
    auto plan = mended.plan();
    REQUIRE(add_letter_retry(plan, path).ok());
    auto settings = settings_of(seed, nullptr);
    REQUIRE(supervision::simulate(plan, settings).job.how == supervision::job_end::finished);
    REQUIRE(setup.rows->size() == readings + 24);
    // by event time: a record of the stream sees the watermark of the source, one behind it; the retried may be late
    std::map<std::int64_t, int> in_time, seen;
    for (const auto& [sensor, sum, at, watermark] : *setup.rows) {
      ++seen[at];
      if (watermark == at - 1) ++in_time[at];
    }
    for (std::int64_t n = 0; n < readings; ++n) {
      CAPTURE(n);
      CHECK(seen[n * 1'000] == (is_trouble(n) ? 2 : 1));
      CHECK(in_time[n * 1'000] >= 1);
    }
  }
}

TEST_CASE("letter_retry: what fails again is a dead letter again, the same") {
  const scratch folder;
  const retry_setup setup;
  const auto work = setup.make(trouble::throws);
  const auto path = letters_of(folder, work);
  const auto still_bad = setup.make(trouble::throws, 0);
  auto plan = still_bad.plan();
  REQUIRE(add_letter_retry(plan, path).ok());
  std::shared_ptr<dead_letters> again = io::dead_letter_file::open(folder.file("again")).or_throw();
  REQUIRE(supervision::simulate(plan, settings_of(5, again)).job.how == supervision::job_end::finished);
  auto third = still_bad.plan();
  CHECK(add_letter_retry(third, folder.file("again")).or_throw().records == 24);
  const auto records_in = [&](const std::string& name) {
    std::vector<std::string> found;
    std::istringstream lines{folder.read(name)};
    for (std::string line; std::getline(lines, line);) found.push_back(line.substr(line.find("\"input\"")));
    std::sort(found.begin(), found.end());
    return found;
  };
  CHECK(records_in("again") == records_in("letters.jsonl"));
}

namespace {

/// Two inputs, and no keys: it rejects each first record of both.
struct calibrate : behavior<Reading> {
  void on(Reading::Reader in) {
    if (in.getValue() == 0) return reject("first reading");
    emit<Reading>([&](Reading::Builder out) { out.setValue(in.getValue()); });
  }
  void on(Calibration::Reader) { reject("a calibration"); }
};

}  // namespace

TEST_CASE("letter_retry: records come back at the input they were at, not by broadcast") {
  const scratch folder;
  const auto finish = [](auto&& both) {
    std::move(both)
        .template spawn<calibrate>("calibrate")
        .sink("out", testing::collect<Reading>(std::make_shared<std::vector<int>>(), [](auto) { return 0; }));
  };
  const auto make = [&](bool broadcasts) {
    job work{"calibrating"};
    auto calibrations = work.source(
        "calibrations", testing::generated<Calibration>(2, [](std::uint64_t, Calibration::Builder) {}));
    auto all = work.source("in", numbered(3));
    if (broadcasts)
      finish(all.connect(calibrations.broadcast()));
    else
      finish(all.connect(calibrations));
    return work;
  };
  const auto path = letters_of(folder, make(false));
  auto plan = make(false).plan();
  CHECK(add_letter_retry(plan, path).or_throw().records == 3);
  REQUIRE(plan.nodes.size() == 6);
  CHECK(plan.nodes[4].name != plan.nodes[5].name);
  CHECK(plan.edges[plan.edges.size() - 1].to_input != plan.edges[plan.edges.size() - 2].to_input);
  std::shared_ptr<dead_letters> again = io::dead_letter_file::open(folder.file("again")).or_throw();
  CHECK(supervision::simulate(plan, settings_of(3, again)).job.how == supervision::job_end::finished);
  auto counted = make(false).plan();
  CHECK(add_letter_retry(counted, folder.file("again")).or_throw().records == 6);
  CHECK_THAT(fault_of(make(true), path), Catch::Contains("broadcast"));
}
