#include "nexmark/driver/options.hpp"

#include "launcher/option_values.hpp"

#include <boost/program_options.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string_view>
#include <utility>

namespace nexmark {
namespace {

namespace po = boost::program_options;

po::options_description described() {
  po::options_description shown{"Options"};
  const auto text = [](const char* fallback) { return po::value<std::string>()->default_value(fallback); };
  shown.add_options()                                                                                    //
      ("query", po::value<std::vector<std::string>>()->composing(), "q0 to q22, or all (default)")       //
      ("events", text("1000000"), "how many events; 10M is 10,000,000")                                  //
      ("rate", text("100k"), "events per second of event time, so windows close; decimals are fine")     //
      ("pace", text("max"), "event time against real time: 1x makes each event when its time has come")  //
      ("half-rate", text("0"),
       "seconds: finds out how fast --events pass, then runs at half of that for so long: latencies")  //
      ("warm-memory", text("0"),
       "touches so much memory before each run, 0: none; what the host of a virtual machine took back costs "
       "milliseconds at its first use")                                                    //
      ("parallelism", text("1"), "instances of the queries' operators")                    //
      ("generators", text("1"), "instances that make the events")                          //
      ("threads", text("0"), "threads that run the operators; 0: one per core")            //
      ("seed", text("0"), "of the events")                                                 //
      ("batch-records", text("1024"), "records after which a batch is sent on")            //
      ("batch-bytes", text("256KiB"), "bytes after which a batch is sent on")              //
      ("linger", text("5ms"), "longest wait of an open batch while its operator is busy")  //
      ("channel-window", text("2MiB"),
       "bytes on their way into one instance before its senders must wait")                      //
      ("snapshot-every", text("10s"), "time between two snapshots; 0: none, and no journals")    //
      ("journal-memory", text("128MiB"), "what all journals together may keep")                  //
      ("state-memory", text("4GiB"), "what the operators' state may take in memory")             //
      ("snapshots", text(""), "keeps snapshots there, a directory, in a folder for each query")  //
      ("resume", text(""), "latest: goes on from the latest complete snapshot in --snapshots")   //
      ("crash-every", text("0"),
       "each instance dies when it has handled so many records more; 0: none does")  //
      ("rounds", text("1"), "of loop and job, by turns; the median counts")          //
      ("no-loops", "does not run the hand-written loops")                            //
      ("output", text(""),
       "writes results as JSON lines to a folder for each query there; else they are dropped")  //
      ("json", text(""), "writes the figures to this file")                                     //
      ("generate", text(""), "writes the events as JSON lines to this directory, and ends")     //
      ("simulate", text("0"),
       "runs each query under so many seeds in virtual time, and compares its results")  //
      ("list", "shows the queries and ends")("help", "shows this and ends");
  return shown;
}

/// Reads the values that one option after the other has; what is wrong with one is thrown as a failure.
class values {
 public:
  explicit values(const po::variables_map& given) : given_{given} {}

  [[nodiscard]] const std::string& text(const char* name) const { return given_[name].as<std::string>(); }
  template <class Parse>
  [[nodiscard]] auto parsed(const char* name, Parse&& parse) const {
    auto value = parse(std::string_view{text(name)});
    if (!value.ok()) fail(name, value.failed().message);
    return *value;
  }
  /// A count, with k or M behind it.
  [[nodiscard]] double count(const char* name) const {
    auto digits = text(name);
    double factor = 1;
    if (!digits.empty() && (digits.back() == 'k' || digits.back() == 'K')) factor = 1e3;
    if (!digits.empty() && digits.back() == 'M') factor = 1e6;
    if (factor > 1) digits.pop_back();
    const auto number = weir::launcher::parse_decimal(digits);
    if (!number.ok()) fail(name, number.failed().message);
    if (*number < 0) fail(name, "'" + text(name) + "' is below 0");
    return *number * factor;
  }
  [[nodiscard]] std::uint64_t whole(const char* name, std::uint64_t least, std::uint64_t most) const {
    const auto number = count(name);
    if (number < static_cast<double>(least) || number > static_cast<double>(most) ||
        number != std::floor(number))
      fail(name, "'" + text(name) + "' is no whole number of " + std::to_string(least) + " to " +
                     std::to_string(most));
    return static_cast<std::uint64_t>(number);
  }
  [[noreturn]] static void fail(const std::string& name, const std::string& why) {
    throw weir::failure{weir::errc::invalid_argument, "--" + name + ": " + why};
  }

