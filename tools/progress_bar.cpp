#include "tools/progress_bar.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace blis {
namespace {

constexpr std::chrono::milliseconds kInterval{100};
constexpr std::size_t kBarWidth = 24;

bool is_terminal() {
  const char* const term = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) != 0 && term != nullptr && std::string_view(term) != "dumb";
}

std::string line(const Progress& progress, double elapsed_s) {
  const double simulated_s = Seconds(since_start(progress.now)).count();
  if (!progress.expected || *progress.expected == 0) {
    return fmt::format("{} requests, {:.0f} s simulated", progress.finished, simulated_s);
  }
  const double share =
      std::min(1.0, static_cast<double>(progress.finished) / static_cast<double>(*progress.expected));
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(kBarWidth));
  const double left_s = share > 0 ? elapsed_s * (1 - share) / share : 0;
  return fmt::format("[{:#<{}}{:.<{}}] {:3.0f}%  {}/{} requests, {:.0f} s simulated, {:.0f} s left", "",
                     filled, "", kBarWidth - filled, 100 * share, progress.finished, *progress.expected,
                     simulated_s, left_s);
}

}  // namespace

ProgressBar::ProgressBar(bool wanted) : enabled_(wanted && is_terminal()) {}

void ProgressBar::show(const Progress& progress) {
  if (!enabled_) return;
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  next_ = now + kInterval;
  drawn_ = true;
  const std::string text = line(progress, std::chrono::duration<double>(now - started_).count());
  std::fprintf(stderr, "\r\033[K%s", text.c_str());
  std::fflush(stderr);
}

void ProgressBar::clear() {
  if (drawn_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

}  // namespace blis
