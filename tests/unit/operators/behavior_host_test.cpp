// What the host owes to the instance around it: congestion, shared batches, watermarks of what passes on, errors.

#include "support/records.capnp.h"
#include <weir/behavior.hpp>
#include <weir/runtime/typed_logic.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using weir::batch_view;
using weir::test::Alarm;
using weir::test::Reading;

namespace {

struct collected final : weir::emission_target {
  std::vector<std::pair<std::uint32_t, batch_view>> batches;
  bool nobody_listens = false;

  void deliver(std::uint32_t port, batch_view records) override {
    batches.emplace_back(port, std::move(records));
  }
  bool is_unused(std::uint32_t) const override { return nobody_listens; }
  using emission_target::set_congested;
};

struct fixture {
  std::shared_ptr<weir::buffer_pool> memory = std::make_shared<weir::buffer_pool>();
  collected target;
  std::vector<std::string> letters;
  bool letters_fail = false;
  std::int64_t now_us = 1'000;
  std::unique_ptr<weir::behavior_host> host;

  explicit fixture(std::vector<weir::record_type> outputs, weir::batch_limits limits = {}) {
    weir::host_settings settings;
    settings.instance = "op/0";
    settings.outputs = std::move(outputs);
    settings.limits = limits;
    settings.pool = memory;
    settings.now = [this] { return now_us; };
    settings.dead_letter = [this](const weir::dead_letter& letter) -> weir::result<void> {
      letters.push_back(std::string{letter.operator_name} + ": " + std::string{letter.reason});
      if (letters_fail) return weir::error{weir::errc::disk_full, "no room for letters"};
      return {};
    };
    host = std::make_unique<weir::behavior_host>(std::move(settings), target);
  }

