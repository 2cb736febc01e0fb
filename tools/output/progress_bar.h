// One line on stderr that says how far a run is: only on a terminal, at most ten times a second.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>

#include "blis/progress.hpp"

namespace blis {

class ProgressBar {
 public:
  // Draws nothing if not `wanted`, or if stderr is no terminal, or for runs of under half a second.
  explicit ProgressBar(bool wanted);
  // Draws nothing itself, and hands every number of runs on.
  using Listener = std::function<void(std::size_t done, std::size_t expected)>;
  explicit ProgressBar(Listener listener) : enabled_(false), listener_(std::move(listener)) {}
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void show(const Progress& progress);
  // Of `expected` runs so many are done; 0: nobody knows how many it takes.
  void show_runs(std::size_t done, std::size_t expected);
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  bool due();  // whether it is time to draw
  double elapsed_s() const;
  void draw(const std::string& text);

  bool enabled_;
  Listener listener_{};
  bool drawn_ = false;
  Clock::time_point started_ = Clock::now();
  Clock::time_point next_ = started_ + std::chrono::milliseconds{500};
};

}  // namespace blis
