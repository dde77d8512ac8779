#include "state/described/known_records.hpp"

#include "schemas/state.capnp.h"
#include "state/described/record_json.hpp"

#include <capnp/message.h>
#include <capnp/schema-loader.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace weir::state {
namespace {

constexpr std::size_t schema_bytes_max = std::size_t{16} << 20;
constexpr int nesting_max = 1'024;

capnp::ReaderOptions limits_for(std::size_t words) {
  capnp::ReaderOptions limits;
  limits.traversalLimitInWords = 8 * words + (std::size_t{1} << 20U);
  limits.nestingLimit = nesting_max;
  return limits;
}

/// A word at least: a null root, all fields are at their defaults.
std::vector<capnp::word> aligned(std::string_view bytes) {
  const auto count = bytes.size() / sizeof(capnp::word);
  std::vector<capnp::word> words(std::max<std::size_t>(count, 1));
  if (count != 0) std::memcpy(words.data(), bytes.data(), count * sizeof(capnp::word));
  return words;
}

/// Throws kj::Exception where a part is malformed. SchemaLoader must not meet that: reading a field's name while it reports
/// that this name cannot be read, it never ends.
bool read_all(capnp::DynamicStruct::Reader message) {
  json_text seen{{}, 8 * schema_bytes_max};
  return append_record(message, seen) && !seen.is_full();
}

error damaged(std::string_view what) {
  return {errc::corrupt_input,
          "the record schemas stored with a state cell are not usable: " + std::string{what}};
}

}  // namespace

struct known_records::schemas {
  capnp::SchemaLoader loader;
};

known_records::known_records() : schemas_{std::make_unique<schemas>()} {}
known_records::~known_records() = default;
known_records::known_records(known_records&&) noexcept = default;
known_records& known_records::operator=(known_records&&) noexcept = default;

result<void> known_records::add(std::string_view stored) {
  if (stored.empty()) return {};
  if (stored.size() > schema_bytes_max) return damaged("they are larger than 16 MiB");
  const auto words = aligned(stored);
  try {
    capnp::FlatArrayMessageReader untrusted{kj::arrayPtr(words.data(), words.size()),
                                            limits_for(words.size())};
    if (!read_all(untrusted.getRoot<wire::RecordSchemas>())) return damaged("they refer to too much");
    capnp::ReaderOptions no_limits;
    no_limits.traversalLimitInWords = static_cast<std::uint64_t>(-1);
    no_limits.nestingLimit = nesting_max;
    capnp::FlatArrayMessageReader message{kj::arrayPtr(words.data(), words.size()), no_limits};
    for (const auto node : message.getRoot<wire::RecordSchemas>().getNodes()) schemas_->loader.load(node);
    return {};
  } catch (const kj::Exception& e) {
    return damaged(e.getDescription().cStr());
  }
}

bool known_records::append_json(std::uint64_t id, std::string_view bytes, json_text& to) const {
  const auto words = aligned(bytes);
  const kj::ArrayPtr<const capnp::word> segment{words.data(), words.size()};
  try {
    const auto schema = schemas_->loader.tryGet(id);
    KJ_IF_MAYBE (found, schema) {
      if (!found->getProto().isStruct()) return false;
      capnp::SegmentArrayMessageReader message{kj::arrayPtr(&segment, 1), limits_for(words.size())};
      return append_record(message.getRoot<capnp::DynamicStruct>(found->asStruct()), to);
    }
    return false;
  } catch (const kj::Exception&) {
    return false;
  }
}

}  // namespace weir::state