  /// Readings with values 0.., event times `first_us`.. and watermarks one behind.
  batch_view readings(std::uint32_t count, std::int64_t first_us, bool event_time = true) {
    weir::batch_writer writer{weir::record_type::of<Reading>(),
                              {.records_max = 4'096},
                              weir::batch_writer::columns{event_time},
                              memory};
    batch_view sealed;
    for (std::uint32_t i = 0; i < count; ++i) {
      writer.append().as<Reading>().setValue(i);
      writer.commit(first_us + i, first_us + i - 1);
      if (writer.full()) break;
    }
    return batch_view{writer.seal()};
  }
};

struct pass_on : weir::behavior<Reading> {
  void on(weir::batch_of<Reading> readings) { host().pass(0, readings.view()); }
};

template <class B>
std::unique_ptr<weir::operator_logic> logic_of(fixture& f,
                                               std::unique_ptr<B> behavior = std::make_unique<B>()) {
  auto logic = std::make_unique<weir::typed_logic<B, weir::typed_input<Reading>>>(
      std::move(behavior), std::tuple{weir::typed_input<Reading>{}});
  logic->open(*f.host);
  return logic;
}

}  // namespace

TEST_CASE("behavior_host: a congested output stops the loop behind the record, and it goes on from there") {
  struct echo : weir::behavior<Alarm> {
    void on(Reading::Reader in) {
      emit<Alarm>([&](Alarm::Builder out) { out.setLast(in.getValue()); });
    }
  };
  fixture f{{weir::record_type::of<Alarm>()}, {.records_max = 1}};
  const auto logic = logic_of<echo>(f);
  const auto view = f.readings(5, 100);
  f.host->begin_view(view, weir::time_max_us);
  f.target.set_congested(true);
  CHECK(logic->consume(0, view, 0) == 1);
  CHECK(logic->consume(0, view, 1) == 2);
  f.target.set_congested(false);
  CHECK(logic->consume(0, view, 2) == 5);
  CHECK(f.target.batches.size() == 5);
  CHECK(f.host->counters().records_out == 5);
}

TEST_CASE("behavior_host: a record waits until the timers before it have fired") {
  struct timed : weir::behavior<Alarm> {
    int records = 0;
    void on(Reading::Reader) {
      if (++records > 1) return;
      for (int i = 0; i < 3; ++i) set_timer("t" + std::to_string(i), event_time());
    }
    void on(weir::timer) {
      emit<Alarm>([](Alarm::Builder) {});
    }
  };
  fixture f{{weir::record_type::of<Alarm>()}, {.records_max = 1}};
  auto owned = std::make_unique<timed>();
  auto& behavior = *owned;
  const auto logic = logic_of<timed>(f, std::move(owned));
  const auto view = f.readings(2, 100);
  f.host->begin_view(view, weir::time_max_us);
  f.target.set_congested(true);
  CHECK(logic->consume(0, view, 0) == 1);
  CHECK(logic->consume(0, view, 1) == 1);  // t0
  CHECK(logic->consume(0, view, 1) == 1);  // t1
  CHECK(f.target.batches.size() == 2);
  CHECK(behavior.records == 1);
  CHECK(logic->consume(0, view, 1) == 1);  // t2
  CHECK(logic->consume(0, view, 1) == 2);
  CHECK(behavior.records == 2);
  CHECK(f.target.batches.size() == 3);
}

TEST_CASE("behavior_host: while timers of one time are left, nothing is promised behind it") {
  struct timed : weir::behavior<Alarm> {
    void on(Reading::Reader) {
      for (int i = 0; i < 3; ++i) set_timer("t" + std::to_string(i), weir::event_time{weir::duration{500}});
    }
    void on(weir::timer) {
      emit<Alarm>([](Alarm::Builder) {});
    }
  };
  fixture f{{weir::record_type::of<Alarm>()}, {.records_max = 1}};
  const auto logic = logic_of<timed>(f);
  const auto view = f.readings(1, 100);
  f.host->begin_view(view, weir::time_max_us);
  CHECK(logic->consume(0, view, 0) == 1);
  f.host->end_view();
  f.target.set_congested(true);
  CHECK_FALSE(f.host->advance_watermark(1'000));
  CHECK(f.host->output_watermark_us() == 499);
  CHECK(f.host->advance_watermark(200));
  CHECK(f.host->output_watermark_us() == 499);
  f.target.set_congested(false);
  CHECK(f.host->advance_watermark(1'000));
  CHECK(f.host->output_watermark_us() == 1'000);
  for (const auto& [port, batch] : f.target.batches) CHECK(batch.content().watermarks()[0] == 499);
}

TEST_CASE("behavior_host: a view passes on without a copy") {
  fixture f{{weir::record_type::of<Reading>()}};
  const auto logic = logic_of<pass_on>(f);
  const auto view = f.readings(4, 100);
  f.host->begin_view(view, weir::time_max_us);
  CHECK(logic->consume(0, view, 0) == 4);
  REQUIRE(f.target.batches.size() == 1);
  CHECK(&f.target.batches[0].second.content() == &view.content());
}

TEST_CASE("behavior_host: what passes on promises no more than all inputs together do") {
  fixture f{{weir::record_type::of<Reading>()}};
  const auto logic = logic_of<pass_on>(f);
  const auto view = f.readings(4, 100);
  f.host->begin_view(view, 50);
  CHECK(logic->consume(0, view, 0) == 4);
  CHECK(f.target.batches[0].second.watermark_max_us() == 50);

  SECTION("and whoever receives it keeps to that") {
    struct watch : weir::behavior<> {
      std::int64_t seen_us = 0;
      void on(Reading::Reader) { seen_us = watermark().time_since_epoch().count(); }
    };
    fixture behind{{}};
    auto owned = std::make_unique<watch>();
    auto& behavior = *owned;
    const auto next = logic_of<watch>(behind, std::move(owned));
    const auto& passed = f.target.batches[0].second;
    behind.host->begin_view(passed, weir::time_max_us);
    CHECK(next->consume(0, passed, 0) == 4);
    CHECK(behavior.seen_us == 50);
  }
}

TEST_CASE("behavior_host: other channels hold a record's watermark back") {
  struct watch : weir::behavior<> {
    std::vector<std::int64_t> seen_us;
    void on(Reading::Reader) { seen_us.push_back(watermark().time_since_epoch().count()); }
  };
  fixture f{{}};
  auto owned = std::make_unique<watch>();
  auto& behavior = *owned;
  const auto logic = logic_of<watch>(f, std::move(owned));
  const auto view = f.readings(4, 100);
  f.host->begin_view(view, 101);
  CHECK(logic->consume(0, view, 0) == 4);
  CHECK(behavior.seen_us == std::vector<std::int64_t>{99, 100, 101, 101});
  CHECK(f.host->output_watermark_us() == 101);
  CHECK(f.host->advance_watermark(90));
  CHECK(f.host->output_watermark_us() == 101);
}

TEST_CASE("behavior_host: a stream without event time") {
  struct watch : weir::behavior<Alarm> {
    std::int64_t seen_us = 0;
    void on(Reading::Reader) {
      seen_us = event_time().time_since_epoch().count();
      set_timer("clock", now() + weir::duration{1});
      emit<Alarm>([](Alarm::Builder) {});
    }
    void on(weir::timer) { seen_us = event_time().time_since_epoch().count(); }
  };
  fixture f{{weir::record_type::of<Alarm>()}};
  auto owned = std::make_unique<watch>();
  auto& behavior = *owned;
  const auto logic = logic_of<watch>(f, std::move(owned));
  const auto view = f.readings(2, 100, false);
  f.host->begin_view(view, weir::time_max_us);
  CHECK(logic->consume(0, view, 0) == 2);
  CHECK(behavior.seen_us == weir::time_min_us);
  f.now_us += 1;
  CHECK(f.host->fire_processing_timers(f.host->now_us()));
  CHECK(behavior.seen_us == 1'001);
}

TEST_CASE("behavior_host: open batches leave with flush, full ones at once") {
  struct echo : weir::behavior<Alarm> {
    void on(Reading::Reader) {
      emit<Alarm>([](Alarm::Builder) {});
    }
  };
  fixture f{{weir::record_type::of<Alarm>()}, {.records_max = 4}};
  const auto logic = logic_of<echo>(f);
  const auto view = f.readings(6, 100);
  f.host->begin_view(view, weir::time_max_us);
  CHECK(logic->consume(0, view, 0) == 6);
  REQUIRE(f.target.batches.size() == 1);
  CHECK(f.target.batches[0].second.size() == 4);
  CHECK(f.host->has_open_batches());
  f.host->flush();
  CHECK_FALSE(f.host->has_open_batches());
  CHECK(f.target.batches.size() == 2);
  f.host->flush();
  CHECK(f.target.batches.size() == 2);
}

TEST_CASE("behavior_host: what nobody listens to is counted and never built") {
  struct echo : weir::behavior<Alarm> {
    int filled = 0;
    void on(Reading::Reader) {
      emit<Alarm>([&](Alarm::Builder) { ++filled; });
    }
  };
  fixture f{{weir::record_type::of<Alarm>()}};
  f.target.nobody_listens = true;
  auto owned = std::make_unique<echo>();
  auto& behavior = *owned;
  const auto logic = logic_of<echo>(f, std::move(owned));
  const auto view = f.readings(3, 100);
  f.host->begin_view(view, weir::time_max_us);
  CHECK(logic->consume(0, view, 0) == 3);
  CHECK(behavior.filled == 0);
  CHECK(f.host->counters().unused_out == 3);
  CHECK(f.host->counters().records_out == 0);
}

TEST_CASE("behavior_host: a dead letter that cannot be kept stops the instance") {
  struct strict : weir::behavior<> {
    void on(Reading::Reader) { reject("no"); }
  };
  fixture f{{}};
  const auto logic = logic_of<strict>(f);
  const auto view = f.readings(2, 100);
  f.host->begin_view(view, weir::time_max_us);
  CHECK(logic->consume(0, view, 0) == 2);
  CHECK(f.letters == std::vector<std::string>{"op/0: no", "op/0: no"});
  CHECK(f.host->counters().rejected == 2);
  f.letters_fail = true;
  CHECK_THROWS_WITH(logic->consume(0, view, 0), "no room for letters");
}

TEST_CASE("behavior_host: says what was being handled when it failed") {
  struct fails : weir::behavior<> {
    void on(Reading::Reader in) {
      if (in.getValue() == 2) throw std::runtime_error{"two"};
      set_timer("boom", weir::event_time{weir::duration{500}});
    }
    void on(weir::timer) { throw std::runtime_error{"timer"}; }
  };
  fixture f{{}};
  const auto logic = logic_of<fails>(f);
  CHECK(f.host->activity().empty());
  const auto view = f.readings(3, 100);
  f.host->begin_view(view, weir::time_max_us);
  CHECK_THROWS(logic->consume(0, view, 0));
  CHECK(f.host->activity() == "record 3 of 3: Reading (value = 2, at = 0)");
  f.host->end_view();
  CHECK_THROWS(f.host->advance_watermark(1'000));
  CHECK(f.host->activity() == "timer 'boom' of key '', due 1970-01-01T00:00:00.000500Z");
}
