/// What a hop costs: prebuilt batches of 1,024 records through three filters, each of which reads one field and keeps
/// 90%, into a count; beside one loop over the same batches with the same three conditions.

#include "support/events.hpp"
#include "support/measure.hpp"
#include <weir/testing/memory.hpp>
#include <weir/weir.hpp>

#include <memory>
#include <vector>

namespace {

constexpr std::uint32_t batch_records = 1024;
constexpr std::uint64_t batches = 20'000;
constexpr std::uint64_t distinct_batches = 16;

using batch_list = std::shared_ptr<const std::vector<weir::batch_ptr>>;

batch_list prebuilt() {
  auto made = std::make_shared<std::vector<weir::batch_ptr>>();
  auto pool = std::make_shared<weir::buffer_pool>();
  weir::batch_writer writer{weir::record_type::of<Event>(), {.records_max = batch_records}, {}, pool};
  std::uint64_t n = 0;
  while (made->size() < distinct_batches) {
    bench::fill_event(n++, 1000, writer.append().as<Event>());
    writer.commit(0, weir::time_min_us);
    if (!writer.full()) continue;
    auto sealed = writer.seal();
    if (sealed->size() == batch_records) made->push_back(std::move(sealed));
  }
  return made;
}

/// Sends one prebuilt batch per tick.
struct replay_batches : weir::behavior<Event> {
  batch_list batches;
  std::size_t next = 0;

  explicit replay_batches(batch_list all) : batches{std::move(all)} {}
  void on(Total::Reader) { this->host().pass(0, weir::batch_view{(*batches)[next++ % batches->size()]}); }
};

struct count_events : weir::behavior<Total> {
  std::uint64_t count = 0;

  void on(weir::batch_of<Event> events) { count += events.size(); }
  void on_end() {
    emit<Total>([&](Total::Builder out) { out.setCount(count); });
  }
};

void run_job(const batch_list& all, std::uint64_t expected) {
  auto totals = std::make_shared<std::vector<std::uint64_t>>();
  weir::job job{"hops"};
  job.source("ticks", weir::testing::generated<Total>(batches, [](std::uint64_t, Total::Builder) {}))
      .spawn<replay_batches>("batches", {}, all)
      .filter("a", [](Event::Reader e) { return e.getA() < 90; })
      .filter("b", [](Event::Reader e) { return e.getB() < 90; })
      .filter("c", [](Event::Reader e) { return e.getC() < 90; })
      .spawn<count_events>("count")
      .sink("total", weir::testing::collect<Total>(totals, [](Total::Reader t) { return t.getCount(); }));
  bench::run(std::move(job));
  if (totals->size() != 1 || totals->front() != expected) std::abort();
}

std::uint64_t run_loop(const batch_list& all) {
  std::uint64_t count = 0;
  for (std::uint64_t n = 0; n < batches; ++n) {
    const auto records = (*all)[n % all->size()]->records<Event>();
    for (const auto e : records)
      if (e.getA() < 90 && e.getB() < 90 && e.getC() < 90) ++count;
  }
  return count;
}

}  // namespace

int main() {
  const auto all = prebuilt();
  const auto expected = run_loop(all);
  volatile std::uint64_t kept = 0;
  bench::report("hops", {{"three filters", batches * batch_records, "records", [&] { kept = run_loop(all); },
                          [&] { run_job(all, expected); }}});
}
