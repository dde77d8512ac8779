#include "supervision/instance_roster.hpp"

#include <utility>

namespace weir::supervision {

instance_roster::instance_roster(std::shared_ptr<const graph> job) : job_{std::move(job)} {
  for (std::uint32_t node = 0; node < job_->nodes.size(); ++node) {
    first_.push_back(size());
    for (std::uint32_t instance = 0; instance < job_->nodes[node].parallelism; ++instance)
      places_.push_back({.node = node, .instance = instance});
  }
}

std::string instance_roster::name_of(std::uint32_t index) const {
  if (index >= size()) return {};
  const auto& one = places_[index];
  return job_->nodes[one.node].name + "/" + std::to_string(one.instance);
}

void instance_roster::begin() {
  forget_handles();
  for (auto& one : places_) one.is_over = one.has_ended = false;
  over_ = ended_ = 0;
}

void instance_roster::set_report(std::uint32_t index, shared_words report) {
  if (report != nullptr) places_[index].report = std::move(report);
}

bool instance_roster::set_over(std::uint32_t index, bool has_ended) {
  auto& one = places_[index];
  if (std::exchange(one.is_over, true)) return false;
  one.has_ended = has_ended;
  ++over_;
  if (has_ended) ++ended_;
  return true;
}

void instance_roster::forget_handles() {
  for (auto& one : places_) one.handle = {};
}

std::vector<shared_words> instance_roster::reports() const {
  std::vector<shared_words> all;
  for (const auto& one : places_) all.push_back(one.report);
  return all;
}

}  // namespace weir::supervision
