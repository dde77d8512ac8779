#pragma once
/// What the author of a job includes.
///
///   behavior.hpp    behaviors: handlers and verbs
///   state.hpp       their state: value, list, map, reduce
///   job.hpp         jobs: sources and streams
///   sources.hpp     where records come from
///   sinks.hpp       where they go
///   watermarks.hpp  how event time progresses
///   main.hpp        WEIR_JOB: main() and the options of a job

#include <weir/behavior.hpp>
#include <weir/job.hpp>
#include <weir/main.hpp>
#include <weir/sinks.hpp>
#include <weir/sources.hpp>
#include <weir/state.hpp>
#include <weir/time.hpp>
#include <weir/watermarks.hpp>
