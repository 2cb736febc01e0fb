// An argument of somebody's command line: how it is read, and what it means to a simulation.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace blis {

// What argparse makes of the words after it.
enum class Reads : std::uint8_t {
  text,     // one word
  integer,  // a whole number
  number,   // a number
  tokens,   // a whole number with a suffix: 32k (scenarios/human_integer.h); auto
  json,     // JSON; its members may be given alone: --x.member value
  list,     // words up to the next argument
  again,    // one word each time it is given
  flag,     // none
  boolean,  // none: --x, --no-x; older releases took true and false
  maybe,    // one word or none
};

enum class Effect : std::uint8_t {
  sets_key,      // of the scenario
  none,          // on latency and memory
  not_modelled,  // changes what is simulated, and no scenario can say it
};

// A row of a table, as the makers below write it.
struct Argument {
  std::string_view name;   // without dashes: "max-model-len"
  std::string_view alias;  // without its dash: "tp"; empty for none
  Reads reads = Reads::text;
  Effect effect = Effect::none;
  std::string_view key;        // that it sets
  std::string_view harmless;   // values that change nothing, as "auto|mp": of what is not modelled
  std::string_view about;      // in a few words
  std::string_view last_seen;  // month in which vLLM still had it; empty: it has
};

constexpr Argument takes(std::string_view name, std::string_view alias, Reads reads, std::string_view key,
                         std::string_view about, std::string_view last_seen = {}) {
  return {name, alias, reads, Effect::sets_key, key, {}, about, last_seen};
}
constexpr Argument idle(std::string_view name, std::string_view alias, Reads reads, std::string_view about,
                        std::string_view last_seen = {}) {
  return {name, alias, reads, Effect::none, {}, {}, about, last_seen};
}
constexpr Argument lacks(std::string_view name, std::string_view alias, Reads reads,
                         std::string_view harmless, std::string_view about, std::string_view last_seen = {}) {
  return {name, alias, reads, Effect::not_modelled, {}, harmless, about, last_seen};
}

using Arguments = std::span<const Argument>;

// Every argument of `vllm serve`, in its order, and then those that it once had.
Arguments serve_arguments();
// The same, and those of `python -m dynamo.vllm`.
Arguments dynamo_arguments();
// Every argument of `vllm bench serve`.
Arguments bench_arguments();
// Those of `aiperf profile` and `genai-perf profile`.
Arguments aiperf_arguments();

// Whether `value` is one of those that change nothing.
constexpr bool is_harmless(const Argument& argument, std::string_view value) {
  std::string_view rest = argument.harmless;
  while (!rest.empty()) {
    const std::size_t bar = rest.find('|');
    if (rest.substr(0, bar) == value) return true;
    rest = bar == std::string_view::npos ? std::string_view{} : rest.substr(bar + 1);
  }
  return false;
}

}  // namespace blis
