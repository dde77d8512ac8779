/// Any bytes as a plain, gzip or zstd input: an end or an error that stays.

#include "fuzz/lines_of.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 2, size - 2};
  weir::io::byte_stream stream{std::make_unique<fuzz::memory_input>(bytes, std::size_t{1} + data[0]), "fuzz",
                               64};
  std::string into(std::size_t{1} + data[1] * 16, '\0');
  // A bomb is no error here; the lines it makes are bounded by the splitter.
  for (std::size_t given = 0; given < (std::size_t{1} << 22);) {
    const auto got = stream.read(into);
    if (!got.ok()) {
      WEIR_ASSERT(!stream.read(into).ok(), "an error stays");
      return 0;
    }
    if (got->state == weir::io::input_state::end) return 0;
    given += got->bytes;
  }
  return 0;
}
