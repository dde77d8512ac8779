#include "launcher/options.hpp"

namespace weir::launcher {
namespace {

option_group recovery_group() {
  return {
      "Recovery",
      {
          {"snapshot-every", "TIME",
           "time between two snapshots, such as 1s; an operator instance that fails is restarted alone, from "
           "its latest one; 0: none (but those of --snapshots that are asked for), and any failure ends the "
           "job",
           "10s"},
          {"snapshots", "DIR",
           "keeps snapshots there, so that the job can go on after its process has died; output is committed "
           "with them, in parts",
           "none outlive the process"},
          {"resume", "latest|PATH",
           "goes on from the latest complete snapshot in --snapshots (from the beginning if there is none), "
           "or "
           "from the snapshot or savepoint at PATH, also with another parallelism",
           ""},
          {"allow-dropped-state", "", "with --resume: state that no operator takes over goes", ""},
          {"savepoint-on-exit", "",
           "SIGINT or SIGTERM takes a savepoint and stops behind it, instead of finishing what was read; "
           "SIGUSR1 always takes one and goes on",
           ""},
          {"snapshots-keep", "N", "complete snapshots to keep, beside savepoints", "3"},
          {"snapshot-timeout", "TIME", "how long a snapshot may take before it is given up", "1m"},
          {"journal-memory", "SIZE",
           "what all instances together may keep for such restarts; a snapshot is taken early when half of "
           "it is "
           "used",
           "128MiB"},
          {"state-memory", "SIZE", "what the operators' state may take in memory", "4GiB"},
          {"poison", "dead-letter|stop",
           "a record at which an instance has died three times becomes a dead letter, or stops the job",
           "dead-letter"},
          {"capsules", "DIR",
           "directory of replay capsules: each failure of an operator instance leaves one, which the command "
           "replay executes again; needs --snapshot-every",
           "none"},
          {"capsules-max", "N", "capsules that are kept there; the oldest go", "16"},
          {"capsules-bytes", "SIZE",
           "what they may take together; a capsule over a quarter of it is not kept", "256MiB"},
      }};
}

}  // namespace

std::span<const option_group> runtime_options() {
  static const std::vector<option_group> groups{
      {"Running",
       {
           {"threads", "N", "threads that run the operators; sinks and sources that block have their own",
            "one per core"},
           {"parallelism", "N|OPERATOR=N",
            "instances of every operator that is neither source nor sink, or of the operator named; may be "
            "repeated; 1 to 256",
            "as the job says"},
           {"batch-records", "N", "records after which a batch is sent on", "1024"},
           {"batch-bytes", "SIZE", "bytes after which a batch is sent on, such as 64KiB", "256KiB"},
           {"linger", "TIME", "longest wait of an open batch while its operator is busy, such as 500us",
            "5ms"},
           {"channel-window", "SIZE",
            "bytes on their way into one instance before its senders must wait, such as 512KiB; more is "
            "faster, less "
            "needs less memory",
            "2MiB"},
           {"replay-speed", "SPEED", "event time against real time: 60x plays an hour in a minute", "max"},
           {"seed", "N", "what random() of the behaviors starts from; the same seed gives the same numbers",
            "0"},
       }},
      recovery_group(),
      {"Input and output",
       {
           {"on-bad-record", "dead-letter|fail",
            "a record that cannot be read or that a behavior rejects is written to the dead letters, or "
            "stops the job",
            "dead-letter"},
           {"dead-letters", "FILE",
            "where dead letters go, one JSON object a line; made only when there is one",
            "JOB.dead-letters.jsonl"},
           {"retry-letters", "FILE",
            "a dead-letter file of an earlier run: its records are handed again to the operators that gave "
            "them up, beside the input",
            "none"},
       }},
      {"Observing",
       {
           {"progress", "auto|on|off",
            "a line about rates, watermark and lag on standard error; auto: on a terminal", "auto"},
           {"progress-every", "TIME", "how often that line is renewed", "1s; 10s where there is no terminal"},
           {"summary", "text|json|off", "what the job did, on standard error, at its end", "text"},
           {"metrics-listen", "HOST:PORT",
            "serves /metrics (for Prometheus), /healthz and /inspect (JSON) while the job runs, and takes "
            "POST "
            "/capsule?instance=OPERATOR/N; port 0 takes one that is free",
            "off"},
           {"log-level", "LEVEL", "least that is logged to standard error: debug, info, warn, error or off",
            "warn"},
           {"log-format", "text|json", "log lines for a person, or one JSON object each", "text"},
       }},
      {"Other",
       {
           {"format", "text|mermaid|graphviz", "of the plan", "text"},
           {"records", "N", "replay: how many records and timers before the last one are shown", "20"},
           {"break", "", "replay: prints the line that starts gdb such that it stops there, and ends", ""},
           {"help", "", "shows this and ends", ""},
           {"version", "", "shows the version and ends", ""},
       }},
  };
  return groups;
}

}  // namespace weir::launcher
