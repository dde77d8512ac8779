#pragma once
/// Keys: what a record is partitioned by. A key leaves the process as bytes, so both its bytes and its hash are
/// stable on disk and on the wire.

#include <capnp/blob.h>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir {

/// A text that ends in a NUL, as Cap'n Proto wants it: goes where a std::string_view or a Text goes.
class text_view : public std::string_view {
 public:
  constexpr text_view() : std::string_view{""} {}
  /// Precondition: bytes.data()[bytes.size()] == 0.
  constexpr explicit text_view(std::string_view bytes) : std::string_view{bytes} {}
  operator capnp::Text::Reader() const { return {data(), size()}; }
};

/// xxh3 of the key's bytes: permanent, it decides which key group a key belongs to.
[[nodiscard]] std::uint64_t key_hash(std::string_view bytes) noexcept;

/// Keyed state is partitioned and moved in key groups: 256 per job.
inline constexpr std::uint32_t key_groups = 256;

[[nodiscard]] constexpr std::uint32_t key_group_of(std::uint64_t hash) noexcept {
  return static_cast<std::uint32_t>(hash >> 32U) % key_groups;
}

/// The instance that owns a key group: contiguous ranges of groups per instance.
[[nodiscard]] constexpr std::uint32_t owner_of(std::uint32_t key_group, std::uint32_t parallelism) noexcept {
  return key_group * parallelism / key_groups;
}

/// How a key type becomes bytes and comes back. Bytes compare like the keys they stand for, as long as texts inside
/// of tuples hold no NUL. Permanent: keys lie on disk and travel in frames.
/// `encode` returns a view that ends in a NUL, into the key itself or into `buffer`. `decode` takes any bytes: those
/// that no key has give some key.
template <class Key>
struct key_codec;

/// A type that can be a key: a text, a number, an enum, or a tuple of these.
template <class Key>
concept key_like = requires { typename key_codec<Key>::view; };

template <>
struct key_codec<std::string> {
  using view = text_view;
  static constexpr bool has_fixed_size = false;

  /// Ends in a NUL already: nothing is copied.
  static std::string_view encode(capnp::Text::Reader key, std::string&) { return {key.begin(), key.size()}; }
  template <std::convertible_to<std::string_view> Text>
  static std::string_view encode(const Text& key, std::string& buffer) {
    return buffer.assign(std::string_view{key});
  }
  static view decode(std::string_view bytes) { return text_view{bytes}; }
};

/// Numbers and enums: eight bytes, big endian, the sign flipped.
template <class Key>
  requires(std::integral<Key> || std::is_enum_v<Key>)
struct key_codec<Key> {
  using view = Key;
  static constexpr bool has_fixed_size = true;

  static std::string_view encode(Key key, std::string& buffer) {
    const auto bits = __builtin_bswap64(static_cast<std::uint64_t>(key) ^ sign);
    buffer.resize(sizeof bits);
    std::memcpy(buffer.data(), &bits, sizeof bits);
    return buffer;
  }
  static view decode(std::string_view bytes) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, bytes.data(), bytes.size() < sizeof bits ? bytes.size() : sizeof bits);
    return static_cast<Key>(__builtin_bswap64(bits) ^ sign);
  }

 private:
  static constexpr std::uint64_t sign = static_cast<std::uint64_t>(Key(-1) < Key(0)) << 63U;
};

/// Several keys: their bytes, a NUL behind each text, and at the end the lengths of the texts (4 bytes each, big endian).
template <class... Parts>
  requires(key_like<Parts> && ...)
struct key_codec<std::tuple<Parts...>> {
  using view = std::tuple<typename key_codec<Parts>::view...>;
  static constexpr bool has_fixed_size = false;

  template <class Tuple>
  static std::string_view encode(const Tuple& key, std::string& buffer) {
    std::string lengths, part_buffer;
    buffer.clear();
    const auto append = [&]<class Part>(std::type_identity<Part>, const auto& part) {
      const auto bytes = key_codec<Part>::encode(part, part_buffer);
      buffer.append(bytes);
      if constexpr (!key_codec<Part>::has_fixed_size) {
        buffer.push_back('\0');
        const auto length = __builtin_bswap32(static_cast<std::uint32_t>(bytes.size()));
        lengths.append(reinterpret_cast<const char*>(&length), sizeof length);
      }
    };
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (append(std::type_identity<Parts>{}, std::get<I>(key)), ...);
    }(std::index_sequence_for<Parts...>{});
    return buffer.append(lengths);
  }

  static view decode(std::string_view bytes) {
    constexpr auto lengths_bytes = (std::size_t{0} + ... + (key_codec<Parts>::has_fixed_size ? 0 : 4));
    auto lengths = bytes.substr(bytes.size() - std::min(lengths_bytes, bytes.size()));
    bytes.remove_suffix(lengths.size());
    const auto take = [&]<class Part>(std::type_identity<Part>) {
      std::uint32_t length = 8;
      if constexpr (!key_codec<Part>::has_fixed_size) {
        std::memcpy(&length, lengths.data(), std::min(lengths.size(), sizeof length));
        length = __builtin_bswap32(length);
        lengths.remove_prefix(std::min(lengths.size(), sizeof length));
      }
      const auto part = bytes.substr(0, length);
      const auto is_whole =
          key_codec<Part>::has_fixed_size || (part.size() < bytes.size() && bytes[length] == '\0');
      bytes.remove_prefix(std::min(bytes.size(), part.size() + (key_codec<Part>::has_fixed_size ? 0 : 1)));
      return is_whole ? part : std::string_view{""};
    };
    return view{key_codec<Parts>::decode(take(std::type_identity<Parts>{}))...};
  }
};

/// The key type that a value used as a key stands for: texts are std::string, numbers and enums are themselves, tuples
/// by their parts.
template <class Value>
struct key_type_of {
  using type = Value;
};
template <class Value>
  requires(std::convertible_to<Value, std::string_view> || std::same_as<Value, capnp::Text::Reader>)
struct key_type_of<Value> {
  using type = std::string;
};
template <class... Values>
struct key_type_of<std::tuple<Values...>> {
  using type = std::tuple<typename key_type_of<std::decay_t<Values>>::type...>;
};

template <class Value>
using key_type_of_t = typename key_type_of<std::decay_t<Value>>::type;

}  // namespace weir
