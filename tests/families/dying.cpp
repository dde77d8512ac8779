#include "families/families.hpp"
#include "support/simulated_records.hpp"
#include <weir/behavior.hpp>
#include <weir/state.hpp>

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>

namespace weir::tests {
namespace {

/// The letters of records that nobody could handle.
class poison_box final : public dead_letters {
 public:
  result<void> write(const dead_letter& one) override {
    const std::lock_guard lock{mutex_};
    letters.emplace_back(one.content);
    return {};
  }
  std::vector<std::string> letters;

 private:
  std::mutex mutex_;
};

/// What kills, and how often. Shared by all lives: no state of theirs survives them.
struct hazards {
  std::set<std::uint64_t> poison;            ///< ids at which every life dies
  std::map<std::uint64_t, int> deaths_left;  ///< by id
  std::mutex mutex;

  void meet(std::uint64_t id) {
    const std::lock_guard lock{mutex};
    if (poison.contains(id)) throw std::runtime_error{"poison"};
    if (const auto found = deaths_left.find(id); found != deaths_left.end() && found->second-- > 0)
      throw std::runtime_error{"bad luck"};
  }
};

/// Emits the sum so far with each record; dies behind the emission, so that a half-handled record would show. What it
/// draws and reads from the clock goes into the state and out again, as a check that a replay sees the same.
struct mortal : keyed_behavior<std::uint32_t, Item> {
  explicit mortal(std::shared_ptr<hazards> met) : hazards_{std::move(met)} {}

  value<std::int64_t> sum{*this, "sum"};
  value<std::uint64_t> drawn{*this, "drawn"};

  void on(Item::Reader in) {
    drawn.get() ^= random() ^ static_cast<std::uint64_t>(now().time_since_epoch().count());
    sum.get() += in.getValue();
    set_timer("soon", now() + duration{50});
    emit<Item>([&](Item::Builder out) {
      out.setId(in.getId());
      out.setValue(*sum);
    });
    hazards_->meet(in.getId());
  }
  void on(timer) { drawn.get() ^= random(); }

 private:
  std::shared_ptr<hazards> hazards_;
};

}  // namespace

void dying_behaviors(scenario& s) {
  const auto input = draw_items(s, s.records(), s.keys());
  const auto met = std::make_shared<hazards>();
  for (const auto& row : input) {
    if (s.random.chance(1, 40)) met->poison.insert(row.id);
    if (s.random.chance(1, 20)) met->deaths_left[row.id] = 1 + static_cast<int>(s.random.below(2));
  }
  const auto box = std::make_shared<poison_box>();
  s.settings.letters = box;
  const auto out = std::make_shared<sink_log<id_and_value>>();
  const auto options = s.parallel();

  job work{"dying"};
  work.source("items", source_of_items(s, input))
      .key_by(&Item::Reader::getKey)
      .spawn<mortal>("mortal", options, met)
      .sink("out", sink_of_items(out), s.parallel());
  s.run(work);

  std::map<std::uint32_t, std::int64_t> sums;
  std::vector<id_and_value> expected;
  for (const auto& row : input)
    if (!met->poison.contains(row.id)) expected.emplace_back(row.id, sums[row.key] += row.value);
  s.expect_same("sums", out->rows, expected);
  s.expect(box->letters.size() == met->poison.size(), std::to_string(box->letters.size()) + " letters for " +
                                                          std::to_string(met->poison.size()) +
                                                          " poison records");
}

}  // namespace weir::tests
