#include "operators/letter_retry.hpp"

#include "io/bytes/checksum.hpp"
#include "io/files/letter_walk.hpp"
#include "operators/capsule.hpp"
#include "operators/record_image.hpp"

#include <algorithm>
#include <compare>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {
namespace {

std::string_view text_of(capnp::Text::Reader from) { return {from.begin(), from.size()}; }

std::string_view bytes_of(capnp::Data::Reader from) {
  return {reinterpret_cast<const char*>(from.begin()), from.size()};
}

std::string hexadecimal(std::uint64_t number, int digits) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
  return {text, static_cast<std::size_t>(digits)};
}

/// `count` of `count/1`.
std::string_view operator_of(wire::DeadLetter::Reader letter) {
  const auto instance = text_of(letter.getOperator());
  return instance.substr(0, instance.rfind('/'));
}

bool has_time(wire::DeadLetter::Reader letter) { return letter.getEventTime() != time_min_us; }

/// The letters that one source reads.
struct letter_share {
  std::string operator_name;
  std::uint32_t input = 0;
  bool is_timed = false;

  [[nodiscard]] bool holds(wire::DeadLetter::Reader letter) const {
    return letter.getRecord().size() > 0 && letter.getInput() == std::int64_t{input} &&
           has_time(letter) == is_timed && operator_of(letter) == operator_name;
  }
  friend auto operator<=>(const letter_share&, const letter_share&) = default;
};

/// What a reader tells the assigner of times. Confined to the source's one instance.
using event_times = std::vector<std::int64_t>;

class letter_reader final : public source_reader {
 public:
  letter_reader(std::unique_ptr<io::letter_walk> from, letter_share share, record_type type,
                std::shared_ptr<event_times> times)
      : from_{std::move(from)}, share_{std::move(share)}, type_{type}, times_{std::move(times)} {}

  result<read_status> read(record_appender& out) override {
    times_->clear();
    return from_->step([&](auto letter, const auto& place) { return append(letter, place, out); },
                       [&] { return out.wants_more(); });
  }
  std::optional<std::string> bookmark() const override { return from_->bookmark(); }
  result<void> resume(std::span<const std::string> bookmarks) override { return from_->resume(bookmarks); }
  std::string position() const override { return from_->position(); }
  double progress() const override { return from_->progress(); }

 private:
  result<void> append(wire::DeadLetter::Reader letter, const std::string& place, record_appender& out) {
    if (!share_.holds(letter)) return {};
    if (auto copied = copy_image(bytes_of(letter.getRecord()), type_, out.append()); !copied.ok()) {
      out.discard();
      return error{errc::corrupt_input, place + ": " + copied.failed().message};
    }
    try {
      out.commit();
    } catch (const failure& refused) {
      return error{errc::corrupt_input, place + ": " + refused.what_failed().message};
    }
    times_->push_back(letter.getEventTime());
    return {};
  }

  std::unique_ptr<io::letter_walk> from_;
  letter_share share_;
  record_type type_;
  std::shared_ptr<event_times> times_;
};

/// Goes through the file once and finds what is in it.
class letter_survey {
 public:
  explicit letter_survey(const graph& job) : job_{job} {}

  result<void> take(wire::DeadLetter::Reader letter, const std::string& place) {
    auto taken = sort(letter);
    if (taken.ok()) return {};
    return error{taken.failed().code, place + ": " + taken.failed().message + "; take the line out"};
  }

  [[nodiscard]] const retry_counts& counts() const noexcept { return counts_; }
  [[nodiscard]] const std::map<letter_share, std::uint32_t>& nodes() const noexcept { return nodes_; }
  [[nodiscard]] std::uint64_t checksum() const noexcept { return checksum_.value(); }

 private:
  result<void> sort(wire::DeadLetter::Reader letter) {
    const auto name = operator_of(letter);
    if (name.empty())
      return error{errc::corrupt_input, "this is no dead letter: it names no operator that gave it up"};
    add_to_checksum(letter);
    const auto node = find(name);
    if (!node)
      return error{errc::invalid_argument,
                   "job " + job_.name + " has no operator '" + std::string{name} + "'"};
    if (letter.getRecord().size() > 0) return sort_record(letter, *node);
    ++(job_.nodes[*node].kind == node_kind::source ? counts_.lines : counts_.without_bytes);
    return {};
  }

  result<void> sort_record(wire::DeadLetter::Reader letter, std::uint32_t node) {
    const auto& name = job_.nodes[node].name;
    const auto& inputs = job_.nodes[node].inputs;
    const auto input = letter.getInput();
    if (job_.nodes[node].kind != node_kind::transform || input < 0 ||
        static_cast<std::uint64_t>(input) >= inputs.size())
      return error{errc::invalid_argument,
                   "operator '" + name + "' has no input " + std::to_string(input) + " for records"};
    if (auto fits = check_record(letter, node, inputs[static_cast<std::size_t>(input)]); !fits.ok())
      return fits;
    nodes_.emplace(letter_share{name, static_cast<std::uint32_t>(input), has_time(letter)}, node);
    ++counts_.records;
    return {};
  }

