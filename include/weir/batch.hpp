#pragma once
/// A batch: an immutable run of records of one type, shared by everyone who receives some of it.

#include <weir/record.hpp>
#include <weir/runtime/buffer.hpp>
#include <weir/runtime/counted.hpp>
#include <weir/time.hpp>

#include <capnp/any.h>
#include <capnp/list.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace weir {

/// The bytes are one flat Cap'n Proto message whose root is wire::Batch (schemas/frame.capnp): a single segment
/// without far pointers, built by a batch_writer or validated where it entered the process. Reading it does
/// no checks again. Thread-safe because nothing changes after construction.
class batch final : public counted<batch> {
 public:
  /// Takes over `memory`, whose first `words_used` words are the message.
  /// Precondition: the message is valid and holds records of `type`.
  batch(std::shared_ptr<buffer_pool> pool, buffer_pool::block memory, std::size_t words_used,
        record_type type);
  ~batch();

  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  [[nodiscard]] const record_type& type() const noexcept { return type_; }
  /// Bytes of the message.
  [[nodiscard]] std::size_t bytes() const noexcept { return words_used_ * sizeof(capnp::word); }
  [[nodiscard]] std::span<const capnp::word> words() const noexcept { return {memory_.begin, words_used_}; }

  /// Microseconds since 1970, one per record; null where the stream has no event time.
  [[nodiscard]] const std::int64_t* event_times() const noexcept { return event_times_; }
  /// The producer's watermark when it produced each record; null like event_times().
  [[nodiscard]] const std::int64_t* watermarks() const noexcept { return watermarks_; }

  /// Precondition: T is the batch's type.
  template <record T>
  [[nodiscard]] typename capnp::List<T>::Reader records() const {
    return records_.getAs<capnp::List<T>>();
  }
  [[nodiscard]] capnp::List<capnp::AnyStruct>::Reader any_records() const {
    return records_.getAs<capnp::AnyList>().as<capnp::List<capnp::AnyStruct>>();
  }

 private:
  std::shared_ptr<buffer_pool> pool_;
  buffer_pool::block memory_;
  std::size_t words_used_;
  record_type type_;
  capnp::AnyPointer::Reader records_;
  std::uint32_t size_ = 0;
  const std::int64_t* event_times_ = nullptr;
  const std::int64_t* watermarks_ = nullptr;
};

using batch_ptr = counted_ptr<const batch>;

/// Which records of a batch are meant, ascending, and on a keyed edge the hash of each one's key.
struct selection final : counted<selection> {
  std::vector<std::uint32_t> indices;
  std::vector<std::uint64_t> hashes;  ///< empty, or one per index
};

using selection_ptr = counted_ptr<const selection>;

/// Some records of a batch, in order. A copy costs two reference counts.
/// The batch's watermarks count up to watermark_max_us() only: an operator that passes a batch on unchanged may know
/// less than the batch's producer did, since its other inputs are behind.
class batch_view {
 public:
  batch_view() = default;
  explicit batch_view(batch_ptr all) : batch_{std::move(all)} {}
  batch_view(batch_ptr all, selection_ptr chosen) : batch_{std::move(all)}, selection_{std::move(chosen)} {}

  explicit operator bool() const noexcept { return static_cast<bool>(batch_); }
  [[nodiscard]] const batch& content() const noexcept { return *batch_; }
  [[nodiscard]] const batch_ptr& shared() const noexcept { return batch_; }
  /// Null: every record of the batch is meant.
  [[nodiscard]] const selection* chosen() const noexcept { return selection_.get(); }

  [[nodiscard]] std::uint32_t size() const noexcept {
    return selection_ ? static_cast<std::uint32_t>(selection_->indices.size()) : batch_->size();
  }
  /// The place in the batch of the view's record `position`.
  [[nodiscard]] std::uint32_t index(std::uint32_t position) const noexcept {
    return selection_ ? selection_->indices[position] : position;
  }
  /// This view's share of the batch's bytes: what credit is counted in.
  [[nodiscard]] std::size_t bytes() const noexcept;
  [[nodiscard]] std::int64_t watermark_max_us() const noexcept { return watermark_max_us_; }

  /// Other records of the same batch. Whoever chooses among a view's records must come through here.
  [[nodiscard]] batch_view with_selection(selection_ptr chosen) const {
    return {batch_, std::move(chosen), watermark_max_us_};
  }
  /// The same records; no watermark among them counts beyond `limit_us`.
  [[nodiscard]] batch_view with_watermark_limit(std::int64_t limit_us) const {
    return {batch_, selection_, limit_us < watermark_max_us_ ? limit_us : watermark_max_us_};
  }

 private:
  batch_view(batch_ptr all, selection_ptr chosen, std::int64_t watermark_max_us)
      : batch_{std::move(all)}, selection_{std::move(chosen)}, watermark_max_us_{watermark_max_us} {}

  batch_ptr batch_;
  selection_ptr selection_;
  std::int64_t watermark_max_us_ = time_max_us;
};

}  // namespace weir
