#include "tools/cli/log_flags.h"

#include <fmt/format.h>

#include "blis/error.hpp"

namespace blis {
namespace {

// As YAML has a text that is nothing else.
std::string yaml_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

std::vector<Override> columns_overrides(const Given& given) {
  std::vector<Override> overrides;
  std::string_view left = given.value;
  while (!left.empty()) {
    const std::size_t comma = left.find(',');
    const std::string_view part = left.substr(0, comma);
    left = comma == std::string_view::npos ? std::string_view{} : left.substr(comma + 1);
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == part.size()) {
      throw InputError(
          ErrorKind::usage,
          Problem{.place = {given.shown},
                  .message = "columns are given as PART=NAME",
                  .expected = "arrival=NAME,input=NAME,output=NAME; also session, priority and unit",
                  .got = std::string(part)});
    }
    overrides.push_back({fmt::format("workload.columns.{}", part.substr(0, equals)),
                         yaml_quoted(part.substr(equals + 1)), given.shown});
  }
  return overrides;
}

std::vector<Override> where_overrides(const Invocation& invocation) {
  std::string list, shown;
  for (const Given* const given : invocation.all("where")) {
    list += (list.empty() ? "" : ", ") + yaml_quoted(given->value);
    shown += (shown.empty() ? "" : " ") + given->shown;
  }
  if (list.empty()) return {};
  return {{"workload.where", fmt::format("[{}]", list), shown}};
}

}  // namespace blis
