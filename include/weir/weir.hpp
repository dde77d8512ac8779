#pragma once
/// What the author of a job includes.
///
///   behavior.hpp    behaviors: handlers and verbs
///   state.hpp       their state: value, list, map, reduce
///   job.hpp         jobs: sources and streams
///   join.hpp        joins of keyed streams
///   rank.hpp        the highest and lowest records of a key
///   deduplicate.hpp the first or last record of a key
///   changes.hpp     changelogs: results that are taken back and replaced
///   sources.hpp     where records come from
///   sinks.hpp       where they go
///   watermarks.hpp  how event time progresses
///   windowed.hpp    streams in windows: window.hpp, aggregates.hpp, trigger.hpp
///   main.hpp        WEIR_JOB: main() and the options of a job

#include <weir/behavior.hpp>
#include <weir/changes.hpp>
#include <weir/deduplicate.hpp>
#include <weir/job.hpp>
#include <weir/join.hpp>
#include <weir/main.hpp>
#include <weir/rank.hpp>
#include <weir/sinks.hpp>
#include <weir/sources.hpp>
#include <weir/state.hpp>
#include <weir/time.hpp>
#include <weir/watermarks.hpp>
#include <weir/windowed.hpp>
