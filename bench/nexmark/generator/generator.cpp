#include "nexmark/generator/generator.hpp"

#include "nexmark/generator/random_text.hpp"
#include <weir/runtime/random.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace nexmark {
namespace {

constexpr std::int64_t first_person_id = 1000;
constexpr std::int64_t first_auction_id = 1000;
constexpr std::int64_t first_category = 10;
constexpr std::uint64_t categories = 5;
constexpr std::int64_t hot_stays_for = 100;   ///< so many people or auctions later another one is hot
constexpr std::int64_t active_people = 1000;  ///< who bid and sell
constexpr std::int64_t people_ahead = 10;     ///< who bid and sell already, although they come only later
constexpr std::int64_t open_auctions = 100;
constexpr std::int64_t auctions_ahead = 10;
constexpr std::uint64_t channels = 10'000;
constexpr std::uint64_t events_until_open_are_made =
    static_cast<std::uint64_t>(open_auctions) * events_per_round / auctions_per_round;

// Sizes that `extra` fills an event up to, in bytes, without what the record needs for itself.
constexpr std::size_t person_bytes = 200;
constexpr std::size_t auction_bytes = 500;
constexpr std::size_t bid_bytes = 100;

constexpr std::array<std::string_view, 6> states{"AZ", "CA", "ID", "OR", "WA", "WY"};
constexpr std::array<std::string_view, 10> cities{"Phoenix",  "Los Angeles", "San Francisco", "Boise",
                                                  "Portland", "Bend",        "Redmond",       "Seattle",
                                                  "Kent",     "Cheyenne"};
constexpr std::array<std::string_view, 11> first_names{"Peter", "Paul",  "Luke",  "John",   "Saul",  "Vicky",
                                                       "Kate",  "Julie", "Sarah", "Deiter", "Walter"};
constexpr std::array<std::string_view, 9> last_names{"Shultz", "Abrams", "Spencer", "White", "Bartels",
                                                     "Walton", "Smith",  "Jones",   "Noris"};
constexpr std::array<std::string_view, 4> hot_channels{"Google", "Facebook", "Baidu", "Apple"};

/// 64 random bits, taken from the low end.
class bits {
 public:
  explicit bits(std::uint64_t from) noexcept : left_{from} {}
  /// A number below `bound`, from `width` bits; as uniform as these are.
  std::uint64_t below(std::uint64_t bound, unsigned width) noexcept { return take(width) * bound >> width; }
  std::uint64_t take(unsigned width) noexcept {
    const auto taken = left_ & ((std::uint64_t{1} << width) - 1);
    left_ >>= width;
    return taken;
  }

 private:
  std::uint64_t left_;
};

/// The random numbers of one event.
weir::random_sequence numbers_of(std::uint64_t n, std::uint64_t seed) noexcept {
  return weir::random_sequence{n ^ seed << 40U};
}

/// 100 * 10^(6u) for u in [0, 1): as many prices between 1 and 10 as between 10 and 100. Straight lines between the values
/// of a table, so no price costs a power.
class price_table {
 public:
  price_table() {
    for (std::size_t i = 0; i < values_.size(); ++i)
      values_[i] = std::llround(std::pow(10.0, 6.0 * static_cast<double>(i) / segments) * 100.0 * scale);
  }
  /// `random` has 32 bits.
  [[nodiscard]] std::int64_t price(std::uint64_t random) const noexcept {
    const auto segment = random >> fraction_bits;
    const auto fraction = static_cast<std::int64_t>(random & ((std::uint64_t{1} << fraction_bits) - 1));
    const auto low = values_[segment];
    return (low + ((values_[segment + 1] - low) * fraction >> fraction_bits) + scale / 2) / scale;
  }

 private:
  static constexpr unsigned fraction_bits = 22;
  static constexpr std::int64_t segments = 1024;
  static constexpr std::int64_t scale = 1024;
  std::array<std::int64_t, segments + 1> values_{};
};

/// What is special about the address at which a channel's bids are made. Half a cache line, so that the table of all channels
/// stays near.
struct channel_row {
  static constexpr std::size_t id_size_max = 12;
  static constexpr std::size_t path_size_max = 16;
  char text[id_size_max + path_size_max]{};  ///< the id, then the path
  std::uint8_t id_size = 0;                  ///< 0: the address tells no id
  std::uint8_t path_size = 0;
};

/// A short text under construction. Pieces are copied at a fixed size, which is faster than copying just what they are.
class short_text {
 public:
  /// Copies Slot bytes, of which `size` count.
  template <std::size_t Slot>
  void add(const char* from, std::size_t size = Slot) noexcept {
    std::memcpy(text_ + size_, from, Slot);
    size_ += size;
  }
  [[nodiscard]] std::string_view view() const noexcept { return {text_, size_}; }

