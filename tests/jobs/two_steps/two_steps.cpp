// Readings through two steps that change nothing. What the steps are called and how they are wired is left to whoever runs
// it, so that a graph can be wrong.
#include "support/records.capnp.h"
#include <weir/weir.hpp>

using weir::test::Reading;

namespace {

struct pass : weir::behavior<Reading> {
  void on(Reading::Reader) { forward<Reading>(); }
};

weir::job two_steps(const weir::arguments& args) {
  weir::job job{"two-steps"};
  auto first = job.source("readings", weir::files(args["input"]), weir::json_lines<Reading>())
                   .spawn<pass>(args["first"]);
  auto second = first.spawn<pass>(args["second"]);
  if (args["back"] == "yes") second.into(first);
  second.sink("out", weir::json_files(args["output"]));
  return job;
}

}  // namespace

WEIR_JOB(two_steps, weir::parameter{"input", "JSON lines of readings"},
         weir::parameter{"output", "directory for the same readings", "out"},
         weir::parameter{"first", "name of the first step", "first"},
         weir::parameter{"second", "name of the second step", "second"},
         weir::parameter{"back", "yes: the second step leads into the first", "no"})
