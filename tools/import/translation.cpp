#include "tools/import/translation.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace blis {

bool Translation::sets(std::string_view key) const {
  return std::ranges::any_of(settings, [&](const Override& setting) {
    return setting.key == key || (setting.key.starts_with(key) && setting.key[key.size()] == '.');
  });
}

void Translation::add(Translation other) {
  std::ranges::move(other.settings, std::back_inserter(settings));
  std::ranges::move(other.lacking, std::back_inserter(lacking));
  std::ranges::move(other.notes, std::back_inserter(notes));
  std::ranges::move(other.mistakes, std::back_inserter(mistakes));
}

std::optional<Node> json_of(const GivenArgument& given, std::string example, Translation& into) {
  try {
    return parse_json(given.value, given.shown).root;
  } catch (const InputError&) {
    into.mistake(given, fmt::format("`--{}` is no JSON", given.argument->name), std::move(example));
    return std::nullopt;
  }
}

bool is_settled(const GivenArgument& given, Translation& into) {
  const Argument& argument = *given.argument;
  if (argument.effect == Effect::none || given.value == "None") return true;
  if (!given.unset.empty() && argument.key == "seed") {
    into.notes.push_back(given.shown + ": one seed is as good as another, and the default is taken");
    return true;
  }
  if (!given.unset.empty()) {
    into.mistake(given, given.unset, "its value",
                 given.unset.starts_with("nobody")
                     ? "write the value, or set the variable in a line before the command"
                     : "write the value");
    return true;
  }
  if (argument.effect == Effect::sets_key) return false;
  const bool is_empty = argument.reads == Reads::json && given.value == "{}";
  if (!is_empty && !is_harmless(argument, given.value)) into.lack(given, argument.about);
  return true;
}

}  // namespace blis
