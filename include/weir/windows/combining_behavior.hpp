#pragma once
/// Aggregation in two phases: what happens before records are dealt out by key, and behind it.

#include <weir/key.hpp>
#include <weir/partial_totals.capnp.h>
#include <weir/runtime/decode.hpp>
#include <weir/runtime/encode.hpp>
#include <weir/windows/fixed_behavior.hpp>
#include <weir/windows/frequent_keys.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

/// Which keys two_phase() aggregates before the exchange.
enum class combined_keys : std::uint8_t {
  hot,  ///< those that one record in a hundred has, as each instance finds out; the records of others go on unchanged
  all,  ///< all of them: for few keys with many records each
};

namespace detail {

/// Throws failure(behavior_failed): the bytes between two phases are none of the accumulators.
[[noreturn]] void fail_partial_totals();

/// What an instance has of a key and slice, until it is sent on.
template <class Totals>
struct combined_totals {
  std::uint64_t hash = 0;
  std::string key{};
  std::int64_t start_us = 0;
  Totals totals{};
};

/// All that an instance has, and the watermark that it may not pass with it.
template <class Totals>
struct all_combined {
  std::int64_t due_us = time_max_us;
  std::vector<combined_totals<Totals>> rows{};
};

/// The first phase, in front of the exchange: aggregates the records of hot keys per slice, and sends the totals on before
/// the watermark reaches the end of a window that they are in. Records of other keys, and those of windows that have ended
/// as far as this instance knows, go on unchanged and uncopied.
template <class W, class Extract>
class combining_behavior : public behavior<typename W::record_of, PartialTotals> {
  using totals_type = typename W::totals;
  using row_type = combined_totals<totals_type>;
  using codec = key_codec<typename W::key_type>;

 public:
  combining_behavior(const fixed_windows& windows, combined_keys which, Extract extract,
                     typename W::aggregates aggregates)
      : aggregates_{std::move(aggregates)},
        extract_{std::move(extract)},
        slicing_{windows.size_us(), windows.slide_us(), windows.offset_us()},
        which_{which} {}

  void on(typename W::record_of::Reader in) {
    const auto time_us = this->host().event_time_us();
    if (!here_.contains(time_us)) {
      if (time_us < -window_time_max_us || time_us > window_time_max_us)
        return this->template forward<typename W::record_of>();
      here_ = slicing_.at(time_us);
    }
    const auto key = codec::encode(extract_(in), key_buffer_);
    const auto hash = key_hash(key);
    if (!is_combined(hash) || here_.first_end_us - 1 <= this->host().watermark_us())
      return this->template forward<typename W::record_of>();
    aggregates_.add(totals_of(hash, key), in);
  }

  void on(timer) { send_all(); }

 private:
  static constexpr std::size_t rows_max = 4'096;

  bool is_combined(std::uint64_t hash) {
    if (which_ == combined_keys::all) return true;
    auto& frequent = frequent_.get();
    count_key(frequent, hash);
    return is_hot(frequent, hash);
  }

  totals_type& totals_of(std::uint64_t hash, std::string_view key) {
    auto& all = combined_.get();
    if (places_.empty() || indexed_ != all.rows.size()) index(all.rows);
    for (auto place = place_of(hash, here_.start_us);; place = (place + 1) & (places_.size() - 1)) {
      if (places_[place] == 0) return add_row(all, place, hash, key);
      auto& row = all.rows[places_[place] - 1];
      if (row.hash == hash && row.start_us == here_.start_us && row.key == key) return row.totals;
    }
  }

  totals_type& add_row(all_combined<totals_type>& all, std::size_t place, std::uint64_t hash,
                       std::string_view key) {
    if (all.rows.size() == rows_max) {
      send_all();
      return totals_of(hash, key);
    }
    all.rows.push_back({hash, std::string{key}, here_.start_us, {}});
    places_[place] = static_cast<std::uint32_t>(all.rows.size());
    indexed_ = all.rows.size();
    if (here_.first_end_us - 1 < all.due_us) {
      all.due_us = here_.first_end_us - 1;
      this->set_timer("send", weir::event_time{duration{all.due_us}});
    }
    return all.rows.back().totals;
  }

  /// Finds rows again: in a new life there are some that no index knows.
  void index(const std::vector<row_type>& rows) {
    places_.assign(2 * rows_max, 0);
    for (std::uint32_t row = 0; row < rows.size(); ++row) {
      auto place = place_of(rows[row].hash, rows[row].start_us);
      while (places_[place] != 0) place = (place + 1) & (places_.size() - 1);
      places_[place] = row + 1;
    }
    indexed_ = rows.size();
  }
  [[nodiscard]] std::size_t place_of(std::uint64_t hash, std::int64_t start_us) const noexcept {
    constexpr std::uint64_t odd = 0x9e37'79b9'7f4a'7c15;  // the golden ratio: neighbouring slices lie apart
    return ((hash ^ static_cast<std::uint64_t>(start_us)) * odd >> 32U) & (places_.size() - 1);
  }

  void send_all() {
    auto* const all = combined_.find();
    if (all == nullptr) return;
    for (const auto& row : all->rows) {
      encoded_.clear();
      byte_writer bytes{encoded_};
      encode(row.totals, bytes);
      this->template emit<PartialTotals>([&](PartialTotals::Builder out) {
        out.setKey(capnp::Text::Reader{row.key.data(), row.key.size()});
        out.setStart(row.start_us);
        out.setTotals({reinterpret_cast<const kj::byte*>(encoded_.data()), encoded_.size()});
      });
    }
    combined_.clear();
    this->cancel_timer("send");
    places_.clear();
  }

  value<all_combined<totals_type>> combined_{*this, "combined"};
  value<frequent_keys> frequent_{*this, "frequent"};
  typename W::aggregates aggregates_;
  Extract extract_;
  slicing slicing_;
  slicing::slice here_{};  ///< that of the record before; none at first
  combined_keys which_;
  std::string key_buffer_;
  std::string encoded_;
  std::vector<std::uint32_t> places_;  ///< 1 + a row's number by hash and slice, open addressing; 0: free
  std::size_t indexed_ = 0;            ///< rows that places_ knows
};

/// The second phase: windows of records, and of what the first phase made of some.
template <class W>
class merging_behavior : public fixed_behavior<W> {
 public:
  using fixed_behavior<W>::fixed_behavior;
  using fixed_behavior<W>::on;

  void on(PartialTotals::Reader in) {
    const auto bytes = in.getTotals();
    byte_reader from{{reinterpret_cast<const char*>(bytes.begin()), bytes.size()}};
    typename W::totals totals{};
    if (!decode(totals, from)) fail_partial_totals();
    this->merge_slice(in.getStart(), totals);
  }
};

}  // namespace detail
}  // namespace weir
