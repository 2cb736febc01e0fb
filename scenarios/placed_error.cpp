#include "scenarios/placed_error.h"

#include <fmt/core.h>

#include <utility>

namespace blis {
namespace {

// clients[1].share as clients.1.share
std::string dotted(std::string_view key) {
  std::string result;
  for (const char c : key) {
    if (c == '[') {
      result += '.';
    } else if (c != ']') {
      result += c;
    }
  }
  return result;
}

}  // namespace

Place origin_place(const Origins& origins, std::string_view key) {
  std::string name = dotted(key);
  while (true) {
    if (const auto found = origins.find(name); found != origins.end()) return {found->second};
    const std::size_t dot = name.rfind('.');
    if (dot == std::string::npos) return {std::string(key)};
    name.resize(dot);
  }
}

InputError placed(const InputError& error, const Origins& origins) {
  std::vector<Problem> problems = error.problems();
  for (Problem& problem : problems) {
    const std::string& file = problem.place.file;
    if (problem.place.line != 0 || !(file == "workload" || file.starts_with("workload."))) continue;
    const std::string key = std::exchange(problem.place, {}).file;
    problem.place = origin_place(origins, key);
    problem.message = fmt::format("`{}`: {}", dotted(key), problem.message);
  }
  return InputError(error.kind(), std::move(problems));
}

}  // namespace blis
