#pragma once
/// Plants one bug into a simulated run: proof that the checks would see it.

#include "actors/environment.hpp"
#include <weir/runtime/random.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace weir::tests {

enum class planted_bug : std::uint8_t {
  none,
  lost_frame,
  doubled_frame,
  swapped_frames,
  lost_batch_renumbered,     ///< the numbers behind it close up: only the output can tell
  doubled_batch_renumbered,  ///< the same
  swapped_batches_renumbered,
  early_watermark,  ///< a frame carries a watermark beyond what may still come
  credit_leak,      ///< less is granted than is owed
  credit_twice,
  early_end,             ///< a batch becomes the end; what follows is sent
  early_end_renumbered,  ///< what follows is not sent
  overtaking_barrier,    ///< every barrier stands before the batch in front of it
};

[[nodiscard]] std::string_view name_of(planted_bug bug) noexcept;
/// Those that show without snapshots.
[[nodiscard]] const std::vector<planted_bug>& all_planted_bugs();

/// Confined to one run. Strikes at a frame or credit message that the seed chooses, if there are as many.
class saboteur {
 public:
  saboteur(planted_bug bug, std::uint64_t seed);

  [[nodiscard]] std::vector<frame> on_send(const actors::channel_ends& channel, frame leaving);
  [[nodiscard]] std::uint64_t on_grant(const actors::channel_ends& channel, std::uint64_t bytes);
  [[nodiscard]] bool has_struck() const noexcept { return has_struck_; }

 private:
  [[nodiscard]] bool strikes_now();
  std::vector<frame> strike(frame leaving);
  std::vector<frame> after_strike(frame leaving);
  std::vector<frame> overtaken(const actors::channel_ends& channel, frame leaving);

  planted_bug bug_;
  std::uint64_t left_;  ///< occasions until it strikes
  bool has_struck_ = false;
  std::string victim_;                         ///< the channel that was struck
  std::vector<frame> held_;                    ///< swapped: waits for the next one
  std::int64_t shift_ = 0;                     ///< of the numbers on the victim
  std::map<std::string, frame> last_batches_;  ///< overtaking: by channel, those that wait for the next frame
};

}  // namespace weir::tests
