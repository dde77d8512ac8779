#pragma once
/// The generator as a part of a job.

#include "nexmark/events.capnp.h"
#include "nexmark/generator/event_settings.hpp"
#include <weir/job.hpp>

#include <atomic>
#include <cstdint>
#include <memory>

namespace nexmark {

struct event_streams {
  weir::stream<Person> persons;
  weir::stream<Auction> auctions;
  weir::stream<Bid> bids;
};

/// Adds `events`, a source of event numbers, and `generate`, which makes three streams of them, in order of time. What
/// nobody reads is not made. Instances deal the events out in runs of lane_events; a job may be resumed with another
/// number of them. `started_us` is set to the wall time at which the first event number is made.
[[nodiscard]] event_streams add_events(
    weir::job& job, const event_settings& settings, std::uint32_t parallelism,
    const std::shared_ptr<std::atomic<std::int64_t>>& started_us = nullptr);

/// As many events in a row belong to one instance.
inline constexpr std::uint64_t lane_events = 1000;

}  // namespace nexmark
