#include "state/stores/pending_run.hpp"

#include <weir/key.hpp>

#include <bit>

namespace weir::state {

void pending_run::find_ends() const {
  const auto& rows = run_->rows();
  if (rows.empty()) return;
  first_ = last_ = run_->key(rows.front());
  for (const auto& row : rows) {
    const auto key = run_->key(row);
    if (key < first_)
      first_ = key;
    else if (key > last_)
      last_ = key;
  }
}

bool pending_run::overlaps(std::string_view begin, std::string_view end) const {
  std::call_once(has_ends_, [&] { find_ends(); });
  return !run_->empty() && first_ < end && last_ >= begin;
}

void pending_run::make_index() const {
  const auto& rows = run_->rows();
  places_.resize(std::bit_ceil(2 * rows.size() + 1));
  const auto mask = places_.size() - 1;
  for (std::uint32_t row = 0; row < rows.size(); ++row) {
    const auto hash = key_hash(run_->key(rows[row]));
    auto at = hash & mask;
    while (places_[at].row != 0) at = (at + 1) & mask;
    places_[at] = {static_cast<std::uint32_t>(hash >> 32U), row + 1};
  }
}

const row_run::row* pending_run::find(std::string_view key) const {
  std::call_once(has_ends_, [&] { find_ends(); });
  if (key < first_ || key > last_) return nullptr;
  std::call_once(is_indexed_, [&] { make_index(); });
  const auto hash = key_hash(key);
  const auto tag = static_cast<std::uint32_t>(hash >> 32U);
  const auto mask = places_.size() - 1;
  for (auto at = hash & mask; places_[at].row != 0; at = (at + 1) & mask) {
    const auto& row = run_->rows()[places_[at].row - 1];
    if (places_[at].tag == tag && run_->key(row) == key) return &row;
  }
  return nullptr;
}

}  // namespace weir::state
