#include "nexmark/driver/crashes.hpp"

#include <weir/runtime/random.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <utility>

namespace nexmark {
namespace {

/// Another logic, whose lives end early.
class mortal_logic final : public weir::operator_logic {
 public:
  mortal_logic(std::unique_ptr<weir::operator_logic> inner, std::uint64_t records)
      : inner_{std::move(inner)}, left_{records} {}

  void open(weir::behavior_host& host) override { inner_->open(host); }
  void begin() override { inner_->begin(); }
  std::uint32_t consume(std::uint32_t input, const weir::batch_view& view, std::uint32_t from) override {
    const auto stopped = inner_->consume(input, view, from);
    const auto handled = static_cast<std::uint64_t>(stopped - from);
    if (handled >= left_) throw std::runtime_error{"this life has been long enough (--crash-every)"};
    left_ -= handled;
    return stopped;
  }
  void end() override { inner_->end(); }
  bool ask(std::uint64_t type, std::string_view key, capnp::AnyStruct::Reader question,
           capnp::AnyPointer::Builder answer) override {
    return inner_->ask(type, key, question, answer);
  }

 private:
  std::unique_ptr<weir::operator_logic> inner_;
  std::uint64_t left_;
};

/// Half of the lives handle `every` records, a quarter twice as many, and so on: however long a journal is, some life gets
/// beyond it.
std::uint64_t length_of(std::uint64_t every, std::uint64_t life) {
  weir::random_sequence random{life};
  auto length = every;
  while (random.chance(1, 2)) length *= 2;
  return length;
}

}  // namespace

void add_crashes(weir::graph& job, std::uint64_t every) {
  constexpr std::uint32_t no_limit = 1'000'000'000;
  const auto lives = std::make_shared<std::atomic<std::uint64_t>>(0);
  for (auto& node : job.nodes) {
    if (node.kind != weir::node_kind::transform) continue;
    node.restart = weir::one_for_one{.max = no_limit, .backoff_max = std::chrono::milliseconds{10}};
    node.make_logic = [make = std::move(node.make_logic), every,
                       lives]() -> std::unique_ptr<weir::operator_logic> {
      return std::make_unique<mortal_logic>(make(), length_of(every, lives->fetch_add(1)));
    };
  }
}

}  // namespace nexmark
