#include <weir/stored.hpp>

#include <capnp/any.h>
#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include <cstring>

namespace weir::detail {
namespace {

capnp::ReaderOptions limits_for(std::size_t words) {
  capnp::ReaderOptions limits;
  // Checking and copying pass over each word a few times; elements without bytes count as words, too.
  limits.traversalLimitInWords = 8 * words + (std::size_t{1} << 20U);
  limits.nestingLimit = 1'024;
  return limits;
}

/// Throws kj::Exception where `from` is malformed. False if pointers lead to the same place twice, or out of the message.
bool copy_tree(const std::vector<capnp::word>& from, std::vector<std::uint64_t>& words) {
  const kj::ArrayPtr<const capnp::word> segment{from.data(), from.size()};
  capnp::SegmentArrayMessageReader message{kj::arrayPtr(&segment, 1), limits_for(from.size())};
  const auto root = message.getRoot<capnp::AnyStruct>();
  const auto size = root.totalSize();
  if (size.capCount != 0 || size.wordCount + 1 > from.size()) return false;
  std::vector<std::uint64_t> copy(size.wordCount + 1);
  capnp::copyToUnchecked(root, kj::arrayPtr(reinterpret_cast<capnp::word*>(copy.data()), copy.size()));
  words = std::move(copy);
  return true;
}

}  // namespace

bool copy_flat_message(std::string_view bytes, std::vector<std::uint64_t>& words) {
  if (bytes.empty()) {
    words.clear();
    return true;
  }
  if (bytes.size() % sizeof(capnp::word) != 0) return false;
  std::vector<capnp::word> aligned(bytes.size() / sizeof(capnp::word));
  std::memcpy(aligned.data(), bytes.data(), bytes.size());
  try {
    return copy_tree(aligned, words);
  } catch (const kj::Exception&) {
    return false;
  }
}

}  // namespace weir::detail
