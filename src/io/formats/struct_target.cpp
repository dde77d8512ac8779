#include "io/formats/struct_target.hpp"

#include "io/bytes/base64.hpp"

namespace weir::io {

bool set_blob(capnp::AnyPointer::Builder to, value_kind kind, std::string_view text) {
  if (kind == value_kind::data) {
    const std::size_t bytes = base64_decoded_size(text);
    if (bytes == invalid_base64) return false;
    auto data = to.initAs<capnp::Data>(static_cast<unsigned>(bytes));
    return base64_decode(text, reinterpret_cast<char*>(data.begin()));
  }
  auto blob = to.initAs<capnp::Text>(static_cast<unsigned>(text.size()));
  if (!text.empty()) std::memcpy(blob.begin(), text.data(), text.size());
  return true;
}

}  // namespace weir::io
