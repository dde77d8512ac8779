#include "actors/batch_appender.hpp"

#include <string>

namespace weir::actors {

result<void> batch_appender::bad_record(errc code, std::string_view reason, std::string_view position,
                                        std::string_view content) {
  if (letters_to_skip_ > 0) {
    --letters_to_skip_;
    return {};
  }
  const auto& shared = parts_.shared();
  auto& bad_records = parts_.cell.bad_records;
  if (shared.stop_at_bad_record) {
    ++bad_records;
    return error{code, std::string{position} + ": " + std::string{reason} +
                           " (--on-bad-record fail; dead-letter would keep it and go on)"};
  }
  if (shared.letters != nullptr) {
    dead_letter letter{{}, code, reason, position, content};
    const auto name = parts_.identity().name();
    letter.operator_name = name;
    letter.epoch = shared.recovering.takes_snapshots ? parts_.cell.snapshot.epoch + 1 : 0;
    if (auto kept = shared.letters->write(letter); !kept.ok()) return kept;
  }
  ++parts_.cell.snapshot.source.parts[number_].letters;
  ++bad_records;
  return {};
}

}  // namespace weir::actors