  result<void> check_record(wire::DeadLetter::Reader letter, std::uint32_t node, const record_type& type) {
    const auto& name = job_.nodes[node].name;
    const auto input = static_cast<std::uint32_t>(letter.getInput());
    for (const auto& edge : job_.edges)
      if (edge.to == node && edge.to_input == input && edge.how == routing::broadcast)
        return error{errc::unsupported, "input " + std::to_string(input) + " of operator '" + name +
                                            "' is a broadcast: instances that handled the record would get "
                                            "it again"};
    if (text_of(letter.getType()) != type.name())
      return error{errc::invalid_argument, "the record is a '" + std::string{text_of(letter.getType())} +
                                               "', input " + std::to_string(input) + " of operator '" + name +
                                               "' takes " + std::string{type.name()}};
    if (text_of(letter.getSchema()) != schema_of(type))
      return error{errc::invalid_argument, "the record was written with another schema than " +
                                               std::string{type.name()} + " has in this job (" +
                                               std::string{text_of(letter.getSchema())} + ", not " +
                                               schema_of(type) + ")"};
    capnp::MallocMessageBuilder scratch;
    const auto to = scratch.initRoot<capnp::AnyPointer>().initAsAnyStruct(type.data_words(), type.pointers());
    return copy_image(bytes_of(letter.getRecord()), type, to);
  }

  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view name) const {
    for (std::uint32_t node = 0; node < job_.nodes.size(); ++node)
      if (job_.nodes[node].name == name) return node;
    return std::nullopt;
  }

  const std::string& schema_of(const record_type& type) {
    auto& known = schemas_[type.id()];
    if (known.empty()) known = hexadecimal(schema_checksum(type), 16);
    return known;
  }

  /// Of what is handed on: how a line is written does not matter.
  void add_to_checksum(wire::DeadLetter::Reader letter) {
    const auto time = letter.getEventTime();
    checksum_.add(text_of(letter.getOperator()));
    checksum_.add({reinterpret_cast<const char*>(&time), sizeof time});
    checksum_.add(bytes_of(letter.getRecord()));
  }

  const graph& job_;
  retry_counts counts_;
  std::map<letter_share, std::uint32_t> nodes_;  ///< with the operator's node
  std::map<std::uint64_t, std::string> schemas_;
  io::running_checksum checksum_;
};

std::string name_of(const letter_share& share, std::uint64_t file) {
  constexpr std::string_view infix = "-retry-";
  constexpr std::size_t name_bytes_max = 64, digits = 8;
  const auto whole =
      share.operator_name + " " + std::to_string(share.input) + (share.is_timed ? " " : " untimed ");
  const auto number = io::checksum_of(whole + hexadecimal(file, 16));
  return share.operator_name.substr(0, name_bytes_max - infix.size() - digits) + std::string{infix} +
         hexadecimal(number, digits);
}

graph_node source_for(const letter_share& share, const record_type& type, const std::string& path) {
  const auto times = std::make_shared<event_times>();
  graph_node made;
  made.kind = node_kind::source;
  made.description = "dead letters " + path;
  made.outputs.push_back({type, {}});
  made.is_timeless = true;
  made.source = source_spec{type, made.description, {}};
  made.source->open = [=](const source_split&) -> result<std::unique_ptr<source_reader>> {
    auto walk = io::letter_walk::open(path);
    if (!walk.ok()) return std::move(walk).failed();
    return std::unique_ptr<source_reader>{
        std::make_unique<letter_reader>(*std::move(walk), share, type, times)};
  };
  if (share.is_timed)
    made.assign_times = [times](batch_writer& batch, std::uint32_t from, watermark_generator&) {
      for (auto index = from; index < batch.size(); ++index)
        batch.set_times(index, (*times)[index - from], time_min_us);
    };
  return made;
}

/// Led there as the records of the input's other streams are.
void add_source(graph& job, const letter_share& share, std::uint32_t to, std::string name,
                const std::string& path) {
  const auto like = std::find_if(job.edges.begin(), job.edges.end(), [&](const graph_edge& edge) {
    return edge.to == to && edge.to_input == share.input;
  });
  auto edge = *like;
  edge.from =
      job.add(std::move(name), 1, one_for_one{}, source_for(share, job.nodes[to].inputs[share.input], path));
  edge.from_output = 0;
  job.edges.push_back(std::move(edge));
}

}  // namespace

result<retry_counts> add_letter_retry(graph& job, const std::string& path) {
  auto walk = io::letter_walk::open(path);
  if (!walk.ok()) return std::move(walk).failed();
  letter_survey survey{job};
  for (auto status = read_status::more; status != read_status::end;) {
    auto stepped = (*walk)->step([&](auto letter, const auto& place) { return survey.take(letter, place); },
                                 [] { return true; });
    if (!stepped.ok()) return std::move(stepped).failed();
    status = *stepped;
  }
  const auto file = survey.checksum();
  for (const auto& [share, node] : survey.nodes()) add_source(job, share, node, name_of(share, file), path);
  if (auto checked = job.check(); !checked.ok()) return std::move(checked).failed();
  return survey.counts();
}

}  // namespace weir
