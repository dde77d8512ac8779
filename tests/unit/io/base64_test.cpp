#include "io/bytes/base64.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <string>

using namespace weir::io;

namespace {

std::string encoded(std::string_view bytes) {
  std::string out(base64_encoded_size(bytes.size()), '?');
  base64_encode(bytes, out.data());
  return out;
}

std::string decoded(std::string_view text) {
  const std::size_t size = base64_decoded_size(text);
  if (size == invalid_base64) return "invalid length";
  std::string out(size, '?');
  return base64_decode(text, out.data()) ? out : "invalid character";
}

}  // namespace

TEST_CASE("base64: the examples of RFC 4648") {
  CHECK(encoded("") == "");
  CHECK(encoded("f") == "Zg==");
  CHECK(encoded("fo") == "Zm8=");
  CHECK(encoded("foo") == "Zm9v");
  CHECK(encoded("foob") == "Zm9vYg==");
  CHECK(encoded("foobar") == "Zm9vYmFy");
  CHECK(decoded("Zm9vYg==") == "foob");
  CHECK(decoded("Zm9vYg") == "foob");
  CHECK(decoded("Zm8=") == "fo");
}

TEST_CASE("base64: what is none is refused") {
  CHECK(decoded("Z") == "invalid length");
  CHECK(decoded("Zg=") == "invalid length");
  CHECK(decoded("Zm9vY===") == "invalid character");
  CHECK(decoded("Zm9*") == "invalid character");
  CHECK(decoded("Zm 9") == "invalid character");
  CHECK(decoded("Z=g=") == "invalid character");
  CHECK(decoded("Zg\xff\xff") == "invalid character");
}

TEST_CASE("base64: random bytes survive") {
  std::mt19937 random{7};
  for (std::size_t size = 0; size < 200; ++size) {
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    REQUIRE(decoded(encoded(bytes)) == bytes);
  }
}
