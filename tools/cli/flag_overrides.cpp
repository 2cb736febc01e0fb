#include "tools/cli/flag_overrides.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "blis/error.hpp"
#include "scenarios/data_folder.h"
#include "scenarios/scenario_keys.h"
#include "scenarios/traffic_flags.h"
#include "sim/nearest_name.h"
#include "tools/cli/log_flags.h"

namespace blis {
namespace {

constexpr std::array<std::string_view, 4> kPerRequest{"ttft_ms", "tpot_ms", "e2el_ms", "attainment"};

// --slo p99_ttft_ms=500 limits a figure of the result, --slo ttft_ms=500 each request.
Override slo_override(const Given& given) {
  if (const std::size_t sign = given.value.find_first_of("<>"); sign != std::string::npos) {
    const std::size_t number = given.value.find_first_not_of("<>= ", sign);
    const std::string limit = number == std::string::npos ? "500" : given.value.substr(number);
    throw InputError(ErrorKind::usage,
                     Problem{.place = {given.shown},
                             .message = "a limit is given as KEY=VALUE",
                             .expected = fmt::format("--slo {}={}", given.value.substr(0, sign), limit)});
  }
  Override result = parse_override(given.value, "--slo");
  const bool per_request = std::ranges::find(kPerRequest, result.key) != kPerRequest.end();
  result.key = (per_request ? "slo.goodput." : "slo.") + result.key;
  return result;
}

// --goodput ttft:500
Override goodput_override(const Given& given) {
  const std::size_t colon = given.value.find(':');
  const std::string metric = given.value.substr(0, colon) + "_ms";
  if (colon == std::string::npos || std::ranges::find(kPerRequest, metric) == kPerRequest.end()) {
    throw InputError(ErrorKind::usage, Problem{.place = {given.shown},
                                               .message = "this is no per-request limit",
                                               .expected = "ttft:MS, tpot:MS or e2el:MS",
                                               .got = given.value});
  }
  return {"slo.goodput." + metric, given.value.substr(colon + 1), given.shown};
}

// `-tp 1,2`: several numbers, where one makes a scenario. Lengths have commas of their own.
void refuse_lists(const Given& given) {
  const std::string& value = given.value;
  const bool is_list =
      value.find(',') != std::string::npos && value.find_first_not_of("0123456789,.kK ") == std::string::npos;
  const OptionGroup group = given.option->group;
  if (!is_list ||
      (group != OptionGroup::engine && group != OptionGroup::serving && group != OptionGroup::arrivals))
    return;
  const std::string_view name = given.option->alias.size() > 1 ? given.option->alias : given.option->name;
  throw InputError(
      ErrorKind::usage,
      Problem{.place = {given.shown},
              .message = "these are several values, and a scenario has one",
              .expected = "a number",
              .got = value,
              .hint = fmt::format("`blis compare ... --vary {}={}` compares them", name, value)});
}

// Of a comparison, as A,B is, rather than of a log, as PART=NAME,... is.
bool names_table_columns(const Invocation& invocation, const Given& columns) {
  return invocation.command->name == "compare" && columns.value.find('=') == std::string::npos;
}

}  // namespace

std::vector<Override> overrides_of(const Invocation& invocation) {
  std::vector<Override> overrides;
  for (const Given& given : invocation.given) {
    const std::string_view name = given.option->name;
    refuse_lists(given);
    if (name == "set") {
      overrides.push_back(parse_override(given.value));
    } else if (name == "slo") {
      overrides.push_back(slo_override(given));
    } else if (name == "goodput") {
      overrides.push_back(goodput_override(given));
    } else if (name == "columns" && names_table_columns(invocation, given)) {
      continue;  // of what is written, not of what is read
    } else if (name == "columns") {
      for (Override& column : columns_overrides(given)) overrides.push_back(std::move(column));
    } else if (const auto named = override_named(std::string(name), given.value, given.shown);
               named.traffic_flag) {
      overrides.push_back(named);
    } else if (!given.option->key.empty()) {
      overrides.push_back({std::string(given.option->key), given.value, given.shown});
    }
  }
  for (Override& where : where_overrides(invocation)) overrides.push_back(std::move(where));
  return overrides;
}

std::vector<const Given*> table_columns_of(const Invocation& invocation) {
  std::vector<const Given*> columns = invocation.all("columns");
  std::erase_if(columns, [&](const Given* given) { return !names_table_columns(invocation, *given); });
  return columns;
}

std::string key_of_flag(const std::string& name) {
  const auto flag = std::ranges::find_if(options(), [&](const Option& option) {
    return !option.key.empty() && (option.name == name || (option.alias.size() > 1 && option.alias == name));
  });
  return flag == options().end() ? name : std::string(flag->key);
}

std::string flag_meant_by(const std::string& name) {
  std::vector<std::string> names;
  for (const std::string& key : scenario_keys()) names.push_back(key.substr(0, key.find('.')));
  for (const Option& option : options()) {
    const bool sets =
        !option.key.empty() || option.group == OptionGroup::arrivals || option.group == OptionGroup::workload;
    if (!sets) continue;
    names.emplace_back(option.name);
    if (option.alias.size() > 1) names.emplace_back(option.alias);
  }
  const std::string first = name.substr(0, name.find('.'));
  return std::ranges::find(names, first) != names.end() ? "" : did_you_mean(name, names);
}

void require_keys(const Invocation& invocation, const std::vector<Override>& overrides,
                  std::initializer_list<std::string_view> keys) {
  std::vector<Problem> problems;
  for (const std::string_view key : keys) {
    if (std::ranges::find(overrides, key, &Override::key) != overrides.end()) continue;
    const auto option = std::ranges::find(options(), key, &Option::key);
    problems.push_back(
        {.message = fmt::format("`blis {}` needs --{}", invocation.command->name, option->name),
         .expected = fmt::format("--{} {}: {}", option->name, option->value, option->help)});
  }
  if (!problems.empty()) throw InputError(ErrorKind::usage, std::move(problems));
}

Catalog catalog_of(const Invocation& invocation) {
  std::vector<std::string> folders;
  for (const Given* const folder : invocation.all("data-dir")) folders.push_back(folder->value);
  return Catalog(find_data_folders(folders));
}

bool json_wanted(const Invocation& invocation) {
  const std::string format = invocation.value_of("output-format", "text");
  if (format == "json" || format == "text") return format == "json";
  throw InputError(ErrorKind::usage, Problem{.place = {"--output-format " + format},
                                             .message = "there is no such output format here",
                                             .expected = "text or json",
                                             .got = format});
}

}  // namespace blis
