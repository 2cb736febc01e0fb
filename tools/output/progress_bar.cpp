#include "tools/output/progress_bar.h"

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

// "[####....]  40%  ..., 3 s left"
std::string bar(double share, std::string_view what, double elapsed_s) {
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(kBarWidth));
  const double left_s = share > 0 ? elapsed_s * (1 - share) / share : 0;
  return fmt::format("[{:#<{}}{:.<{}}] {:3.0f}%  {}, {:.0f} s left", "", filled, "", kBarWidth - filled,
                     100 * share, what, left_s);
}

std::string line(const Progress& progress, double elapsed_s) {
  if (!progress.expected || *progress.expected == 0) {
    return fmt::format("{} requests, {:.0f} s simulated", progress.finished, progress.simulated_s);
  }
  const double share =
      std::min(1.0, static_cast<double>(progress.finished) / static_cast<double>(*progress.expected));
  return bar(share,
             fmt::format("{}/{} requests, {:.0f} s simulated", progress.finished, *progress.expected,
                         progress.simulated_s),
             elapsed_s);
}

}  // namespace

ProgressBar::ProgressBar(bool wanted) : enabled_(wanted && is_terminal()) {}

bool ProgressBar::due() {
  if (!enabled_) return false;
  const Clock::time_point now = Clock::now();
  if (now < next_) return false;
  next_ = now + kInterval;
  return true;
}

double ProgressBar::elapsed_s() const {
  return std::chrono::duration<double>(Clock::now() - started_).count();
}

void ProgressBar::draw(const std::string& text) {
  drawn_ = true;
  std::fprintf(stderr, "\r\033[K%s", text.c_str());
  std::fflush(stderr);
}

void ProgressBar::show(const Progress& progress) {
  if (due()) draw(line(progress, elapsed_s()));
}

void ProgressBar::show_runs(std::size_t done, std::size_t expected) {
  if (listener_) listener_(done, expected);
  if (!due()) return;
  if (expected == 0) return draw(fmt::format("{} runs", done));
  const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(expected));
  draw(bar(share, fmt::format("{}/{} runs", done, expected), elapsed_s()));
}

void ProgressBar::clear() {
  if (drawn_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

}  // namespace blis
