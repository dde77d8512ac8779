#include "launcher/retried_letters.hpp"

#include "core/log.hpp"
#include "operators/letter_retry.hpp"

#include <string>
#include <sys/stat.h>
#include <utility>

namespace weir::launcher {
namespace {

bool is_same_file(const std::string& a, const std::string& b) {
  if (a == b) return true;
  struct stat of_a {
  }, of_b{};
  return ::stat(a.c_str(), &of_a) == 0 && ::stat(b.c_str(), &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
         of_a.st_ino == of_b.st_ino;
}

}  // namespace

std::string letters_path(const graph& job, const run_options& options) {
  return options.dead_letters.empty() ? job.name + ".dead-letters.jsonl" : options.dead_letters;
}

result<void> check_letters_apart(const graph& job, const run_options& options) {
  const auto target = letters_path(job, options);
  if (options.retry_letters.empty() || !is_same_file(options.retry_letters, target)) return {};
  return error{errc::invalid_argument,
               "option --retry-letters: this run's own dead letters would replace " + options.retry_letters +
                   "; rename it first, or send the new ones elsewhere with --dead-letters FILE"};
}

result<void> retry_letters(graph& job, const run_options& options) {
  if (options.retry_letters.empty()) return {};
  const auto counts = add_letter_retry(job, options.retry_letters);
  if (!counts.ok()) return error{counts.failed().code, "option --retry-letters: " + counts.failed().message};
  if (counts->lines > 0)
    log::warn("lines that a source could not read are not retried: mend them and read them as input",
              {{"file", options.retry_letters}, {"letters", std::to_string(counts->lines)}});
  if (counts->without_bytes > 0)
    log::warn("letters without a record are not retried: timers, records that were too large",
              {{"file", options.retry_letters}, {"letters", std::to_string(counts->without_bytes)}});
  log::info("dead letters are retried",
            {{"file", options.retry_letters}, {"records", std::to_string(counts->records)}});
  return {};
}

}  // namespace weir::launcher
