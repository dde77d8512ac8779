#include "launcher/observation.hpp"

#include "io/formats/record_formatter.hpp"
#include "launcher/option_values.hpp"
#include "launcher/process_usage.hpp"
#include "supervision/metrics.hpp"

#include <capnp/serialize.h>

#include <cstdint>
#include <optional>
#include <string_view>
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

/// `storms/3`
struct instance_name {
  std::string operator_name;
  std::uint32_t number = 0;
};

std::optional<instance_name> parse_instance(std::string_view text) {
  const auto slash = text.rfind('/');
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  const auto number = parse_number(text.substr(slash + 1), 0, std::int64_t{1} << 31);
  if (!number.ok()) return std::nullopt;
  return instance_name{std::string{text.substr(0, slash)}, static_cast<std::uint32_t>(*number)};
}

io::http_reply capsule_reply(const observed_job& job, const io::http_endpoint::query& query) {
  constexpr const char* text = "text/plain; charset=utf-8";
  const auto named = query.find("instance");
  const auto instance = named == query.end() ? std::nullopt : parse_instance(named->second);
  if (!instance) return {"say of which instance: /capsule?instance=OPERATOR/NUMBER\n", text, 400};
  const auto kept = job.capture(instance->operator_name, instance->number);
  if (kept.ok()) return {*kept + "\n", text};
  return {kept.failed().message + "\n", text, kept.failed().code == errc::not_found ? 404 : 503};
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
      address,
      {
          {"/metrics", [shared] { return metrics_page(*shared); }},
          {"/inspect", [shared] { return inspect_page(*shared); }},
          {"/healthz",
           [shared] { return io::http_reply{shared->is_draining() ? "draining\n" : "running\n"}; }},
      },
      {{"/capsule",
        [shared](const io::http_endpoint::query& query) { return capsule_reply(*shared, query); }}});
}

}  // namespace weir::launcher
