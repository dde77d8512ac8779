#pragma once
/// The test kit: everything that a test of behaviors includes.
///
///   testing/owned.hpp             records that tests make, pass around and compare
///   testing/probe.hpp             one behavior in virtual time
///   testing/memory.hpp            sources and sinks in memory, for whole jobs
///   testing/run.hpp               a whole job in virtual time
///   testing/survives_crashes.hpp  the same while its instances die
///
/// Beside it:
///
///   testing/sink_kit.hpp  what a sink promises, tried on one's own

#include <weir/testing/memory.hpp>
#include <weir/testing/owned.hpp>
#include <weir/testing/probe.hpp>
#include <weir/testing/run.hpp>
#include <weir/testing/survives_crashes.hpp>
