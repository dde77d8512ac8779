#include "actors/inbox.hpp"

#include "actors/messages.hpp"

#include <caf/all.hpp>

#include <utility>

namespace weir::actors {

template <class Put>
void inbox::put(Put&& into_content) {
  caf::actor woken;
  {
    const std::lock_guard lock{mutex_};
    std::forward<Put>(into_content)(content_);
    if (!has_content_.exchange(true, std::memory_order_acq_rel)) woken = living_;
  }
  if (woken) caf::anon_send(woken, wake_message{});
}

void inbox::push(frame arrived) {
  put([&](inbox_content& to) { to.frames.push_back(std::move(arrived)); });
}
void inbox::grant(credit_grant credit) {
  put([&](inbox_content& to) { to.credits.push_back(credit); });
}
void inbox::post(order given) {
  put([&](inbox_content& to) { to.orders.push_back(given); });
}

void inbox::attach(caf::actor living) {
  caf::actor woken;
  {
    const std::lock_guard lock{mutex_};
    std::swap(living_, living);
    if (has_content_.load(std::memory_order_relaxed)) woken = living_;
  }
  if (woken) caf::anon_send(woken, wake_message{});
}

void inbox::take(inbox_content& into) {
  into.clear();
  const std::lock_guard lock{mutex_};
  std::swap(into, content_);
  has_content_.store(false, std::memory_order_release);
}

}  // namespace weir::actors
