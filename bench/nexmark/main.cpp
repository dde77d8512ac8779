/// The queries of NEXMARK: runs them, and says what they cost beside hand-written loops. docs/nexmark.md says what each
/// of them means here; `nexmark --help` shows the options.

#include "core/log.hpp"
#include "nexmark/driver/options.hpp"
#include "nexmark/driver/report.hpp"
#include "nexmark/driver/run.hpp"
#include "nexmark/driver/simulation.hpp"

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

namespace {

using namespace nexmark;

void list_queries() {
  for (const auto& one : all_queries())
    std::printf("%-4s %s\n", std::string{one.name}.c_str(), std::string{one.title}.c_str());
}

int simulate_all(const options& how) {
  int code = 0;
  for (const auto* one : how.queries) {
    const auto differs = simulate(*one, how);
    std::printf("%-4s %s\n", std::string{one->name}.c_str(), differs.empty() ? "same" : differs.c_str());
    if (!differs.empty()) code = 1;
  }
  return code;
}

void measure_all(const options& how) {
  std::vector<figures> all;
  std::fputs(table_head(how).c_str(), stdout);
  for (const auto* one : how.queries) {
    all.push_back(run_query(*one, how));
    std::fputs(table_row(all.back(), how).c_str(), stdout);
    std::fflush(stdout);
  }
  if (!how.json.empty() && !(std::ofstream{how.json} << as_json(all, how)))
    throw weir::failure{weir::errc::io_failed, "--json: " + how.json + " cannot be written"};
}

int run(const options& how) {
  if (!how.help.empty()) {
    std::fputs(how.help.c_str(), stdout);
  } else if (how.list) {
    list_queries();
  } else if (!how.generate.empty()) {
    write_events(how);
  } else if (how.simulate > 0) {
    return simulate_all(how);
  } else {
    measure_all(how);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto read = read_options(argc, argv);
  if (!read.ok()) {
    std::fprintf(stderr, "nexmark: %s\n", read.failed().message.c_str());
    return 2;
  }
  if (read->crash_every > 0) weir::log::configure(weir::log::level::error, weir::log::style::text);
  try {
    return run(*read);
  } catch (const weir::failure& why) {
    std::fprintf(stderr, "nexmark: %s\n", to_string(why.what_failed()).c_str());
    return 1;
  }
}
