#include "operators/batch_image.hpp"

#include "operators/record_copy.hpp"
#include "schemas/frame.capnp.h"
#include <weir/assert.hpp>

#include <capnp/any.h>
#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include <cstring>

namespace weir {
namespace {

using any_records = capnp::List<capnp::AnyStruct>;

/// The records that are to be copied, from a view.
struct view_source {
  const batch_view& view;
  any_records::Reader records = view.content().any_records();

  [[nodiscard]] std::uint32_t size() const { return view.size(); }
  [[nodiscard]] capnp::AnyStruct::Reader record(std::uint32_t at) const { return records[view.index(at)]; }
  [[nodiscard]] bool has_times() const { return view.content().event_times() != nullptr; }
  [[nodiscard]] std::int64_t event_time(std::uint32_t at) const {
    return view.content().event_times()[view.index(at)];
  }
  [[nodiscard]] std::int64_t watermark(std::uint32_t at) const {
    return view.content().watermarks()[view.index(at)];
  }
  [[nodiscard]] bool has_hashes() const {
    return view.chosen() != nullptr && view.chosen()->hashes.size() == view.size();
  }
  [[nodiscard]] std::uint64_t hash(std::uint32_t at) const { return view.chosen()->hashes[at]; }
};

/// The same from a message. Its reader checks every access.
struct message_source {
  wire::Batch::Reader from;
  any_records::Reader records;
  capnp::List<std::int64_t>::Reader event_times = from.getEventTimes();
  capnp::List<std::int64_t>::Reader watermarks = from.getWatermarks();
  capnp::List<std::uint64_t>::Reader hashes = from.getKeyHashes();

  [[nodiscard]] std::uint32_t size() const { return records.size(); }
  [[nodiscard]] capnp::AnyStruct::Reader record(std::uint32_t at) const { return records[at]; }
  [[nodiscard]] bool has_times() const { return event_times.size() > 0; }
  [[nodiscard]] std::int64_t event_time(std::uint32_t at) const { return event_times[at]; }
  [[nodiscard]] std::int64_t watermark(std::uint32_t at) const { return watermarks[at]; }
  [[nodiscard]] bool has_hashes() const { return hashes.size() > 0; }
  [[nodiscard]] std::uint64_t hash(std::uint32_t at) const { return hashes[at]; }

  [[nodiscard]] bool is_whole() const {
    const auto fits = [&](std::uint32_t entries) { return entries == 0 || entries == size(); };
    return from.getCount() == size() && fits(event_times.size()) && watermarks.size() == event_times.size() &&
           fits(hashes.size());
  }
};

template <class Source>
void fill(wire::Batch::Builder to, const record_type& type, const Source& from) {
  const auto count = from.size();
  to.setRecordType(type.id());
  to.setCount(count);
  if (from.has_times()) {
    auto event_times = to.initEventTimes(count);
    auto watermarks = to.initWatermarks(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      event_times.set(i, from.event_time(i));
      watermarks.set(i, from.watermark(i));
    }
  }
  if (from.has_hashes()) {
    auto hashes = to.initKeyHashes(count);
    for (std::uint32_t i = 0; i < count; ++i) hashes.set(i, from.hash(i));
  }
  auto records = to.initRecords().initAsListOfAnyStruct(type.data_words(), type.pointers(), count);
  for (std::uint32_t i = 0; i < count; ++i) copy_record(from.record(i), records[i]);
}

/// `use(words)` sees the batch as a message of one segment.
template <class Source, class Use>
auto with_flat_copy(const record_type& type, const Source& from, std::size_t words_expected, Use&& use) {
  capnp::MallocMessageBuilder message{static_cast<capnp::uint>(words_expected)};
  fill(message.initRoot<wire::Batch>(), type, from);
  const auto segments = message.getSegmentsForOutput();
  if (segments.size() == 1) return use(segments[0]);
  std::size_t words = 1;
  for (const auto& segment : segments) words += segment.size();
  capnp::MallocMessageBuilder flat{static_cast<capnp::uint>(words)};
  flat.setRoot(message.getRoot<wire::Batch>().asReader());
  WEIR_ASSERT(flat.getSegmentsForOutput().size() == 1, "a copied batch fits the segment made for it");
  return use(flat.getSegmentsForOutput()[0]);
}

error damaged(const record_type& type, const std::string& why) {
  return {errc::corrupt_input,
          "a stored batch of " + std::string{type.name()} + " records is damaged: " + why};
}

result<batch_view> checked_copy(kj::ArrayPtr<const capnp::word> words, const record_type& type,
                                const std::shared_ptr<buffer_pool>& pool) {
  capnp::ReaderOptions limits;
  limits.traversalLimitInWords = 16 * words.size() + 1024;
  const kj::ArrayPtr<const capnp::word> segments[] = {words};
  capnp::SegmentArrayMessageReader reader{kj::arrayPtr(segments, 1), limits};
  const auto root = reader.getRoot<wire::Batch>();
  if (root.getRecordType() != type.id()) return damaged(type, "it holds records of another type");
  const message_source from{root, root.getRecords().getAs<capnp::AnyList>().as<any_records>()};
  if (!from.is_whole()) return damaged(type, "its columns differ in length");
  auto content = with_flat_copy(type, from, words.size() + 16, [&](kj::ArrayPtr<const capnp::word> flat) {
    const auto memory = pool->acquire(flat.size());
    std::memcpy(memory.begin, flat.begin(), flat.size() * sizeof(capnp::word));
    return make_counted<const batch>(pool, memory, flat.size(), type);
  });
  if (!from.has_hashes()) return batch_view{std::move(content)};
  auto chosen = make_counted<selection>();
  for (std::uint32_t i = 0; i < from.size(); ++i) {
    chosen->indices.push_back(i);
    chosen->hashes.push_back(from.hash(i));
  }
  return batch_view{std::move(content), selection_ptr{chosen}};
}

}  // namespace

std::string image_of(const batch_view& view) {
  const auto whole = view.content().words();
  if (view.chosen() == nullptr)
    return {reinterpret_cast<const char*>(whole.data()), whole.size() * sizeof(capnp::word)};
  return with_flat_copy(view.content().type(), view_source{view}, view.bytes() / sizeof(capnp::word) + 64,
                        [](kj::ArrayPtr<const capnp::word> flat) {
                          const auto bytes = flat.asBytes();
                          return std::string{reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
                        });
}

result<batch_view> view_of_image(std::string_view image, const record_type& type,
                                 const std::shared_ptr<buffer_pool>& pool) {
  if (image.empty() || image.size() % sizeof(capnp::word) != 0)
    return damaged(type, "it has " + std::to_string(image.size()) + " bytes, no whole words");
  auto words = kj::heapArray<capnp::word>(image.size() / sizeof(capnp::word));
  std::memcpy(words.begin(), image.data(), image.size());
  try {
    return checked_copy(words, type, pool);
  } catch (const kj::Exception& thrown) {
    return damaged(type, thrown.getDescription().cStr());
  }
}

}  // namespace weir
