#pragma once
/// Makes the pages of fresh memory beside the threads that will write to it.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>

namespace weir::state {

/// The first write to a page waits for the system, which clears it: 0.1 ms for a huge page, and 5 ms where the host of a
/// virtual machine must find it first. A thread asks for the pages in advance (MADV_POPULATE_WRITE, since Linux 5.14;
/// without it nothing is made; ADR 14). Thread-safe.
class page_maker {
 public:
  /// Made when it is first asked for; its thread lives as long as the process.
  [[nodiscard]] static page_maker& of_process();

  page_maker();
  ~page_maker();
  page_maker(const page_maker&) = delete;
  page_maker& operator=(const page_maker&) = delete;

  /// The pages are made from now on, one after the other, those of short runs first, in half of the time at most. Their content
  /// stays as it is, and everybody may read and write it meanwhile. Precondition: whole huge pages.
  void make(std::byte* begin, std::size_t bytes);
  /// Before the memory that begins there is released. Waits for the page that is being made, at most.
  void forget(const std::byte* begin) noexcept;

 private:
  struct request {
    std::byte* begin;  ///< of the whole run
    std::byte* next;
    std::byte* end;
  };

  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<request> requests_;
  const std::byte* at_work_ = nullptr;  ///< the run of which a page is being made
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace weir::state
