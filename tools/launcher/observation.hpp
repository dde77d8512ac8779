#pragma once
/// What a running job shows over HTTP.

#include "io/http_endpoint.hpp"
#include "supervision/job_outcome.hpp"
#include <weir/error.hpp>
#include <weir/time.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace weir::launcher {

/// What the pages are made from. Called from several threads at once.
struct observed_job {
  std::function<supervision::shared_words()>
      report;  ///< a flat wire::JobReport; null while none is to be had
  std::function<duration()> uptime;
  std::function<bool()> is_draining;
  /// Where the capsule of that instance is now.
  std::function<result<std::string>(const std::string& operator_name, std::uint32_t instance)> capture{};
};

/// Serves /metrics, /healthz and /inspect, and takes POST /capsule, until it is destroyed.
[[nodiscard]] result<std::unique_ptr<io::http_endpoint>> serve_observation(const std::string& address,
                                                                           observed_job job);

/// A wire::JobReport as one JSON object, fields as in schemas/control.capnp.
[[nodiscard]] result<std::string> report_json(const supervision::shared_words& job_report);

}  // namespace weir::launcher
