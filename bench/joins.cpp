/// Joins and ranks: two generated streams of 32-byte records, each read by an instance of its own, joined by one instance;
/// beside one loop over the same records that keeps them in flat hash maps.

#include "joins.capnp.h"
#include "support/measure.hpp"
#include <weir/runtime/random.hpp>
#include <weir/testing/memory.hpp>
#include <weir/weir.hpp>

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;

struct row {
  std::int64_t time = 0;
  std::int64_t amount = 0;
};

/// What is joined: so many orders and payments on so many keys. A payment has the key and about the time of the order
/// with its number.
struct load {
  std::uint64_t orders = 0;
  std::uint64_t payments = 0;
  std::uint64_t keys = 0;
};

constexpr std::int64_t span_us = 500;

std::int64_t key_of(std::uint64_t n, std::uint64_t keys) {
  return static_cast<std::int64_t>(weir::random_sequence{n}() % keys);
}

template <class Builder>
void fill(std::uint64_t n, const load& of, Builder out) {
  out.setId(static_cast<std::int64_t>(n));
  out.setKey(key_of(n, of.keys));
  out.setTime(static_cast<std::int64_t>(n) * 10);
  out.setAmount(static_cast<std::int64_t>(n % 1'000));
}

struct discard final : weir::sink_writer {
  weir::result<void> write(const weir::batch_view&) override { return {}; }
  weir::result<void> flush() override { return {}; }
  weir::result<void> finish() override { return {}; }
  void abandon() noexcept override {}
  std::string destination() const override { return "nowhere"; }
};

weir::sink_spec nowhere() {
  return {"nowhere", [](const weir::sink_part&) -> weir::result<std::unique_ptr<weir::sink_writer>> {
            return std::unique_ptr<weir::sink_writer>{std::make_unique<discard>()};
          }};
}

auto orders(weir::job& job, const load& of) {
  return job
      .source("orders", weir::testing::generated<Order>(
                            of.orders, [of](std::uint64_t n, Order::Builder out) { fill(n, of, out); }))
      .event_time(&Order::Reader::getTime, weir::in_order(), weir::time_unit::micros)
      .key_by(&Order::Reader::getKey);
}

auto payments(weir::job& job, const load& of) {
  return job
      .source("payments", weir::testing::generated<Payment>(
                              of.payments, [of](std::uint64_t n, Payment::Builder out) { fill(n, of, out); }))
      .event_time(&Payment::Reader::getTime, weir::in_order(), weir::time_unit::micros)
      .key_by(&Payment::Reader::getKey);
}

constexpr auto match = [](Match::Builder out, const auto& order, const row& payment) {
  out.setOrder(order.amount);
  out.setPayment(payment.amount);
};

/// Lets `lead` make matches of the two streams, joined by what is kept of them.
template <class Lead>
void run_join(const load& of, Lead lead) {
  weir::job job{"joins"};
  const auto keep = [](auto in) { return row{in.getTime(), in.getAmount()}; };
  lead(orders(job, of).join(payments(job, of)).template keep_left<row>(keep).template keep_right<row>(keep))
      .sink("out", nowhere());
  bench::run(std::move(job));
}

void run_rank(const load& of) {
  weir::job job{"rank"};
  orders(job, of)
      .highest(10, &Order::Reader::getAmount)
      .keep<std::int64_t>(&Order::Reader::getAmount)
      .emit<Best>("best", [](Best::Builder out, std::int64_t amount) { out.setAmount(amount); })
      .sink("out", nowhere());
  bench::run(std::move(job));
}

/// Keeps what a loop computes from being optimised away.
void expect_some(std::int64_t sum) {
  if (sum == 42) std::abort();
}

void loop_interval(const load& of) {
  struct both {
    std::deque<row> orders, payments;
  };
  absl::flat_hash_map<std::int64_t, both> keys;
  std::int64_t sum = 0;
  const auto meet = [&](std::deque<row>& own, std::deque<row>& others, const row& one) {
    while (!others.empty() && others.front().time + span_us < one.time) others.pop_front();
    while (!own.empty() && own.front().time + span_us < one.time) own.pop_front();
    for (const auto& other : others) sum += one.amount * other.amount;
    own.push_back(one);
  };
  for (std::uint64_t n = 0; n < of.orders; ++n) {
    auto& of_key = keys[key_of(n, of.keys)];
    const row one{static_cast<std::int64_t>(n) * 10, static_cast<std::int64_t>(n % 1'000)};
    meet(of_key.orders, of_key.payments, one);
    meet(of_key.payments, of_key.orders, one);
  }
  expect_some(sum);
}

/// The latest payment of each key.
void loop_table(const load& of) {
  absl::flat_hash_map<std::int64_t, row> table;
  std::int64_t sum = 0;
  for (std::uint64_t n = 0; n < of.orders; ++n) {
    const row one{static_cast<std::int64_t>(n) * 10, static_cast<std::int64_t>(n % 1'000)};
    const auto key = key_of(n, of.keys);
    if (n < of.payments) table[key] = one;
    if (const auto found = table.find(key); found != table.end()) sum += one.amount * found->second.amount;
  }
  expect_some(sum);
}

void loop_all(const load& of) {
  struct both {
    std::vector<row> orders, payments;
  };
  absl::flat_hash_map<std::int64_t, both> keys;
  std::int64_t sum = 0;
  for (std::uint64_t n = 0; n < std::max(of.orders, of.payments); ++n) {
    auto& of_key = keys[key_of(n, of.keys)];
    const row one{static_cast<std::int64_t>(n) * 10, static_cast<std::int64_t>(n % 1'000)};
    if (n < of.orders) {
      for (const auto& other : of_key.payments) sum += one.amount * other.amount;
      of_key.orders.push_back(one);
    }
    if (n < of.payments) {
      for (const auto& other : of_key.orders) sum += one.amount * other.amount;
      of_key.payments.push_back(one);
    }
  }
  expect_some(sum);
}

void loop_rank(const load& of) {
  absl::flat_hash_map<std::int64_t, std::vector<std::int64_t>> keys;
  std::int64_t sum = 0;
  for (std::uint64_t n = 0; n < of.orders; ++n) {
    auto& best = keys[key_of(n, of.keys)];
    const auto amount = static_cast<std::int64_t>(n % 1'000);
    const auto at = std::upper_bound(best.begin(), best.end(), amount, std::greater<>{});
    if (at - best.begin() >= 10) continue;
    best.insert(at, amount);
    if (best.size() > 10) best.pop_back();
    sum += amount;
  }
  expect_some(sum);
}

}  // namespace

int main() {
  constexpr std::uint64_t m = 1'000'000;
  const load even{2 * m, 2 * m, 100'000};
  const load few{4 * m, 100'000, 100'000};
  const load many{m, m, 500'000};
  const auto interval = [](const auto& join) {
    return join.within(weir::duration{-span_us}, weir::duration{span_us}).template emit<Match>("join", match);
  };
  const auto as_of = [](const auto& join) { return join.as_of().template emit<Match>("join", match); };
  const auto latest = [](const auto& join) { return join.latest().template emit<Match>("join", match); };
  const auto all = [](const auto& join) { return join.template emit<Match>("join", match); };
  const auto unique = [](const auto& join) {
    return join.unique_right().template emit<Match>("join", match);
  };
  bench::report("joins",
                {{"interval", even.orders + even.payments, "records", [=] { loop_interval(even); },
                  [=] { run_join(even, interval); }},
                 {"table as of event time", few.orders + few.payments, "records", [=] { loop_table(few); },
                  [=] { run_join(few, as_of); }},
                 {"latest row of a table", few.orders + few.payments, "records", [=] { loop_table(few); },
                  [=] { run_join(few, latest); }},
                 {"all rows", many.orders + many.payments, "records", [=] { loop_all(many); },
                  [=] { run_join(many, all); }},
                 {"all rows, unique right", many.orders + many.payments, "records", [=] { loop_all(many); },
                  [=] { run_join(many, unique); }},
                 {"ten highest", even.orders, "records", [=] { loop_rank(even); }, [=] { run_rank(even); }}});
}
