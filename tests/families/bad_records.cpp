#include "families/families.hpp"
#include "support/simulated_records.hpp"
#include <weir/behavior.hpp>

#include <mutex>
#include <string>
#include <vector>

namespace weir::tests {
namespace {

/// Keeps dead letters, and can run out of room.
class letter_box final : public dead_letters {
 public:
  struct letter {
    std::string from, reason, position, content;
    errc code{};
  };

  result<void> write(const dead_letter& one) override {
    const std::lock_guard lock{mutex_};
    if (letters.size() >= room) return error{errc::disk_full, "the letter box is full"};
    letters.push_back({std::string{one.operator_name}, std::string{one.reason}, std::string{one.position},
                       std::string{one.content}, one.code});
    return {};
  }

  std::vector<letter> letters;
  std::uint64_t room = ~std::uint64_t{0};

 private:
  std::mutex mutex_;
};

constexpr std::int64_t unlucky = 7;

struct refuse_some : behavior<Item> {
  void on(Item::Reader in) {
    if (in.getValue() % unlucky == 0) return reject("an unlucky number");
    forward<Item>();
  }
};

}  // namespace

void bad_records(scenario& s) {
  const auto input = draw_items(s, s.records(), s.keys());
  auto habits = draw_habits(s);
  habits.bad_one_in = s.few(1, 30);
  const auto read = std::make_shared<source_log>();
  const auto box = std::make_shared<letter_box>();
  const auto out = std::make_shared<sink_log<id_and_value>>();
  if (s.random.chance(1, 4)) box->room = s.random.below(40);
  s.settings.stop_at_bad_record = s.random.chance(1, 4);
  if (s.random.chance(7, 8)) s.settings.letters = box;

  job work{"bad"};
  work.source("items", source_of_items(input, habits, read), s.parallel())
      .spawn<refuse_some>("refuse", s.parallel())
      .sink("out", sink_of_items(out), s.parallel());
  s.run(work, {.how = supervision::job_end::finished, .or_else = supervision::job_end::failed});

  std::uint64_t rejected = 0;
  std::vector<id_and_value> kept;
  for (const auto& row : input) {
    if (row.value % unlucky == 0)
      ++rejected;
    else
      kept.emplace_back(row.id, row.value);
  }
  if (s.outcome().job.how == supervision::job_end::finished) {
    s.expect_same("the good ones", out->rows, kept);
    s.expect(!s.settings.stop_at_bad_record || read->bad == 0, "bad records did not stop the job");
    s.expect(!s.settings.letters || box->letters.size() == read->bad + rejected,
             "a letter for each bad record");
  } else {
    const auto& why = s.outcome().job.why;
    const auto is_bad = s.settings.stop_at_bad_record && why.code == errc::bad_record && read->bad > 0 &&
                        why.message.find("memory:") != std::string::npos;
    const auto is_full =
        s.settings.letters && why.code == errc::disk_full && box->letters.size() == box->room;
    s.expect(is_bad || is_full, "neither a bad record nor a full box: " + to_string(why));
    s.expect(out->finished == 0 || out->is_settled(s.crashes()), "nothing becomes final");
  }
  for (const auto& letter : box->letters) {
    const auto from_source = letter.code == errc::bad_record && letter.from.starts_with("items/") &&
                             letter.position.starts_with("memory:") && letter.content == "x,y,z";
    const auto from_behavior = letter.code == errc::record_rejected && letter.from.starts_with("refuse/") &&
                               letter.reason == "an unlucky number" &&
                               letter.content.find("id = ") != std::string::npos;
    s.expect(from_source || from_behavior,
             "a letter from " + letter.from + ": " + letter.reason + ", " + letter.content);
  }
}

}  // namespace weir::tests
