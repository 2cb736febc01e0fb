#include <utility>

#include "blis/error.hpp"

namespace blis {
namespace {

// "  label:   text", later lines of the text indented like its first.
std::string detail(std::string_view label, const std::string& text) {
  if (text.empty()) return {};
  constexpr std::size_t kIndent = 12;  // of the text: "  expected: " is the longest label
  std::string line = "\n  " + std::string(label) + ":";
  line.resize(kIndent + 1, ' ');
  for (const char c : text) {
    line += c;
    if (c == '\n') line.append(kIndent, ' ');
  }
  return line;
}

std::string joined(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    if (!text.empty()) text += '\n';
    text += to_string(problem);
  }
  return text;
}

std::vector<Problem> only(Problem problem) {
  std::vector<Problem> problems;
  problems.push_back(std::move(problem));
  return problems;
}

}  // namespace

std::string to_string(const Place& place) {
  std::string text = place.file;
  for (const std::int64_t number : {place.line, place.column}) {
    if (number <= 0) break;
    if (!text.empty()) text += ':';
    text += std::to_string(number);
  }
  return text;
}

std::string to_string(const Problem& problem) {
  std::string text = to_string(problem.place);
  if (!text.empty()) text += ": ";
  return text + problem.message + detail("expected", problem.expected) + detail("got", problem.got) +
         detail("hint", problem.hint);
}

InputError::InputError(ErrorKind kind, std::vector<Problem> problems)
    : std::runtime_error(joined(problems)), kind_(kind), problems_(std::move(problems)) {}

InputError::InputError(ErrorKind kind, Problem problem) : InputError(kind, only(std::move(problem))) {}

}  // namespace blis
