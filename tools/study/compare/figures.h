// The figures of a simulated point that can be shown, sorted by and optimised: one table.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/metrics.h"
#include "sim/saturation.h"

namespace blis {

// In place of a value that there is not.
constexpr double kNoFigure = std::numeric_limits<double>::quiet_NaN();

// What a figure is computed from.
struct Measured {
  const Metrics& metrics;
  const Saturation& saturation;
  double gpus = 1;                     // that it held, in the mean
  std::optional<double> usd_per_hour;  // of those
  double load = 0;                     // serving_load()
  double gave_up_share = 0;            // of measured requests: aborted by their clients
};

enum class Better : std::uint8_t { less, more, neither };

struct FigureKind {
  std::string key;
  Better better = Better::neither;
  bool latency = false;                     // means nothing in an overloaded run
  double (*of)(const Measured&) = nullptr;  // kNoFigure: there is none. Unset for the flat keys
};

// The flat keys of result.json, then what a comparison adds. A figure is known by its index.
std::span<const FigureKind> figure_kinds();

// A value for each kind.
std::vector<double> figures_of(const Measured& measured);

// Throws InputError (usage) at `place` for a key that there is not, with the nearest.
std::size_t figure_index(std::string_view key, const std::string& place);
// For a key that is known to exist.
std::size_t figure_index(std::string_view key);

}  // namespace blis
