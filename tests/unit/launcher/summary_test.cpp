#include "launcher/summary.hpp"

#include "support/job_reports.hpp"

#include <catch2/catch.hpp>

#include <chrono>

using namespace weir;
using namespace weir::launcher;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using supervision::job_end;
using weir::test::described;
using weir::test::job_report;
using weir::wire::Role;

namespace {

job_summary finished() {
  job_summary summary;
  summary.view =
      view_of_report(job_report("delay-storms", {
                                                    [](wire::InstanceReport::Builder r) {
                                                      described({.name = "flights/0",
                                                                 .role = Role::SOURCE,
                                                                 .records_in = 508'239,
                                                                 .records_out = 508'239,
                                                                 .busy_us = 30,
                                                                 .blocked_us = 70,
                                                                 .receivers = {"storms/0", "storms/1"}})(r);
                                                      r.setBytesIn(2'160'000);
                                                      r.setBatchesOut(497);
                                                      r.setBadRecords(2);
                                                      r.setPosition("flights.csv.zst:508240 (100%)");
                                                    },
                                                    [](wire::InstanceReport::Builder r) {
                                                      described({.name = "storms/0",
                                                                 .records_in = 508'239,
                                                                 .records_out = 2'052,
                                                                 .busy_us = 97,
                                                                 .idle_us = 3})(r);
                                                      r.setBatchesIn(1'000);
                                                      r.setKeys(230);
                                                      r.setRejected(1);
                                                      r.setUnusedOut(7);
                                                    },
                                                    [](wire::InstanceReport::Builder r) {
                                                      described({.name = "out/0",
                                                                 .role = Role::SINK,
                                                                 .records_in = 2'052,
                                                                 .records_out = 2'052,
                                                                 .busy_us = 1,
                                                                 .idle_us = 99})(r);
                                                      r.setBytesOut(294'000);
                                                      r.setBatchesIn(1'026);
                                                      r.setPosition("out/out-0.jsonl");
                                                    },
                                                }));
  summary.elapsed = 2s;
  summary.used = {1.71, 0, 64'200'000};
  summary.dead_letters_file = "delay-storms.dead-letters.jsonl";
  return summary;
}

job_summary failed() {
  auto summary = finished();
  summary.how = job_end::failed;
  summary.code = exit_code::operator_failed;
  summary.why = {errc::behavior_failed, "vector::at"};
  summary.instance = "storms/3#2";
  summary.record = "(date = 978307260000, delay = 33)";
  auto& recovery = summary.view.recovery;
  recovery.attempt = 2;
  recovery.restarts_alone = 4;
  recovery.restarts_of_region = 1;
  recovery.snapshots = 5;
  recovery.epoch = 6;
  recovery.snapshot_bytes = 4'096;
  recovery.snapshot_new_bytes = 1'024;
  recovery.snapshot_duration_us = 250'000;
  return summary;
}

}  // namespace

TEST_CASE("summary: of a job that finished") {
  CHECK(
      summary_text(finished()) ==
      R"(delay-storms finished in 2.00 s: read 508,239 records (2.16 MB), 254 k records/s; used 1.71 s of CPU, at most 64.2 MB of memory

  operator  instances  records in  records out  batches  per batch  busy  idle  blocked  keys
  flights           1     508,239      508,239      497      1,023   30%    0%      70%     -
  storms            1     508,239        2,052    1,000        508   97%    3%       0%   230
  out               1       2,052        2,052    1,026          2    1%   99%       0%     -

  read          flights/0  flights.csv.zst:508240 (100%)
  written       out/0  out/out-0.jsonl  2,052 records, 294 kB
  dead letters  3 in delay-storms.dead-letters.jsonl (2 malformed, 1 rejected by behaviors)
  unused        storms emitted 7 records to an output that leads nowhere
  backpressure  from storms: flights was blocked 70% of its time, storms was busy 97%
)");
}

TEST_CASE("summary: of a job that failed says where, on which record, why, and what to do") {
  const auto text = summary_text(failed());
  CHECK_THAT(text, Contains("delay-storms failed after 2.00 s"));
  CHECK_THAT(text, Contains("  not complete  out/0  out/out-0.jsonl"));
  CHECK_THAT(text, Contains("  failed        storms/3 (incarnation 2)\n"));
  CHECK_THAT(text, Contains("  error         behavior_failed: vector::at\n"));
  CHECK_THAT(text, Contains("  record        (date = 978307260000, delay = 33)\n"));
  CHECK_THAT(text, Contains("  next          mend the behavior"));
}

TEST_CASE("summary: every failure says what to do") {
  auto summary = failed();
  for (const auto code :
       {errc::bad_record, errc::record_rejected, errc::disk_full, errc::protocol_violated}) {
    summary.why.code = code;
    CHECK_FALSE(next_step(summary).empty());
  }
  summary.why.code = errc::not_found;
  summary.failed_kind = node_kind::source;
  CHECK_THAT(next_step(summary), Contains("input"));
  summary.failed_kind = node_kind::sink;
  CHECK_THAT(next_step(summary), Contains("output"));
  CHECK(next_step(finished()).empty());
}

TEST_CASE("summary: as JSON") {
  CHECK(
      summary_json(failed()) ==
      R"j({"job":"delay-storms","outcome":"failed","exitCode":1,"seconds":2,"recordsRead":508239,"bytesRead":2160000,)j"
      R"j("recordsPerSecond":254119.5,"cpuSeconds":1.71,"peakResidentBytes":64200000,"operators":[)j"
      R"j({"name":"flights","role":"source","instances":1,"recordsIn":508239,"recordsOut":508239,"bytesIn":2160000,"bytesOut":0,)j"
      R"j("batches":497,"recordsPerBatch":1022.613682,"busy":0.3,"idle":0,"blocked":0.7,"keys":0,"badRecords":2,"rejected":0,)j"
      R"j("unusedOut":0,"positions":["flights.csv.zst:508240 (100%)"]},)j"
      R"j({"name":"storms","role":"transform","instances":1,"recordsIn":508239,"recordsOut":2052,"bytesIn":0,"bytesOut":0,)j"
      R"j("batches":1000,"recordsPerBatch":508.239,"busy":0.97,"idle":0.03,"blocked":0,"keys":230,"badRecords":0,"rejected":1,)j"
      R"j("unusedOut":7,"positions":[]},)j"
      R"j({"name":"out","role":"sink","instances":1,"recordsIn":2052,"recordsOut":2052,"bytesIn":0,"bytesOut":294000,)j"
      R"j("batches":1026,"recordsPerBatch":2,"busy":0.01,"idle":0.99,"blocked":0,"keys":0,"badRecords":0,"rejected":0,)j"
      R"j("unusedOut":0,"positions":["out/out-0.jsonl"]}],)j"
      R"j("deadLetters":{"count":3,"file":"delay-storms.dead-letters.jsonl"},)j"
      R"j("backpressure":[{"blocked":"flights","by":"storms","share":0.7}],)j"
      R"j("recovery":{"attempt":2,"restartsAlone":4,"restartsOfRegion":1,"snapshots":5,"failedSnapshots":0,"lastEpoch":6,)j"
      R"j("lastBytes":4096,"lastNewBytes":1024,"lastSeconds":0.25,"lastError":""},)j"
      R"j("failure":{"instance":"storms/3","incarnation":2,"error":"behavior_failed","message":"vector::at",)j"
      R"j("record":"(date = 978307260000, delay = 33)","next":"mend the behavior, or let it reject() such a record to the dead letters; )j"
      R"j(then run the job again: no output is complete"}})j"
      "\n");
}
