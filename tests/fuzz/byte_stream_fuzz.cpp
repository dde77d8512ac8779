/// Any bytes as a plain, gzip or zstd input: an end or an error that stays.

#include "fuzz/driver/seeds.hpp"
#include "fuzz/lines_of.hpp"

namespace {

std::string from_hex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string{digits.substr(i, 2)}, nullptr, 16));
  return bytes;
}

}  // namespace

std::vector<std::string> fuzz::seeds() {
  const std::string sizes = "\x07\x03";
  // the same two lines, plain and compressed, and 5,000 times `x`
  const std::string plain = "one line\nand another, and another, and another\n";
  const auto gzip =
      from_hex("1f8b0800000000000203cbcf4b55c8c9cc4be54acc4b5148cccb2fc9482dd251c0c5e10200de6b99692f000000");
  const auto zstd =
      from_hex("28b52ffd0458ed0000b86f6e65206c696e650a616e6420616e6f746865722c200a0100009c4d8f329f66");
  const auto many = from_hex("28b52ffd04584d0000107878010083d3032c44e03dc5");
  return {sizes + plain, sizes + gzip, sizes + zstd, sizes + gzip + gzip, sizes + many + zstd};
}

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
