/// The sinks of the library under the conformance kit, and sinks that break its rules one by one.

#include "text_harness.hpp"
#include "unit/io/text_records.capnp.h"
#include <weir/sinks.hpp>
#include <weir/testing/memory.hpp>
#include <weir/testing/sink_kit.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using text_harness::scratch_folder;
using text_records::OneText;
using weir::testing::sink_kit_options;
using weir::testing::sink_place;
namespace fs = std::filesystem;

namespace {

using strings = std::vector<std::string>;

void fill(std::uint64_t n, OneText::Builder out) { out.setText("r" + std::to_string(n)); }

/// Where syncing costs nothing, if there is such a place.
fs::path fast_place() { return fs::is_directory("/dev/shm") ? "/dev/shm" : fs::temp_directory_path(); }

/// Of all files, in the order of their names; without headers.
strings lines_of(const scratch_folder& folder, bool hidden) {
  std::map<std::string, strings> files;
  for (const auto& entry : fs::directory_iterator{folder.path()}) {
    const std::string name = entry.path().filename();
    if (name.starts_with('.') != hidden) continue;
    std::istringstream text{text_harness::content_of(entry.path())};
    auto& lines = files[name];
    if (hidden) lines.push_back(name);
    for (std::string line; !hidden && std::getline(text, line);)
      if (line != "text") lines.push_back(line);
  }
  strings all;
  for (const auto& [name, lines] : files) all.insert(all.end(), lines.begin(), lines.end());
  return all;
}

template <class Make>
auto in_a_folder(Make make) {
  return [make] {
    const auto folder = std::make_shared<scratch_folder>(fast_place());
    return sink_place{make(*folder), [folder] { return lines_of(*folder, false); },
                      [folder] { return lines_of(*folder, true); }};
  };
}

strings faults_of_files(const std::function<weir::sink_spec(const scratch_folder&)>& make) {
  return weir::testing::sink_faults<OneText>(in_a_folder(make), fill, {.histories = 2});
}

/// How a sink may break the rules.
enum class flaw : std::uint8_t {
  none,
  commits_twice,        ///< a commit that comes again doubles
  forgets_to_remove,    ///< recover() leaves what is not kept
  prepares_in_memory,   ///< what is prepared dies with the writer
  shows_when_prepared,  ///< visible before commit()
  prepares_afresh,      ///< a prepare() that comes again forgets what the first one took
  removes_too_much,     ///< recover() removes what is kept
  knows_no_others,      ///< recover() removes only what an instance of its own number left behind
  ignores_selections,
  swaps_records,
  finishes_anyway,  ///< abandon() makes the output final
  is_not_cut_back,  ///< without commits, recover() keeps everything
  forgets_marks,    ///< recover() removes what lies before a mark
};

/// Rows in memory, by who wrote them.
struct shelf {
  std::map<std::pair<std::uint32_t, std::uint64_t>, strings> prepared;
  std::map<std::uint32_t, strings> in_progress;
  strings final;
};

class flawed_writer final : public weir::sink_writer {
 public:
  flawed_writer(std::shared_ptr<shelf> to, flaw has, const weir::sink_part& part)
      : to_{std::move(to)}, has_{has}, part_{part} {}

  weir::result<void> write(const weir::batch_view& view) override {
    const auto records = view.content().records<OneText>();
    const auto all = has_ == flaw::ignores_selections;
    strings rows;
    for (std::uint32_t i = 0; i < (all ? view.content().size() : view.size()); ++i)
      rows.emplace_back(records[all ? i : view.index(i)].getText().cStr());
    if (has_ == flaw::swaps_records) std::reverse(rows.begin(), rows.end());
    append(part_.commits ? buffer_ : to_->in_progress[part_.instance], rows);
    return {};
  }
  weir::result<void> flush() override { return {}; }
  weir::result<std::string> prepare(std::uint64_t epoch) override {
    if (!part_.commits) return std::to_string(to_->in_progress[part_.instance].size());
    auto& prepared = (has_ == flaw::prepares_in_memory ? own_ : to_->prepared)[{part_.instance, epoch}];
    if (has_ == flaw::prepares_afresh) prepared.clear();
    append(prepared, buffer_);
    if (has_ == flaw::shows_when_prepared) append(to_->final, buffer_);
    buffer_.clear();
    return std::to_string(part_.instance);
  }
  weir::result<std::optional<std::string>> mark() override {
    return has_ == flaw::forgets_marks ? std::optional{std::string{"mark"}} : std::nullopt;
  }
  weir::result<void> commit(const weir::prepared_output& output) override {
    const auto owner = static_cast<std::uint32_t>(std::stoul(output.receipt));
    auto& from = has_ == flaw::prepares_in_memory ? own_ : to_->prepared;
    const auto found = from.find({owner, output.epoch});
    if (found == from.end()) return {};
    if (has_ != flaw::shows_when_prepared) append(to_->final, found->second);
    if (has_ != flaw::commits_twice) from.erase(found);
    return {};
  }
  weir::result<void> recover(std::span<const weir::prepared_output> kept) override {
    if (!kept.empty() && kept.back().is_mark) kept = kept.first(kept.size() - 1);
    if (!part_.commits) {
      if (has_ != flaw::is_not_cut_back)
        to_->in_progress[part_.instance].resize(kept.empty() ? 0 : std::stoul(kept.back().receipt));
      return {};
    }
    std::set<std::pair<std::uint32_t, std::uint64_t>> keys;
    for (const auto& one : kept) keys.emplace(static_cast<std::uint32_t>(std::stoul(one.receipt)), one.epoch);
    std::erase_if(to_->prepared, [&](const auto& one) {
      const auto owner = one.first.first;
      const auto is_mine = has_ == flaw::knows_no_others ? owner == part_.instance
                                                         : owner % part_.parallelism == part_.instance;
      const auto is_kept = has_ != flaw::removes_too_much && keys.contains(one.first);
      return has_ != flaw::forgets_to_remove && is_mine && !is_kept;
    });
    return {};
  }
  [[nodiscard]] bool is_exactly_once() const override { return true; }
  weir::result<void> finish() override {
    append(to_->final, to_->in_progress[part_.instance]);
    return {};
  }
  void abandon() noexcept override {
    if (has_ == flaw::finishes_anyway) append(to_->final, to_->in_progress[part_.instance]);
  }
  [[nodiscard]] std::string destination() const override { return "shelf"; }

