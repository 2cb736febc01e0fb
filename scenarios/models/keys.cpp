#include "scenarios/models/keys.h"

#include <fmt/format.h>

#include <utility>

#include "scenarios/scalar.h"

namespace blis {

Keys::Keys(Section top, Findings& findings) : top_(std::move(top)), findings_(&findings) {
  for (const char* const nested : kTextConfigs) {
    if (!inner_) inner_ = top_.section(nested);
  }
}

Section& Keys::of(std::string_view key) {
  return inner_ && (inner_->given(key) || !top_.given(key)) ? *inner_ : top_;
}

void not_one_per_layer(Section& section, std::string_view key, int layers, std::size_t entries) {
  section.problem(key, {.message = fmt::format("`{}` and `num_hidden_layers` contradict each other", key),
                        .expected = fmt::format("{} entries, one for each layer", layers),
                        .got = fmt::format("{} entries", entries)});
}

std::optional<std::int64_t> Keys::maybe_integer(Names names, Range<std::int64_t> range) {
  std::optional<std::int64_t> result;
  std::string_view said_by;
  for (const std::string_view name : names) {
    const auto value = of(name).maybe_integer(name, range);
    if (!value) continue;
    if (result && *value != *result) {
      of(name).problem(name, {.message = fmt::format("`{}` and `{}` contradict each other", said_by, name),
                              .expected = fmt::format("{} in both, or one of them", *result)});
    }
    if (result) continue;
    result = value;
    said_by = name;
  }
  return result;
}

std::int64_t Keys::integer(Names names, Range<std::int64_t> range, std::optional<std::int64_t> absent) {
  for (const std::string_view name : names) {
    if (given(name)) return maybe_integer(names, range).value_or(range.low);
  }
  if (absent) return *absent;
  const std::string_view name = *names.begin();
  return of(name).integer(name, range);  // records that it is missing
}

std::optional<std::int64_t> Keys::uniform_integer(std::string_view key, Range<std::int64_t> range) {
  Section& section = of(key);
  const Node* const list = section.node(key);
  if (!list || list->kind != Node::Kind::list) return section.maybe_integer(key, range);
  std::optional<std::int64_t> first;
  for (const Node& item : list->children) {
    const auto value = strict_integer(item.text).value;
    if (!value || item.quoted || !range.contains(*value)) {
      section.problem(key, {.message = fmt::format("`{}` has a wrong value", section.path(key)),
                            .expected = fmt::format("{}, or a list of such", describe(range))});
      return first;
    }
    if (first && *value != *first) {
      not_modelled(key, fmt::format("`{}` differs from layer to layer", section.path(key)),
                   fmt::format("{} in each layer", *first));
      return first;
    }
    first = value;
  }
  return first;
}

std::vector<std::int64_t> Keys::integers(std::string_view key, Range<std::int64_t> range) {
  Section& section = of(key);
  const Node* const list = section.node(key);
  if (!list || list->kind == Node::Kind::null) return {};
  std::vector<std::int64_t> values;
  for (const Node& item : list->children) {
    const auto value = strict_integer(item.text).value;
    if (value && !item.quoted && range.contains(*value)) values.push_back(*value);
  }
  if (list->kind == Node::Kind::list && values.size() == list->children.size()) return values;
  section.problem(key, {.message = fmt::format("`{}` has a wrong value", section.path(key)),
                        .expected = fmt::format("a list, each {}", describe(range))});
  return {};
}

void Keys::not_modelled(std::string_view key, std::string message, std::string expected) {
  findings_->not_modelled.push_back(
      of(key).placed(key, {.message = std::move(message), .expected = std::move(expected)}));
}

void Keys::moot(std::string_view key) {
  Section& section = of(key);
  if (!section.node(key)) return;
  findings_->moot.push_back(section.path(key));
}

}  // namespace blis
