#pragma once
/// Where the progress line is drawn.

#include <cstddef>
#include <mutex>
#include <string>

namespace weir::launcher {

/// Draws on standard error: on a terminal one line that is drawn over, elsewhere one line after the other.
/// Thread-safe: whoever else writes to standard error calls clear() before.
class progress_display {
 public:
  explicit progress_display(bool on_terminal) : on_terminal_{on_terminal} {}
  ~progress_display() { clear(); }
  progress_display(const progress_display&) = delete;
  progress_display& operator=(const progress_display&) = delete;

  [[nodiscard]] bool on_terminal() const noexcept { return on_terminal_; }
  /// Characters that a line may have; 0: any number.
  [[nodiscard]] std::size_t columns() const;
  void show(const std::string& line);
  /// Takes the line off the terminal; the next show() brings it back.
  void clear();

 private:
  const bool on_terminal_;
  std::mutex mutex_;
  bool is_drawn_ = false;
};

/// Characters of a line of that terminal; `otherwise` where it is none.
[[nodiscard]] std::size_t terminal_columns(int descriptor, std::size_t otherwise);

/// All of it to standard error in one go, as far as somebody listens there.
void write_to_stderr(const std::string& text);

}  // namespace weir::launcher
