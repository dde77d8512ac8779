#pragma once
/// Every metric by its name: weir_<subsystem>_<noun>_<unit>[_total], base units. Permanent: dashboards rely on them.
/// docs/reference-metrics.md is checked against this table.

#include <array>
#include <cstdint>
#include <string_view>

namespace weir::supervision {

enum class metric_type : std::uint8_t { counter, gauge };

struct metric {
  std::string_view name;
  metric_type type{};
  std::string_view help;
};

namespace metrics {

using enum metric_type;

// Of an instance; labels job, operator, instance.
inline constexpr metric input_records{"weir_instance_input_records_total", counter,
                                      "Records consumed; by a source: read"};
inline constexpr metric input_bytes{"weir_instance_input_bytes_total", counter,
                                    "Bytes consumed; by a source: read, as stored"};
inline constexpr metric input_frames{"weir_instance_input_frames_total", counter,
                                     "Frames consumed: batches, watermarks, ends"};
inline constexpr metric output_records{"weir_instance_output_records_total", counter,
                                       "Records emitted; by a sink: written"};
inline constexpr metric output_bytes{"weir_instance_output_bytes_total", counter,
                                     "Bytes emitted; by a sink: handed to the system"};
inline constexpr metric output_batches{"weir_instance_output_batches_total", counter, "Batches emitted"};
inline constexpr metric watermark{"weir_instance_watermark_seconds", gauge,
                                  "Event time up to which all records are seen, since 1970; +Inf when the "
                                  "input has ended, absent while unknown"};
inline constexpr metric busy{"weir_instance_busy_seconds_total", counter, "Time spent working"};
inline constexpr metric idle{"weir_instance_idle_seconds_total", counter, "Time spent without input"};
inline constexpr metric blocked{"weir_instance_blocked_seconds_total", counter,
                                "Time spent waiting for an output to take more: backpressure"};
inline constexpr metric bad_records{"weir_instance_bad_records_total", counter,
                                    "Malformed input that became dead letters"};
inline constexpr metric rejected{"weir_instance_rejected_records_total", counter,
                                 "Records that the behavior rejected to the dead letters"};
inline constexpr metric unused{"weir_instance_unused_records_total", counter,
                               "Records emitted to an output that leads nowhere"};
inline constexpr metric fired_timers{"weir_instance_fired_timers_total", counter, "Timers that fired"};
inline constexpr metric incarnation{"weir_instance_incarnation_number", gauge,
                                    "Which life of the instance this is, from 1"};
inline constexpr metric poisoned{
    "weir_instance_poisoned_records_total", counter,
    "Records and timers given up because the instance died of them again and again"};
inline constexpr metric journal_bytes{"weir_instance_journal_bytes", gauge,
                                      "Memory that keeps what came since the instance's last snapshot"};

// Of an instance's state; labels as above. Transforms only.
inline constexpr metric keys{"weir_state_keys_count", gauge, "Keys that have state or timers"};
inline constexpr metric timers{"weir_state_timers_count", gauge, "Timers that are set"};
inline constexpr metric state_bytes{"weir_state_size_bytes", gauge, "Memory that the state takes"};
inline constexpr metric top_key{
    "weir_state_top_key_ratio", gauge,
    "Share of the latest records that have the instance's most frequent key, estimated; "
    "0 if none stands out, absent where there are no keys"};

// Of a source's instance; labels as above.
inline constexpr metric progress{"weir_source_progress_ratio", gauge,
                                 "Share of the input that is read, 0 to 1; absent while unknown"};

// Of a channel; labels job, operator, instance, peer (the instance at the other end) and channel (its number here).
inline constexpr metric queue_bytes{"weir_channel_queue_bytes", gauge,
                                    "Bytes received and not yet consumed; the instance is the consumer"};
inline constexpr metric queue_frames{"weir_channel_queue_frames", gauge,
                                     "Frames received and not yet consumed; the instance is the consumer"};
inline constexpr metric credit_bytes{
    "weir_channel_credit_bytes", gauge,
    "Bytes that may still be sent, negative where overdrawn; the instance is the producer"};
inline constexpr metric waiting_frames{"weir_channel_waiting_frames", gauge,
                                       "Frames that wait for credit; the instance is the producer"};

// Of the job's snapshots; label job. Absent while none is complete.
inline constexpr metric snapshot_completed{"weir_snapshot_completed_seconds", gauge,
                                           "When the last snapshot was complete, since 1970"};
inline constexpr metric snapshot_duration{
    "weir_snapshot_duration_seconds", gauge,
    "Time from the barriers of the last snapshot to its being complete"};
inline constexpr metric snapshot_bytes{"weir_snapshot_size_bytes", gauge,
                                       "Bytes of all files of the last snapshot"};
inline constexpr metric snapshot_new_bytes{"weir_snapshot_new_bytes", gauge,
                                           "Bytes of the last snapshot that no earlier one had"};

// Of the job; label job. Counted since this process began.
inline constexpr metric snapshots{"weir_job_complete_snapshots_total", counter,
                                  "Snapshots that were completed"};
inline constexpr metric failed_snapshots{"weir_job_failed_snapshots_total", counter,
                                         "Snapshots that were given up or could not be written"};
inline constexpr metric restarts_alone{"weir_job_restarted_instances_total", counter,
                                       "Instances that failed and were restarted alone"};
inline constexpr metric restarts_of_region{"weir_job_restarts_total", counter, "Restarts of all instances"};
inline constexpr metric attempt{"weir_job_attempt_number", gauge,
                                "How often the job as a whole has begun, from 1, also in earlier processes"};

// Of the process; label job.
inline constexpr metric cpu{"weir_process_cpu_seconds_total", counter,
                            "CPU time used by all threads, user and system"};
inline constexpr metric resident{"weir_process_resident_bytes", gauge, "Memory that is resident"};
inline constexpr metric resident_peak{"weir_process_resident_peak_bytes", gauge,
                                      "The most memory that was resident"};
inline constexpr metric uptime{"weir_process_uptime_seconds", gauge, "Time since the job was started"};

/// All of them, in the order in which they are served.
inline constexpr std::array all{
    input_records,
    input_bytes,
    input_frames,
    output_records,
    output_bytes,
    output_batches,
    watermark,
    busy,
    idle,
    blocked,
    bad_records,
    rejected,
    poisoned,
    unused,
    fired_timers,
    incarnation,
    journal_bytes,
    keys,
    timers,
    state_bytes,
    top_key,
    progress,
    queue_bytes,
    queue_frames,
    credit_bytes,
    waiting_frames,
    snapshot_completed,
    snapshot_duration,
    snapshot_bytes,
    snapshot_new_bytes,
    snapshots,
    failed_snapshots,
    restarts_alone,
    restarts_of_region,
    attempt,
    cpu,
    resident,
    resident_peak,
    uptime,
};

}  // namespace metrics

}  // namespace weir::supervision
