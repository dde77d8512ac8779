#pragma once
/// Who the instances of a job are, who of them lives, and what they last said of themselves.

#include "supervision/job_outcome.hpp"
#include <weir/runtime/graph.hpp>

#include <caf/actor.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weir::supervision {

/// Instances are numbered over the whole job, operator by operator. Confined to the job supervisor.
class instance_roster {
 public:
  explicit instance_roster(std::shared_ptr<const graph> job);

  [[nodiscard]] std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(places_.size()); }
  [[nodiscard]] std::uint32_t index_of(std::uint32_t node, std::uint32_t instance) const noexcept {
    return first_[node] + instance;
  }
  /// `storms/3`; empty beyond the last.
  [[nodiscard]] std::string name_of(std::uint32_t index) const;

  /// A new attempt: nobody lives yet, reports stay.
  void begin();
  void set_handle(std::uint32_t index, caf::actor living) { places_[index].handle = std::move(living); }
  [[nodiscard]] const caf::actor& handle(std::uint32_t index) const noexcept { return places_[index].handle; }
  /// Null reports are not kept.
  void set_report(std::uint32_t index, shared_words report);
  /// True: it was not over yet.
  bool set_over(std::uint32_t index, bool has_ended);
  [[nodiscard]] bool is_over(std::uint32_t index) const noexcept { return places_[index].is_over; }
  [[nodiscard]] bool all_over() const noexcept { return over_ == size(); }
  [[nodiscard]] bool all_ended() const noexcept { return ended_ == size(); }
  void forget_handles();

  /// Those there are, and null where there is none.
  [[nodiscard]] std::vector<shared_words> reports() const;

 private:
  struct place {
    std::uint32_t node = 0;
    std::uint32_t instance = 0;
    caf::actor handle{};
    shared_words report{};
    bool is_over = false;
    bool has_ended = false;
  };

  std::shared_ptr<const graph> job_;
  std::vector<place> places_;
  std::vector<std::uint32_t> first_;  ///< by node: the index of its instance 0
  std::uint32_t over_ = 0;
  std::uint32_t ended_ = 0;
};

}  // namespace weir::supervision
