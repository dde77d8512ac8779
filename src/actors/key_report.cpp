#include "actors/key_report.hpp"

#include "io/bytes/utf8.hpp"
#include "state/described/key_text.hpp"
#include "state/shown_key.hpp"

#include <cstddef>

namespace weir::actors {
namespace {

constexpr std::size_t keys_told = 10;
constexpr std::size_t text_bytes_max = 100;

/// Texts as they are, anything else as `weir snapshot` shows it.
std::string readable_key(const key_sketch::frequent_key& key, const state::described_type* type) {
  if (type != nullptr && type->kind != state::type_kind::text && !key.is_cut) {
    std::string json;
    state::append_key(json, key.bytes, type);
    return json;
  }
  const auto text = io::utf8_cut(key.bytes, text_bytes_max);
  return state::shown_key(text) + (key.is_cut || text.size() < key.bytes.size() ? "..." : "");
}

}  // namespace

void describe_keys(const key_sketch& keys, const std::string& key_type,
                   wire::InstanceReport::Builder report) {
  const auto type = state::parse_type(key_type);
  const auto top = keys.top(keys_told);
  report.setKeySamples(keys.samples());
  auto told = report.initTopKeys(static_cast<capnp::uint>(top.size()));
  for (std::size_t i = 0; i < top.size(); ++i) {
    auto one = told[static_cast<capnp::uint>(i)];
    one.setKey(readable_key(top[i], type.ok() ? &*type : nullptr));
    one.setRecords(top[i].records);
    one.setShare(top[i].share);
    one.setShareError(top[i].share_error);
  }
}

}  // namespace weir::actors
