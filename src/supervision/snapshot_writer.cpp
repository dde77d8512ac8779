#include "supervision/snapshot_writer.hpp"

#include <caf/all.hpp>

#include <utility>

namespace weir::supervision {
namespace {

class snapshot_writer_actor final : public caf::event_based_actor {
 public:
  snapshot_writer_actor(caf::actor_config& config, snapshot_writer_settings settings)
      : caf::event_based_actor{config}, settings_{std::move(settings)} {}

  caf::behavior make_behavior() override {
    return {
        [this](const store_message& asked) {
          stored_message stored;
          stored.epoch = asked.content->epoch;
          auto kept = settings_.storage->save(*asked.content);
          if (kept.ok())
            stored.kept = *std::move(kept);
          else
            stored.why = std::move(kept).failed();
          return stored;
        },
        [this](const restore_message&) {
          restored_message answer;
          auto restored = settings_.storage->restore_latest();
          if (!restored.ok())
            answer.why = std::move(restored).failed();
          else if (restored->has_value())
            answer.content = std::make_shared<const restored_snapshot>(**std::move(restored));
          return answer;
        },
    };
  }

  const char* name() const override { return "weir.snapshots"; }

 private:
  snapshot_writer_settings settings_;
};

}  // namespace

caf::actor spawn_snapshot_writer(caf::actor_system& system, snapshot_writer_settings settings) {
  if (settings.may_block) return system.spawn<snapshot_writer_actor, caf::detached>(std::move(settings));
  return system.spawn<snapshot_writer_actor>(std::move(settings));
}

}  // namespace weir::supervision
