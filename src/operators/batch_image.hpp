#pragma once
/// Batches as bytes that can leave the process, and come back from where nobody vouches for them.

#include <weir/batch.hpp>
#include <weir/error.hpp>
#include <weir/record.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace weir {

/// The view's records alone, with times and hashes, as a flat wire::Batch (schemas/frame.capnp).
[[nodiscard]] std::string image_of(const batch_view& view);

/// The bytes may be anything: what is no batch of `type` is corrupt_input. The memory it takes is bounded by a multiple of
/// their size. A field that is not of its type shows when it is read: kj::Exception. The watermark limit of the view that the image was made of is not in it.
[[nodiscard]] result<batch_view> view_of_image(std::string_view image, const record_type& type,
                                               const std::shared_ptr<buffer_pool>& pool);

}  // namespace weir
