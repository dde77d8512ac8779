#pragma once
/// The job families that other tests use beside their own.

#include "support/scenario.hpp"

namespace weir::tests {

void stateless_chain(scenario& s);
void keyed_order(scenario& s);
void event_windows(scenario& s);
void lateness(scenario& s);
void two_inputs(scenario& s);
void diamonds(scenario& s);

}  // namespace weir::tests
