#include "tools/cli/interrupt.h"

#include <csignal>

#include "sim/stop_request.h"

namespace blis {

void watch_for_interrupt() {
  struct sigaction action {};
  action.sa_handler = [](int) { request_stop(); };
  // No SA_RESTART: who waits for input is woken.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() {
  return stop_requested();
}

}  // namespace blis
