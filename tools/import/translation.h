// What somebody's command or file means, in keys of a scenario, while it is being read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "blis/error.hpp"
#include "scenarios/document.h"
#include "scenarios/scenario.h"
#include "tools/import/parse_arguments.h"

namespace blis {

struct Translation {
  std::vector<Override> settings;  // `shown` is what each came from
  std::vector<Problem> lacking;    // what changes the simulated thing and is not modelled
  std::vector<std::string> notes;  // sentences: what was assumed
  std::vector<Problem> mistakes;   // of the user

  void set(std::string key, std::string value, std::string shown) {
    settings.push_back({std::move(key), std::move(value), std::move(shown)});
  }
  void set(std::string key, std::string value, const GivenArgument& from) {
    set(std::move(key), std::move(value), from.shown);
  }
  void lack(const GivenArgument& from, std::string_view about) {
    lacking.push_back({.place = from.place,
                       .message = from.shown + " is not modelled",
                       .expected = {},
                       .got = {},
                       .hint = std::string(about)});
  }
  void mistake(const GivenArgument& from, std::string message, std::string expected, std::string hint = {}) {
    mistakes.push_back({.place = from.place,
                        .message = std::move(message),
                        .expected = std::move(expected),
                        .got = from.shown,
                        .hint = std::move(hint)});
  }
  // Whether a setting of the key, or of one within it, is there.
  bool sets(std::string_view key) const;
  // Appends what another says.
  void add(Translation other);
};

// The argument's value as JSON; nothing, and a mistake in `into`, if it is none. `example` is one that is.
std::optional<Node> json_of(const GivenArgument& given, std::string example, Translation& into);

// Whether the argument, given as it is, needs no translation: it has no effect, or its value changes nothing;
// or it is not modelled, or needs a variable that nobody has set, which is then noted.
bool is_settled(const GivenArgument& given, Translation& into);

}  // namespace blis
