/// Records of random content, written as text and read back, are the same.

#include "text_harness.hpp"
#include "unit/io/text_records.capnp.h"

#include <cmath>
#include <random>
#include <string>

using text_records::Flat;
using text_records::Nested;

namespace {

class content {
 public:
  explicit content(std::uint32_t seed) : random_{seed} {}

  std::size_t below(std::size_t limit) { return random_() % limit; }
  bool coin() { return below(2) == 0; }

  /// Small ones and the ends of the range come up often.
  template <class T>
  T integer() {
    switch (below(5)) {
      case 0: return std::numeric_limits<T>::min();
      case 1: return std::numeric_limits<T>::max();
      case 2: return static_cast<T>(below(10));
      default: return static_cast<T>(random_() << 32 ^ random_());
    }
  }

  double real() {
    for (;;) {
      const auto value = coin() ? static_cast<double>(integer<std::int32_t>()) / 1'000
                                : std::bit_cast<double>(integer<std::uint64_t>());
      if (std::isfinite(value)) return value;
    }
  }

  std::string text() {
    static const char* const parts[] = {"a",  "words ", ",",    "\"", "\n",   "\r\n", "\\", "ü",
                                        "😀", "\t",     "\x01", "{",  "null", " ",    ";",  "\b"};
    std::string out;
    for (std::size_t i = below(8); i > 0; --i) out += parts[below(std::size(parts))];
    return out;
  }

  std::string bytes() {
    std::string out(below(20), '\0');
    for (char& c : out) c = integer<char>();
    return out;
  }

