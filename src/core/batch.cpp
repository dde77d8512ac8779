#include "schemas/frame.capnp.h"
#include <weir/assert.hpp>
#include <weir/batch.hpp>

#include <capnp/serialize.h>

#include <algorithm>

namespace weir {
namespace {

constexpr std::size_t view_bytes_min = 64;

const std::int64_t* column(capnp::List<std::int64_t>::Reader values, std::uint32_t count) {
  if (values.size() == 0) return nullptr;
  WEIR_ASSERT(values.size() >= count, "a column is as long as its batch");
  const auto raw = capnp::AnyList::Reader{values}.getRawBytes();
  return reinterpret_cast<const std::int64_t*>(raw.begin());
}

}  // namespace

batch::batch(std::shared_ptr<buffer_pool> pool, buffer_pool::block memory, std::size_t words_used,
             record_type type)
    : pool_{std::move(pool)}, memory_{memory}, words_used_{words_used}, type_{type} {
  const auto root = capnp::readMessageUnchecked<wire::Batch>(memory_.begin);
  WEIR_ASSERT(root.getRecordType() == type_.id(), "a batch holds records of its type");
  size_ = root.getCount();
  records_ = root.getRecords();
  event_times_ = column(root.getEventTimes(), size_);
  watermarks_ = column(root.getWatermarks(), size_);
}

batch::~batch() { pool_->release(memory_, words_used_); }

std::size_t batch_view::bytes() const noexcept {
  const auto all = batch_->bytes();
  if (!selection_) return all;
  return std::max(all * selection_->indices.size() / std::max(batch_->size(), 1U), view_bytes_min);
}

}  // namespace weir
