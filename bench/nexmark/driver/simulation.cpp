#include "nexmark/driver/simulation.hpp"

#include "nexmark/driver/run.hpp"
#include <weir/runtime/random.hpp>
#include <weir/sinks.hpp>
#include <weir/testing/run.hpp>
#include <weir/testing/survives_crashes.hpp>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace nexmark {
namespace {

using texts = std::vector<std::string>;

/// Keeps every record as text. In one thread.
class text_writer final : public weir::sink_writer {
 public:
  explicit text_writer(std::shared_ptr<texts> into) : into_{std::move(into)} {}

  weir::result<void> write(const weir::batch_view& records) override {
    const auto all = records.content().any_records();
    for (std::uint32_t position = 0; position < records.size(); ++position)
      into_->push_back(weir::to_text(all[records.index(position)], records.content().type()));
    return {};
  }
  weir::result<void> flush() override { return {}; }
  weir::result<void> finish() override { return {}; }
  void abandon() noexcept override {}
  [[nodiscard]] std::string destination() const override { return "memory"; }

 private:
  std::shared_ptr<texts> into_;
};

/// The results of one run, sorted.
texts results_of(const query& one, const options& how, const weir::testing::run_options& run) {
  auto rows = std::make_shared<texts>();
  weir::sink_spec sink{"memory",
                       [rows](const weir::sink_part&) -> weir::result<std::unique_ptr<weir::sink_writer>> {
                         return std::unique_ptr<weir::sink_writer>{std::make_unique<text_writer>(rows)};
                       }};
  const auto ended = weir::testing::run(job_of(one, how, std::move(sink)), run);
  if (!ended.ok())
    throw weir::failure{weir::errc::behavior_failed, std::string{one.name} + ": " + ended.error};
  std::sort(rows->begin(), rows->end());
  return std::move(*rows);
}

std::string difference(const texts& first, const texts& other) {
  const auto [f, o] = std::mismatch(first.begin(), first.end(), other.begin(), other.end());
  if (f == first.end() && o == other.end()) return {};
  return "  " + (f == first.end() ? "nothing" : *f) + "\nhas become\n  " +
         (o == other.end() ? "nothing" : *o);
}

constexpr std::uint32_t seeds_with_deaths = 10;

std::string simulate_deaths(const query& one, const options& how) {
  const auto make = [&] { return job_of(one, how, weir::json_stdout()); };  // the sink is not opened
  return weir::testing::survives_crashes(make, {.crashes_max = how.simulate}).error;
}

}  // namespace

std::string simulate(const query& one, const options& how) {
  const auto first = results_of(one, how, {});
  for (std::uint64_t seed = 1; seed <= how.simulate; ++seed) {
    weir::random_sequence random{seed};
    auto other = how;
    other.parallelism = 1 + static_cast<std::uint32_t>(random.below(4));
    other.generators = 1 + static_cast<std::uint32_t>(random.below(3));
    weir::testing::run_options run;
    run.seed = seed;
    run.batches.records_max = std::uint32_t{1} << random.below(9);
    run.window_bytes = random.chance(1, 2) ? 1 : std::uint64_t{1} << 20U;
    const auto differs = difference(first, results_of(one, other, run));
    if (!differs.empty()) return "under seed " + std::to_string(seed) + "\n" + differs;
  }
  return how.simulate < seeds_with_deaths ? std::string{} : simulate_deaths(one, how);
}

}  // namespace nexmark
