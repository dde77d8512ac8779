#pragma once
/// Replay capsules as files of a directory, which does not grow beyond its bounds.

#include "io/capsules/capsule_store.hpp"
#include <weir/error.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace weir::io {

/// All files of the directory together.
struct capsule_bounds {
  std::uint32_t files_max = 16;
  std::uint64_t bytes_max = std::uint64_t{256} << 20;
};

/// Files `<stem>-<n>.capsule`, n counted on over all runs. What is there already counts, and the oldest go first. A file
/// has its name once it is whole; nobody waits until it is on the disk. Only its owner may read it, since it holds records.
class capsule_directory final : public capsule_store {
 public:
  /// Makes the directory where there is none, and checks that it can be written to.
  [[nodiscard]] static result<std::shared_ptr<capsule_directory>> open(std::string path,
                                                                       capsule_bounds bounds);

  /// A quarter of the bound, so that one capsule does not displace all others.
  [[nodiscard]] std::size_t bytes_max() const override;
  result<std::string> keep(const std::string& stem, std::string_view file) override;

 private:
  struct kept {
    std::string name;
    std::uint64_t bytes = 0;
  };

  capsule_directory(std::string path, capsule_bounds bounds) : path_{std::move(path)}, bounds_{bounds} {}
  result<void> look_around();
  void make_room(std::uint64_t bytes);
  [[nodiscard]] result<void> write(const std::string& name, std::string_view file) const;

  const std::string path_;
  const capsule_bounds bounds_;
  std::mutex mutex_;        ///< guards everything below
  std::deque<kept> files_;  ///< oldest first
  std::uint64_t bytes_ = 0;
  std::uint64_t next_number_ = 1;
};

}  // namespace weir::io