 private:
  const po::variables_map& given_;
};

std::vector<const query*> queries_of(const po::variables_map& given) {
  std::vector<std::string> names;
  if (given.count("query") > 0) names = given["query"].as<std::vector<std::string>>();
  const auto has = [&](std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  std::vector<const query*> chosen;
  for (const auto& one : all_queries())
    if (names.empty() || has("all") || has(one.name)) chosen.push_back(&one);
  for (const auto& name : names) {
    const auto known = [&](const query& one) { return one.name == name; };
    if (name != "all" && std::none_of(all_queries().begin(), all_queries().end(), known))
      values::fail("query", "there is no query '" + name + "'; --list shows those that there are");
  }
  return chosen;
}

event_settings events_of(const values& given) {
  event_settings events;
  events.events = given.whole("events", 0, 1'000'000'000'000);
  const auto rate = given.count("rate");
  if (rate <= 0 || rate > 1e9)
    values::fail("rate", "'" + given.text("rate") + "' is not above 0 and at most 1000M");
  events.interval_ns = std::llround(1e9 / rate);
  events.seed = given.whole("seed", 0, 1'000'000);
  if (static_cast<double>(events.events) * static_cast<double>(events.interval_ns) > 9e18)
    values::fail(
        "rate",
        "so few events a second make the last event come after more than 285 years: give a higher one");
  return events;
}

weir::supervision::run_settings run_of(const values& given) {
  using namespace weir::launcher;
  weir::supervision::run_settings run;
  run.threads = static_cast<std::uint32_t>(given.whole("threads", 0, 1024));
  run.batches.records_max = static_cast<std::uint32_t>(given.whole("batch-records", 1, 1'000'000));
  run.batches.bytes_max = given.parsed("batch-bytes", parse_bytes);
  run.window_bytes = given.parsed("channel-window", parse_bytes);
  run.linger = given.parsed("linger", parse_duration);
  run.replay_speed = given.parsed("pace", parse_speed);
  run.snapshot_every = given.parsed("snapshot-every", parse_duration);
  run.journal_bytes_max = given.parsed("journal-memory", parse_bytes);
  run.state_bytes_max = given.parsed("state-memory", parse_bytes);
  run.snapshots = given.text("snapshots");
  run.resume = given.text("resume");
  return run;
}

options options_of(const po::variables_map& given) {
  const values from{given};
  options read;
  read.queries = queries_of(given);
  read.events = events_of(from);
  read.run = run_of(from);
  read.parallelism = static_cast<std::uint32_t>(from.whole("parallelism", 1, 256));
  read.generators = static_cast<std::uint32_t>(from.whole("generators", 1, 256));
  read.crash_every = from.whole("crash-every", 0, 1'000'000'000);
  if (from.text("warm-memory") != "0")
    read.warm_bytes = from.parsed("warm-memory", weir::launcher::parse_bytes);
  read.half_rate_s = static_cast<std::uint32_t>(from.whole("half-rate", 0, 86'400));
  if (read.half_rate_s > 0 && read.run.replay_speed > 0)
    values::fail("half-rate", "chooses the pace itself: give it without --pace");
  read.rounds = static_cast<std::uint32_t>(from.whole("rounds", 1, 1000));
  read.simulate = static_cast<std::uint32_t>(from.whole("simulate", 0, 1'000'000));
  read.loops = given.count("no-loops") == 0;
  read.output = from.text("output");
  read.json = from.text("json");
  read.generate = from.text("generate");
  read.list = given.count("list") > 0;
  if (read.crash_every > 0 && read.run.snapshot_every.count() == 0)
    values::fail("crash-every", "needs --snapshot-every: without snapshots a death ends the job");
  return read;
}

}  // namespace

weir::result<options> read_options(int argc, char** argv) {
  const auto known = described();
  po::positional_options_description places;
  places.add("query", -1);
  try {
    po::variables_map given;
    po::store(po::command_line_parser(argc, argv).options(known).positional(places).run(), given);
    po::notify(given);
    auto read = options_of(given);
    if (given.count("help") > 0) {
      std::ostringstream text;
      text << "Usage: nexmark [QUERY]... [OPTION]...\n\nRuns the queries of NEXMARK and says what they "
              "cost.\n\n"
           << known;
      read.help = text.str();
    }
    return read;
  } catch (const po::error& wrong) {
    return weir::error{weir::errc::invalid_argument, wrong.what()};
  } catch (const weir::failure& wrong) {
    return wrong.what_failed();
  }
}

}  // namespace nexmark
