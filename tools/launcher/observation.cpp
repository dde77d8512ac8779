#include "launcher/observation.hpp"

#include "io/formats/record_formatter.hpp"
#include "launcher/process_usage.hpp"
#include "supervision/metrics.hpp"

#include <capnp/serialize.h>

#include <utility>

namespace weir::launcher {
namespace {

kj::ArrayPtr<const capnp::word> as_words(const supervision::shared_words& words) {
  return kj::arrayPtr(reinterpret_cast<const capnp::word*>(words->data()), words->size());
}

io::http_reply no_report() {
  return {"the job has not started yet, or has ended\n", "text/plain; charset=utf-8", 503};
}

io::http_reply metrics_page(const observed_job& job) {
  const auto words = job.report();
  if (words == nullptr) return no_report();
  capnp::FlatArrayMessageReader reader{as_words(words)};
  const auto used = read_process_usage();
  const auto uptime_seconds = static_cast<double>(job.uptime().count()) / 1e6;
  return {supervision::metrics_text(
              reader.getRoot<wire::JobReport>(),
              {used.cpu_seconds, used.resident_bytes, used.resident_peak_bytes, uptime_seconds}),
          std::string{supervision::metrics_content_type}};
}

io::http_reply inspect_page(const observed_job& job) {
  const auto words = job.report();
  if (words == nullptr) return no_report();
  auto json = report_json(words);
  if (!json.ok()) return {json.failed().message + "\n", "text/plain; charset=utf-8", 500};
  return {*json + "\n", "application/json"};
}

}  // namespace

result<std::string> report_json(const supervision::shared_words& job_report) {
  const auto formatter = io::make_json_formatter(record_type::of<wire::JobReport>());
  if (!formatter.ok()) return formatter.failed();
  capnp::FlatArrayMessageReader reader{as_words(job_report)};
  io::text_buffer text;
  (*formatter)->append(reader.getRoot<capnp::AnyStruct>(), text);
  return std::string{text.view()};
}

result<std::unique_ptr<io::http_endpoint>> serve_observation(const std::string& address, observed_job job) {
  const auto shared = std::make_shared<const observed_job>(std::move(job));
  return io::http_endpoint::listen(
      address, {
                   {"/metrics", [shared] { return metrics_page(*shared); }},
                   {"/inspect", [shared] { return inspect_page(*shared); }},
                   {"/healthz",
                    [shared] { return io::http_reply{shared->is_draining() ? "draining\n" : "running\n"}; }},
               });
}

}  // namespace weir::launcher
