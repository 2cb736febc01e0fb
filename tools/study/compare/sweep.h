// What is compared: scenarios, the settings that vary, and how. A value, made from a sweep file or from
// flags, and expanded into the points of a grid.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "scenarios/scenario.h"

namespace blis {

// Settings that vary together: each row sets every key.
struct Axis {
  std::vector<std::string> keys;
  std::vector<std::vector<Override>> rows;
};

// Points with all of these settings are left out.
struct Exclusion {
  std::vector<Override> settings;
};

// The user's own price of a GPU.
struct Price {
  std::string gpu;  // key or alias in hardware_config.json
  double usd_per_hour = 0;
  std::string shown;  // what the user wrote, for messages
};

struct Objective {
  std::string key;  // a figure
  std::string shown;
};

struct Sweep {
  std::vector<std::string> scenarios;  // files, as seen from the working folder; empty: `set` alone
  std::vector<Override> set;           // of every point
  std::vector<Axis> axes;              // the last one varies fastest
  std::vector<Exclusion> exclude;
  std::vector<std::uint64_t> seeds;  // replications; empty: the scenario's own seed
  std::vector<Objective> objectives;
  std::vector<Price> prices;
};

// Whether the text of a file is a sweep (it has `base:`) rather than a scenario.
bool is_sweep(std::string_view text, const std::string& name);

// Strictly, as read_scenario; `folder` is where relative paths in it start. Throws InputError (usage) with
// every mistake and its place.
Sweep parse_sweep(std::string_view text, const std::string& name, const std::string& folder);

// The key that a flag of this name sets; any other name as it is.
using KeyOfFlag = std::string (*)(const std::string& name);

// "engine.tensor_parallel_size=1,2,4" as --vary has it. Values are separated by commas outside brackets and
// quotes; `1..4` counts up by one, `2..16:2` by two, `1..64*2` doubles. With `key_of_flag` the key may also
// be a flag's name (`tp`, `gpu`). Throws InputError (usage).
Axis parse_vary(std::string_view text, KeyOfFlag key_of_flag = nullptr);
// "0,1,2" or "0..4".
std::vector<std::uint64_t> parse_seeds(std::string_view text, const std::string& shown);
// "H100-SXM=2.50".
Price parse_price(std::string_view text);

// Puts an axis behind the others, or in the place of the one with the same key. One that varies `seed` gives
// the replications instead.
void add_axis(Sweep& sweep, Axis axis);

// What a search for the cheapest goes through when a single scenario says nothing of it: how many GPUs an
// engine has, and how many engines there are.
void vary_size(Sweep& sweep);

// One configuration to be simulated, with every seed.
struct Point {
  std::size_t scenario = 0;        // index into Sweep::scenarios
  std::vector<Override> settings;  // in the order of the axes
};

// All points, in grid order: scenarios first, then the axes, the last fastest. Throws InputError (usage) for
// keys that vary twice or are set beside, an exclusion that fits no point, and a grid that is empty or larger
// than kMostPoints.
std::vector<Point> expand(const Sweep& sweep);
constexpr std::size_t kMostPoints = 100'000;

// The sweep as a file in `folder`, complete with what flags added: comparing it again gives the same.
std::string to_yaml(const Sweep& sweep, const std::string& folder);

}  // namespace blis