 private:
  std::mt19937 random_;
};

capnp::Data::Reader data(const std::string& bytes) {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}

void fill(content& random, Flat::Builder out) {
  out.setFlag(random.coin());
  out.setTiny(random.integer<std::int8_t>());
  out.setSmall(random.integer<std::int16_t>());
  out.setMedium(random.integer<std::int32_t>());
  out.setLarge(random.integer<std::int64_t>());
  out.setUtiny(random.integer<std::uint8_t>());
  out.setUsmall(random.integer<std::uint16_t>());
  out.setUmedium(random.integer<std::uint32_t>());
  out.setUlarge(random.integer<std::uint64_t>());
  out.setSingle(static_cast<float>(random.integer<std::int16_t>()) / 7);
  out.setDouble(random.real());
  out.setColour(static_cast<text_records::Colour>(random.below(5)));
  out.setText(random.text().c_str());
  out.setData(data(random.bytes()));
  out.setSeconds(random.integer<std::int64_t>());
  out.setMillis(random.integer<std::int64_t>());
  out.setMicros(random.integer<std::int64_t>());
  out.setNanos(random.integer<std::int64_t>());
  out.setUnsignedMillis(random.integer<std::uint64_t>());
  out.setRenamed(random.integer<std::int32_t>());
}

template <class List, class Set>
void each(List list, Set&& set) {
  for (unsigned i = 0; i < list.size(); ++i) set(list, i);
}

void fill(content& random, Nested::Builder out, int depth = 0) {
  const auto size = [&] { return static_cast<unsigned>(random.below(4)); };
  if (random.coin()) out.initPosition().setLatitude(random.real());
  each(out.initTrack(size()), [&](auto list, unsigned i) { list[i].setLongitude(random.real()); });
  each(out.initNumbers(size()), [&](auto list, unsigned i) { list.set(i, random.integer<std::int32_t>()); });
  each(out.initFlags(size()), [&](auto list, unsigned i) { list.set(i, random.coin()); });
  each(out.initWords(size()), [&](auto list, unsigned i) { list.set(i, random.text().c_str()); });
  each(out.initBlobs(size()), [&](auto list, unsigned i) { list.set(i, data(random.bytes())); });
  each(out.initColours(size()),
       [&](auto list, unsigned i) { list.set(i, static_cast<text_records::Colour>(random.below(4))); });
  each(out.initBytes(size()), [&](auto list, unsigned i) { list.set(i, random.integer<std::uint8_t>()); });
  each(out.initTimes(size()), [&](auto list, unsigned i) { list.set(i, random.integer<std::int64_t>()); });
  auto matrix = out.initMatrix(size());
  for (unsigned i = 0; i < matrix.size(); ++i) {
    each(matrix.init(i, size()), [&](auto list, unsigned k) { list.set(k, random.real()); });
  }
  out.getInner().setCount(random.integer<std::uint32_t>());
  out.getInner().setLabel(random.text().c_str());
  if (depth < 3 && random.coin()) fill(random, out.initChild(), depth + 1);
}

using batches = std::vector<weir::batch_ptr>;

/// `fill_one` fills a T::Builder.
template <weir::record T, class Fill>
batches batches_of(std::uint32_t records, Fill&& fill_one) {
  weir::batch_writer writer{weir::record_type::of<T>(), {}, {}, std::make_shared<weir::buffer_pool>()};
  batches out;
  for (std::uint32_t i = 0; i < records; ++i) {
    fill_one(writer.append().template as<T>());
    writer.commit(0, 0);
    if (writer.full()) out.push_back(writer.seal());
  }
  if (writer.size() > 0) out.push_back(writer.seal());
  return out;
}

template <weir::record T>
batches random_batches(content& random, std::uint32_t records) {
  return batches_of<T>(records, [&](typename T::Builder out) { fill(random, out); });
}

/// JSON tells every value apart that the formats can carry.
std::string json_of(const batches& all) {
  weir::io::text_buffer out;
  const auto formatter = weir::io::make_json_formatter(all.at(0)->type()).or_throw();
  for (const auto& batch : all) formatter->append(weir::batch_view{batch}, out);
  return std::string{out.view()};
}

std::string csv_of(const batches& all) {
  weir::io::text_buffer out;
  const auto formatter = weir::io::make_csv_formatter(all.at(0)->type()).or_throw();
  formatter->append_header(out);
  for (const auto& batch : all) formatter->append(weir::batch_view{batch}, out);
  return std::string{out.view()};
}

weir::io::read_sizes random_sizes(content& random) {
  return {16 + random.below(100), 16 + random.below(2'000)};
}

}  // namespace

TEST_CASE("round trip: JSON, flat records") {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    content random{seed};
    const auto text = json_of(random_batches<Flat>(random, 20));
    const auto done = text_harness::read_text(text, weir::json_lines<Flat>().format, random_sizes(random));
    INFO("seed " << seed << (done.letters.empty() ? "" : ": " + done.letters[0].reason));
    REQUIRE(done.letters.empty());
    REQUIRE(done.json() == text);
  }
}

TEST_CASE("round trip: JSON, nested records") {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    content random{seed};
    const auto text = json_of(random_batches<Nested>(random, 10));
    const auto done = text_harness::read_text(text, weir::json_lines<Nested>().format, random_sizes(random));
    INFO("seed " << seed << (done.letters.empty() ? "" : ": " + done.letters[0].reason));
    REQUIRE(done.letters.empty());
    REQUIRE(done.json() == text);
  }
}

TEST_CASE("round trip: CSV") {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    content random{seed};
    const auto all = random_batches<Flat>(random, 20);
    const auto done = text_harness::read_text(csv_of(all), weir::csv<Flat>().format, random_sizes(random));
    INFO("seed " << seed << (done.letters.empty() ? "" : ": " + done.letters[0].reason));
    REQUIRE(done.letters.empty());
    REQUIRE(done.json() == json_of(all));
  }
}

TEST_CASE("round trip: one text as CSV") {
  using text_records::OneText;
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    content random{seed};
    const auto all =
        batches_of<OneText>(10, [&](OneText::Builder out) { out.setText(random.text().c_str()); });
    const auto done = text_harness::read_text(csv_of(all), weir::csv<OneText>().format, random_sizes(random));
    INFO("seed " << seed << (done.letters.empty() ? "" : ": " + done.letters[0].reason));
    REQUIRE(done.letters.empty());
    REQUIRE(done.json() == json_of(all));
  }
}