 private:
  char text_[112];
  std::size_t size_ = 0;
};

/// `channel-42`
short_text channel_name(std::uint64_t number) {
  short_text name;
  name.add<8>("channel-");
  char digits[4];
  auto* first = digits + 4;
  do *--first = static_cast<char>('0' + number % 10);
  while ((number /= 10) > 0);
  for (; first != digits + 4; ++first) name.add<1>(first);
  return name;
}

short_text address_of(const channel_row& channel) {
  short_text address;
  address.add<24>("https://www.nexmark.com/");
  address.add<channel_row::path_size_max>(channel.text + channel_row::id_size_max, channel.path_size);
  address.add<16>("item.htm?query=1");
  if (channel.id_size == 0) return address;
  address.add<12>("&channel_id=");
  address.add<channel_row::id_size_max>(channel.text, channel.id_size);
  return address;
}

std::int64_t last_person(std::uint64_t n) noexcept { return static_cast<std::int64_t>(n / events_per_round); }

/// Of events up to n; -1: none yet.
std::int64_t last_auction(std::uint64_t n) noexcept {
  const auto rounds = static_cast<std::int64_t>(n / events_per_round);
  const auto place = std::min(n % events_per_round, auctions_per_round);
  return rounds * static_cast<std::int64_t>(auctions_per_round) + static_cast<std::int64_t>(place) - 1;
}

/// One of those who are active, or who soon will be.
std::int64_t some_person(std::uint64_t n, std::uint64_t random_16_bits) noexcept {
  const auto people = last_person(n) + 1;
  const auto active = std::min(people, active_people);
  return people - active +
         static_cast<std::int64_t>(random_16_bits * static_cast<std::uint64_t>(active + people_ahead) >> 16U);
}

std::int64_t some_auction(std::uint64_t n, std::uint64_t random_16_bits) noexcept {
  const auto last = last_auction(n);
  const auto first = std::max<std::int64_t>(last - open_auctions, 0);
  return first + static_cast<std::int64_t>(
                     random_16_bits * static_cast<std::uint64_t>(last - first + 1 + auctions_ahead) >> 16U);
}

std::int64_t hot(std::int64_t last) noexcept { return last / hot_stays_for * hot_stays_for; }

/// How long `extra` is where the rest has `used` bytes: what is missing, give or take a fifth.
std::size_t extra_bytes(std::size_t used, std::size_t wanted, std::uint64_t random_8_bits) noexcept {
  if (used > wanted) return 0;
  const auto missing = wanted - used;
  const auto fifth = (missing * 2 + 5) / 10;
  return missing - fifth + (2 * fifth * random_8_bits >> 8U);
}

capnp::Text::Reader as_text(const std::string& text) { return {text.data(), text.size()}; }

/// `init(bytes)` gives the place that the text is copied to.
template <class Init>
void put(Init&& init, std::string_view text) {
  std::copy(text.begin(), text.end(), init(static_cast<unsigned>(text.size())).begin());
}

std::string card_number(std::uint64_t random) {
  std::string number;
  for (int group = 0; group < 4; ++group, random >>= 16U) {
    const auto four = std::to_string((random & 0xffffU) * 10'000 >> 16U);
    if (group > 0) number += ' ';
    number.append(4 - four.size(), '0').append(four);
  }
  return number;
}

}  // namespace

struct generator::tables {
  explicit tables(std::uint64_t seed)
      : letters{seed ^ 1, ' ', 0}, words{seed ^ 2, ' ', 13}, url_parts{seed ^ 3, '_', 13} {
    weir::random_sequence random{seed ^ 4};
    all_channels.resize(hot_channels.size() + channels);
    for (std::size_t i = 0; i < all_channels.size(); ++i) {
      auto& one = all_channels[i];
      for (int part = 0; part < 3; ++part) {
        const auto text = url_parts.piece(static_cast<std::uint16_t>(random()), 3 + random.below(2));
        auto* place = one.text + channel_row::id_size_max + one.path_size;
        *std::copy(text.begin(), text.end(), place) = '/';
        one.path_size = static_cast<std::uint8_t>(one.path_size + text.size() + 1);
      }
      if (i < hot_channels.size() || random.below(10) == 0) continue;
      const auto id = std::to_string(channel_id(static_cast<std::uint32_t>(i - hot_channels.size())));
      std::copy(id.begin(), id.end(), one.text);
      one.id_size = static_cast<std::uint8_t>(id.size());
    }
  }

  /// The number's 32 bits in reverse order, as a number without its sign.
  static std::int64_t channel_id(std::uint32_t number) {
    std::uint32_t reversed = 0;
    for (int bit = 0; bit < 32; ++bit, number >>= 1U) reversed = reversed << 1U | (number & 1U);
    return std::abs(static_cast<std::int64_t>(static_cast<std::int32_t>(reversed)));
  }

