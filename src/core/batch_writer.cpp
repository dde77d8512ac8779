#include "schemas/frame.capnp.h"
#include <weir/assert.hpp>
#include <weir/error.hpp>
#include <weir/runtime/batch_writer.hpp>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace weir {
namespace {

/// More than a wire::Batch needs for itself.
constexpr std::size_t header_words = 32;
/// How much more text than expected finds room before a batch closes early.
constexpr double text_slack = 1.25;

constexpr std::size_t words_in(std::size_t bytes) { return bytes / sizeof(capnp::word); }
constexpr std::size_t bytes_in(std::size_t words) { return words * sizeof(capnp::word); }

/// Where the pieces of a freshly initialised wire::Batch lie: root pointer, then data section, then pointers.
/// Fixed by schemas/frame.capnp; asserted when a batch opens.
constexpr std::size_t event_times_pointer = 0;
constexpr std::size_t watermarks_pointer = 1;

std::size_t pointer_word(std::size_t pointer) {
  return 1 + capnp::_::structSize<wire::Batch>().data + pointer;
}

/// Shortens a list of 8-byte values in place: its pointer's upper half is count << 3 | size tag.
void shorten_list(capnp::word& pointer, std::uint32_t count) {
  constexpr std::uint32_t eight_bytes = 5;
  auto* halves = reinterpret_cast<std::uint32_t*>(&pointer);
  WEIR_ASSERT((halves[1] & 7U) == eight_bytes, "a column is a list of 8-byte values");
  halves[1] = count << 3U | eight_bytes;
}

/// Shortens a list of structs in place: the tag before its first element has count << 2 in its lower half.
void shorten_struct_list(capnp::word& tag, std::uint32_t count) {
  auto* halves = reinterpret_cast<std::uint32_t*>(&tag);
  WEIR_ASSERT((halves[0] & 3U) == 0, "a list of structs starts with a struct tag");
  halves[0] = count << 2U;
}

std::int64_t* column(capnp::List<std::int64_t>::Builder values) {
  return reinterpret_cast<std::int64_t*>(
      const_cast<kj::byte*>(capnp::AnyList::Reader{values.asReader()}.getRawBytes().begin()));
}

}  // namespace

/// The message under construction: a first segment from the pool, and more from the heap if that was too small.
class batch_writer::arena final : public capnp::MessageBuilder {
 public:
  arena(buffer_pool& pool, std::size_t words_min) : pool_{pool}, first_{pool.acquire(words_min)} {}
  ~arena() override {
    if (first_.begin == nullptr) return;
    pool_.release(first_, first_given_ ? first_.words : 0);
  }
  arena(const arena&) = delete;
  arena& operator=(const arena&) = delete;

  kj::ArrayPtr<capnp::word> allocateSegment(capnp::uint minimum_words) override {
    if (!first_given_ && minimum_words <= first_.words) {
      first_given_ = true;
      return kj::arrayPtr(first_.begin, first_.words);
    }
    const std::size_t words = std::max<std::size_t>(minimum_words, 4096);
    further_.emplace_back(words);  // zeroed
    return kj::arrayPtr(further_.back().data(), words);
  }

  [[nodiscard]] bool is_flat() const noexcept { return further_.empty(); }
  [[nodiscard]] capnp::word* first() const noexcept { return first_.begin; }
  /// Words of the first segment that `words_used` words of message leave free.
  [[nodiscard]] std::size_t room(std::size_t words_used) const noexcept {
    return first_.words > words_used ? first_.words - words_used : 0;
  }

  /// The first segment changes hands; the builder must not be used after it.
  buffer_pool::block take() noexcept { return std::exchange(first_, {}); }

 private:
  buffer_pool& pool_;
  buffer_pool::block first_;
  bool first_given_ = false;
  std::vector<std::vector<capnp::word>> further_;
};

void batch_sizer::closed(std::uint32_t count, std::uint32_t capacity) noexcept {
  if (count >= capacity)
    next_ = std::min(capacity * 2, records_max_);
  else if (count < capacity / 4)
    next_ = std::max(capacity / 2, 1U);
}

batch_writer::batch_writer(record_type type, batch_limits limits, columns kept,
                           std::shared_ptr<buffer_pool> pool)
    : type_{type},
      limits_{limits},
      kept_{kept},
      pool_{std::move(pool)},
      sizer_{std::max(limits.records_max, 1U)} {}

batch_writer::~batch_writer() = default;

std::size_t batch_writer::words_wanted(std::uint32_t records) const {
  return header_words + static_cast<std::size_t>(words_per_record() * records);
}

double batch_writer::words_per_record() const {
  return static_cast<double>(type_.words() + (kept_.event_time ? 2U : 0U)) +
         text_words_per_record_ * text_slack;
}

std::uint32_t batch_writer::records_within_limit() const {
  const auto words = static_cast<double>(words_in(limits_.bytes_max));
  const auto records = (words - header_words) / std::max(words_per_record(), 1.0);
  return records < 1 ? 1U : static_cast<std::uint32_t>(std::min(records, 1e9));
}

