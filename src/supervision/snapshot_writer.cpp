#include "supervision/snapshot_writer.hpp"

#include "actors/messages.hpp"

#include <caf/all.hpp>

#include <utility>

namespace weir::supervision {
namespace {

using namespace actors;

class snapshot_writer_actor final : public caf::event_based_actor {
 public:
  snapshot_writer_actor(caf::actor_config& config, snapshot_writer_settings settings)
      : caf::event_based_actor{config}, settings_{std::move(settings)} {}

  caf::behavior make_behavior() override {
    return {[this](const store_message& asked) {
      auto written = settings_.store->write_pending();
      stored_message stored{asked.epoch, {}};
      if (!written.ok()) stored.why = std::move(written).failed().message;
      return stored;
    }};
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
