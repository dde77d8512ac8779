#include "nexmark/driver/discarding_sink.hpp"

#include "core/system_clocks.hpp"

#include <utility>

namespace nexmark {
namespace {

class discarding_writer final : public weir::sink_writer {
 public:
  discarding_writer(std::shared_ptr<discarded> into, event_clock clock)
      : into_{std::move(into)}, clock_{std::move(clock)} {}

  weir::result<void> write(const weir::batch_view& records) override {
    rows_ += records.size();
    const auto* const times = records.content().event_times();
    if (clock_.speed <= 0 || times == nullptr) return {};
    const auto event_now_us =
        clock_.base_us +
        static_cast<std::int64_t>(static_cast<double>(weir::system_wall_us() - clock_.started_us->load()) *
                                  clock_.speed);
    for (std::uint32_t position = 0; position < records.size(); ++position)
      ages_.add(static_cast<std::int64_t>(static_cast<double>(event_now_us - times[records.index(position)]) /
                                          clock_.speed));
    return {};
  }
  weir::result<void> flush() override { return {}; }
  weir::result<void> finish() override {
    into_->add(rows_, ages_);
    return {};
  }
  void abandon() noexcept override {}
  [[nodiscard]] std::string destination() const override { return "nowhere"; }

 private:
  std::shared_ptr<discarded> into_;
  event_clock clock_;
  std::uint64_t rows_ = 0;
  latencies ages_;
};

}  // namespace

weir::sink_spec discard(std::shared_ptr<discarded> into, event_clock clock) {
  return {"nowhere",
          [into = std::move(into), clock = std::move(clock)](
              const weir::sink_part&) -> weir::result<std::unique_ptr<weir::sink_writer>> {
            return std::unique_ptr<weir::sink_writer>{std::make_unique<discarding_writer>(into, clock)};
          }};
}

}  // namespace nexmark
