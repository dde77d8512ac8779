#include "operators/record_image.hpp"

#include "operators/record_copy.hpp"

#include <capnp/dynamic.h>
#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include <cstring>

namespace weir {
namespace {

error damaged(const record_type& type, const std::string& why) {
  return {errc::corrupt_input, "the stored " + std::string{type.name()} + " record is damaged: " + why};
}

void copy_checked(kj::ArrayPtr<const capnp::word> words, const record_type& type,
                  capnp::AnyStruct::Builder to) {
  capnp::ReaderOptions limits;
  limits.traversalLimitInWords = 16 * words.size() + 1024;
  const kj::ArrayPtr<const capnp::word> segments[] = {words};
  capnp::SegmentArrayMessageReader copied{kj::arrayPtr(segments, 1), limits};
  copy_record(copied.getRoot<capnp::AnyStruct>(), to);
  capnp::SegmentArrayMessageReader looked_at{kj::arrayPtr(segments, 1), limits};
  (void)kj::str(looked_at.getRoot<capnp::DynamicStruct>(type.schema()));
}

}  // namespace

record_image image_of(capnp::AnyStruct::Reader record, std::size_t bytes_max) {
  const auto words = record.totalSize().wordCount + 1;
  record_image made{{}, words * sizeof(capnp::word)};
  if (made.bytes_whole > bytes_max) return made;
  capnp::MallocMessageBuilder message{static_cast<capnp::uint>(words)};
  message.setRoot(record);
  const auto segments = message.getSegmentsForOutput();
  if (segments.size() != 1) return made;
  const auto bytes = segments[0].asBytes();
  made.bytes.assign(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
  return made;
}

result<void> copy_image(std::string_view bytes, const record_type& type, capnp::AnyStruct::Builder to) {
  if (bytes.empty() || bytes.size() % sizeof(capnp::word) != 0)
    return damaged(type, "it has " + std::to_string(bytes.size()) + " bytes, no whole words");
  auto words = kj::heapArray<capnp::word>(bytes.size() / sizeof(capnp::word));
  std::memcpy(words.begin(), bytes.data(), bytes.size());
  try {
    copy_checked(words, type, to);
  } catch (const kj::Exception& thrown) {
    return damaged(type, thrown.getDescription().cStr());
  }
  return {};
}

}  // namespace weir