 private:
  static void append(strings& to, const strings& rows) { to.insert(to.end(), rows.begin(), rows.end()); }

  std::shared_ptr<shelf> to_;
  flaw has_;
  weir::sink_part part_;
  strings buffer_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, strings> own_;
};

strings faults_of(flaw has, bool shows_leftovers = false) {
  const auto fresh = [=] {
    const auto on = std::make_shared<shelf>();
    sink_place place;
    place.sink = {"shelf", [on, has](const weir::sink_part& part) {
                    return weir::result<std::unique_ptr<weir::sink_writer>>{
                        std::make_unique<flawed_writer>(on, has, part)};
                  }};
    place.visible = [on] { return on->final; };
    if (shows_leftovers)
      place.leftovers = [on] { return on->prepared.empty() ? strings{} : strings{"prepared records"}; };
    return place;
  };
  return weir::testing::sink_faults<OneText>(fresh, fill, {.histories = 12, .faults_max = 1});
}

}  // namespace

TEST_CASE("sink kit: json_files and csv_files keep what a sink promises") {
  CHECK(faults_of_files([](const auto& in) { return weir::json_files(in.path()); }) == strings{});
  CHECK(faults_of_files([](const auto& in) { return weir::json_files(in / "out.jsonl"); }) == strings{});
  CHECK(faults_of_files([](const auto& in) { return weir::csv_files(in.path()); }) == strings{});
  CHECK(faults_of_files([](const auto& in) { return weir::csv_files(in / "out.csv"); }) == strings{});
}

TEST_CASE("sink kit: collect keeps what a sink promises") {
  const auto in_memory = [] {
    const auto rows = std::make_shared<strings>();
    return sink_place{weir::testing::collect<OneText>(
                          rows, [](OneText::Reader in) { return std::string{in.getText().cStr()}; }),
                      [rows] { return *rows; }};
  };
  CHECK(weir::testing::sink_faults<OneText>(in_memory, fill, {.histories = 40, .shows_early = true}) ==
        strings{});
}

TEST_CASE("sink kit: a sink without a flaw passes") {
  CHECK(faults_of(flaw::none) == strings{});
  CHECK(faults_of(flaw::none, true) == strings{});
}

TEST_CASE("sink kit: each broken promise is caught, and told with the calls that broke it") {
  const auto [broken, what] = GENERATE(table<flaw, std::string>(
      {{flaw::commits_twice, "is visible 2 times"},
       {flaw::forgets_to_remove, "is visible, though nobody has committed the epoch it is in"},
       {flaw::prepares_in_memory, "is not visible, though it was made final"},
       {flaw::shows_when_prepared, "is visible, though nobody has committed the epoch it is in"},
       {flaw::prepares_afresh, "is not visible, though it was made final"},
       {flaw::removes_too_much, "is not visible, though it was made final"},
       {flaw::knows_no_others, "something is left behind"},
       {flaw::ignores_selections, "is visible, but no view chose it from its batch"},
       {flaw::swaps_records, "which was written before it"},
       {flaw::finishes_anyway, "is visible, though nobody has finished the output it is in"},
       {flaw::is_not_cut_back, "is visible 2 times"},
       {flaw::forgets_marks, "is not visible, though it was made final"}}));
  CAPTURE(static_cast<int>(broken));
  const auto faults = faults_of(broken, broken == flaw::knows_no_others);
  REQUIRE(faults.size() == 1);
  CHECK_THAT(faults.front(), Catch::Contains(what) && Catch::Contains("\n  out/0: "));
}

TEST_CASE("sink kit: a sink that promises nothing is told so") {
  const auto faults = weir::testing::sink_faults<OneText>(
      [] {
        return sink_place{weir::json_stdout(), [] { return strings{}; }};
      },
      fill, {.faults_max = 1});
  REQUIRE(faults.size() == 1);
  CHECK_THAT(faults.front(), Catch::Contains("is_exactly_once() says no"));
}