void batch_writer::open() {
  capacity_ = std::min(sizer_.next(), records_within_limit());
  arena_ = std::make_unique<arena>(*pool_, words_wanted(capacity_));
  auto root = arena_->initRoot<wire::Batch>();
  root.setRecordType(type_.id());
  if (kept_.event_time) {
    event_times_ = column(root.initEventTimes(capacity_));
    watermarks_ = column(root.initWatermarks(capacity_));
  }
  records_ = root.initRecords().initAsListOfAnyStruct(type_.data_words(), type_.pointers(), capacity_);
  fixed_words_ = arena_->sizeInWords();
  words_at_commit_ = fixed_words_;
  count_ = 0;
  full_ = false;
}

capnp::AnyStruct::Builder batch_writer::append() {
  WEIR_ASSERT(!record_open_, "one record is open at a time");
  if (!arena_) open();
  WEIR_ASSERT(!full_, "a full batch is sealed before the next record");
  record_open_ = true;
  return (*records_)[count_];
}

void batch_writer::commit(std::int64_t event_time_us, std::int64_t watermark_us) {
  WEIR_ASSERT(record_open_, "an open record is committed");
  const auto words = arena_->sizeInWords();
  const auto record_words = words - words_at_commit_;
  if (record_words > words_in(limits_.record_bytes_max)) {
    discard();
    throw failure{errc::record_too_large,
                  "a " + std::string{type_.name()} + " record has " + std::to_string(bytes_in(record_words)) +
                      " bytes, more than the limit of " + std::to_string(limits_.record_bytes_max) +
                      " (record_bytes_max): emit smaller records or raise the limit"};
  }
  record_open_ = false;
  if (kept_.event_time) {
    event_times_[count_] = event_time_us;
    watermarks_[count_] = watermark_us;
  }
  ++count_;
  words_at_commit_ = words;
  const auto expected = (words - fixed_words_) / count_ * 2;
  full_ = count_ == capacity_ || bytes_in(words) >= limits_.bytes_max || arena_->room(words) < expected;
}

void batch_writer::discard() {
  WEIR_ASSERT(record_open_, "an open record is discarded");
  auto record = (*records_)[count_];
  for (auto pointer : record.getPointerSection()) pointer.clear();
  auto data = record.getDataSection();
  std::memset(data.begin(), 0, data.size());
  record_open_ = false;
  words_at_commit_ = arena_->sizeInWords();
  const auto exhausted =
      bytes_in(words_at_commit_) >= limits_.bytes_max || arena_->room(words_at_commit_) == 0;
  if (exhausted && count_ == 0) return close();
  full_ = full_ || exhausted;
}

capnp::AnyStruct::Reader batch_writer::record(std::uint32_t index) const {
  WEIR_ASSERT(index < count_, "a committed record is read");
  auto records = *records_;
  return records[index].asReader();
}

void batch_writer::set_times(std::uint32_t index, std::int64_t event_time_us, std::int64_t watermark_us) {
  WEIR_ASSERT(index < count_, "times are set on committed records");
  if (!kept_.event_time) return;
  event_times_[index] = event_time_us;
  watermarks_[index] = watermark_us;
}

void batch_writer::truncate_to_count() {
  auto* words = arena_->first();
  if (kept_.event_time) {
    shorten_list(words[pointer_word(event_times_pointer)], count_);
    shorten_list(words[pointer_word(watermarks_pointer)], count_);
  }
  auto* first_record = reinterpret_cast<capnp::word*>((*records_)[0].getDataSection().begin());
  shorten_struct_list(*(first_record - 1), count_);
}

batch_ptr batch_writer::seal() {
  WEIR_ASSERT(count_ > 0 && !record_open_, "a batch is sealed between two records and not empty");
  learn();
  arena_->getRoot<wire::Batch>().setCount(count_);
  truncate_to_count();
  if (!arena_->is_flat()) flatten();
  const auto words = arena_->sizeInWords();
  auto sealed = make_counted<const batch>(pool_, arena_->take(), words, type_);
  close();
  return sealed;
}

/// A batch that closed early for want of bytes says nothing about how many records are wanted.
void batch_writer::learn() {
  if (count_ == capacity_ || !full_) sizer_.closed(count_, capacity_);
  const auto text_words = static_cast<double>(words_at_commit_ - fixed_words_) / count_;
  text_words_per_record_ +=
      (text_words - text_words_per_record_) * (text_words > text_words_per_record_ ? 0.5 : 0.1);
}

void batch_writer::flatten() {
  auto flat = std::make_unique<arena>(*pool_, arena_->sizeInWords() + 1);
  flat->setRoot(arena_->getRoot<wire::Batch>().asReader());
  WEIR_ASSERT(flat->is_flat(), "a copied batch fits the segment made for it");
  arena_ = std::move(flat);
}

void batch_writer::close() {
  records_.reset();
  arena_.reset();
  count_ = 0;
  full_ = false;
}

}  // namespace weir