  price_table prices;
  random_text letters;
  random_text words;
  random_text url_parts;
  std::vector<channel_row> all_channels;  ///< the hot ones first
};

generator::generator(const event_settings& settings)
    : settings_{settings}, tables_{std::make_shared<const tables>(settings.seed << 8U)} {}

void generator::fill(std::uint64_t n, std::int64_t time_ms, Bid::Builder out) const {
  auto random = numbers_of(n, settings_.seed);
  bits first{random()};
  bits second{random()};
  const auto is_hot_auction = first.below(settings_.hot_auction_ratio, 8) > 0;
  const auto is_hot_bidder = first.below(settings_.hot_bidder_ratio, 8) > 0;
  const auto any_channel = first.take(16);
  const auto price = tables_->prices.price(first.take(32));
  const auto auction = is_hot_auction ? hot(last_auction(n)) : some_auction(n, second.take(16));
  const auto bidder = is_hot_bidder ? hot(last_person(n)) + 1 : some_person(n, second.take(16));
  const auto is_hot_channel = second.take(1) > 0;
  const auto channel =
      is_hot_channel ? any_channel >> 14U : hot_channels.size() + (any_channel * channels >> 16U);
  out.setAuction(first_auction_id + auction);
  out.setBidder(first_person_id + bidder);
  out.setPrice(price);
  const auto address = address_of(tables_->all_channels[channel]);
  if (is_hot_channel)
    put([&](unsigned size) { return out.initChannel(size); }, hot_channels[channel]);
  else
    put([&](unsigned size) { return out.initChannel(size); },
        channel_name(channel - hot_channels.size()).view());
  put([&](unsigned size) { return out.initUrl(size); }, address.view());
  out.setDateTime(time_ms);
  const auto bytes = extra_bytes(32, bid_bytes, second.take(8));
  put([&](unsigned size) { return out.initExtra(size); },
      tables_->letters.piece(static_cast<std::uint16_t>(second.take(16)), bytes));
}

void generator::fill(std::uint64_t n, std::int64_t time_ms, Auction::Builder out) const {
  auto random = numbers_of(n, settings_.seed);
  bits first{random()};
  bits second{random()};
  bits third{random()};
  const auto is_hot_seller = first.below(settings_.hot_seller_ratio, 8) > 0;
  const auto seller = is_hot_seller ? hot(last_person(n)) : some_person(n, first.take(16));
  const auto initial = tables_->prices.price(first.take(32));
  const auto open_ms =
      std::max<std::int64_t>(2 * (settings_.time_ms(n + events_until_open_are_made) - time_ms), 1);
  const auto name =
      tables_->words.trimmed(static_cast<std::uint16_t>(second.take(16)), 3 + second.below(17, 8));
  const auto description =
      tables_->words.trimmed(static_cast<std::uint16_t>(second.take(16)), 3 + second.below(97, 16));
  out.setId(first_auction_id + last_auction(n));
  put([&](unsigned size) { return out.initItemName(size); }, name);
  put([&](unsigned size) { return out.initDescription(size); }, description);
  out.setInitialBid(initial);
  out.setReserve(initial + tables_->prices.price(third.take(32)));
  out.setDateTime(time_ms);
  out.setExpires(time_ms + 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(open_ms))));
  out.setSeller(first_person_id + seller);
  out.setCategory(first_category + static_cast<std::int64_t>(third.below(categories, 8)));
  const auto bytes = extra_bytes(48 + name.size() + description.size(), auction_bytes, third.take(8));
  put([&](unsigned size) { return out.initExtra(size); },
      tables_->letters.piece(static_cast<std::uint16_t>(third.take(16)), bytes));
}

void generator::fill(std::uint64_t n, std::int64_t time_ms, Person::Builder out) const {
  auto random = numbers_of(n, settings_.seed);
  bits first{random()};
  bits second{random()};
  const auto name = std::string{first_names[first.below(first_names.size(), 8)]} + ' ' +
                    std::string{last_names[first.below(last_names.size(), 8)]};
  const auto email =
      std::string{tables_->words.trimmed(static_cast<std::uint16_t>(first.take(16)), 3 + first.below(4, 8))} +
      '@' +
      std::string{tables_->words.trimmed(static_cast<std::uint16_t>(first.take(16)), 3 + first.below(2, 8))} +
      ".com";
  const auto card = card_number(random());
  const auto city = cities[second.below(cities.size(), 8)];
  const auto state = states[second.below(states.size(), 8)];
  out.setId(first_person_id + last_person(n));
  out.setName(as_text(name));
  out.setEmailAddress(as_text(email));
  out.setCreditCard(as_text(card));
  put([&](unsigned size) { return out.initCity(size); }, city);
  put([&](unsigned size) { return out.initState(size); }, state);
  out.setDateTime(time_ms);
  const auto used = 8 + name.size() + email.size() + card.size() + city.size() + state.size();
  put([&](unsigned size) { return out.initExtra(size); },
      tables_->letters.piece(static_cast<std::uint16_t>(second.take(16)),
                             extra_bytes(used, person_bytes, second.take(8))));
}

}  // namespace nexmark
