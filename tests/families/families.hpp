#pragma once
/// The job families: each draws a job and its input, runs it, and compares with a plain loop. They know nothing of clocks
/// or threads, so they run in simulation and on real threads alike.

#include "support/scenario.hpp"

namespace weir::tests {

void stateless_chain(scenario& s);
void keyed_order(scenario& s);
void event_windows(scenario& s);
void lateness(scenario& s);
/// Sources whose instances read several parts side by side.
void parts_of_sources(scenario& s);
void windows(scenario& s);
void two_phases(scenario& s);
void two_inputs(scenario& s);
void joined(scenario& s);
void announced_watermarks(scenario& s);
void diamonds(scenario& s);
void random_graph(scenario& s);
void drained(scenario& s);
void stopped(scenario& s);
void throwing_behaviors(scenario& s);
void failing_sources_and_sinks(scenario& s);
void bad_records(scenario& s);
/// Needs snapshots: its behaviors die, at some records always.
void dying_behaviors(scenario& s);
/// The same with behaviors that die of what they know: each life alike. Only their capsules count.
void dying_alike(scenario& s);

}  // namespace weir::tests
