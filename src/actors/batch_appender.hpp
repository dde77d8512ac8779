#pragma once
/// What a source's reader writes to.

#include "actors/instance_body.hpp"
#include <weir/source.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::actors {

/// Fills one batch_writer and keeps the bad records, which it counts in the marks of a part. Confined to the owning actor.
class batch_appender final : public record_appender {
 public:
  /// For the part of that number. References outlive it.
  batch_appender(const body_parts& parts, batch_writer& writer, std::size_t number)
      : parts_{parts}, writer_{writer}, number_{number} {}

  /// So many bad records come again: an earlier life has written their letters.
  void skip_letters(std::uint64_t letters) noexcept { letters_to_skip_ = letters; }
  [[nodiscard]] std::uint64_t letters_to_skip() const noexcept { return letters_to_skip_; }
  [[nodiscard]] std::uint64_t bytes_in() const noexcept { return bytes_in_; }

  capnp::AnyStruct::Builder append() override { return writer_.append(); }
  void commit() override { writer_.commit(time_min_us, time_min_us); }
  void discard() override { writer_.discard(); }
  bool wants_more() const override { return !writer_.full(); }
  result<void> bad_record(errc code, std::string_view reason, std::string_view position,
                          std::string_view content) override;
  void count_input(std::uint64_t bytes) override { bytes_in_ += bytes; }

 private:
  const body_parts& parts_;
  batch_writer& writer_;
  std::size_t number_;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t letters_to_skip_ = 0;
};

}  // namespace weir::actors
