/// Any bytes as a capsule's file or as a batch of it: no crash, no memory without bound; and what decoding accepts, encoding
/// writes again so that decoding accepts it.

#include "fuzz/driver/seeds.hpp"
#include "operators/batch_image.hpp"
#include "operators/capsule.hpp"
#include "operators/capsule_framing.hpp"
#include "support/records.capnp.h"
#include "support/sample_capsule.hpp"
#include <weir/assert.hpp>

#include <kj/exception.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace weir;

void read_file(std::string_view file) {
  const auto content = capsule_of(file, "fuzz");
  if (!content.ok()) return;
  WEIR_ASSERT(capsule_of(file_of(*content), "again").ok(), "a capsule that was read could not be read again");
}

void read_image(std::string_view image) {
  static const auto pool = std::make_shared<buffer_pool>();
  const auto type = record_type::of<test::Reading>();
  const auto view = view_of_image(image, type, pool);
  if (!view.ok()) return;
  for (std::uint32_t i = 0; i < view->size(); ++i) {
    try {
      static_cast<void>(to_text(view->content().any_records()[view->index(i)], type));
    } catch (const kj::Exception&) {  // a field that is not of its type: whoever reads it is told
    }
  }
  WEIR_ASSERT(view_of_image(image_of(*view), type, pool).ok(),
              "a batch that was read could not be read again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  switch (*data % 3) {
    case 0: read_file(bytes); break;
    case 1: read_file(io::checked_file_of(capsule_format, bytes)); break;
    default: read_image(bytes); break;
  }
  return 0;
}

std::vector<std::string> fuzz::seeds() {
  const auto file = file_of(tests::sample_capsule());
  return {std::string(1, '\0') + file, std::string(1, '\1') + file.substr(io::checked_header_bytes),
          std::string(1, '\2') + image_of(tests::every_second(tests::readings(9)))};
}
