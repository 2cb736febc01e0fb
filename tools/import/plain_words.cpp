#include <fmt/core.h>

#include <utility>

#include "tools/import/shell_words.h"
#include "tools/import/unknown_words.h"

namespace blis {
namespace {

// ${A:-b} and ${A-b} are b: nobody has set A.
std::string with_defaults(std::string text) {
  for (std::size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at + 1)) {
    const std::size_t end = text.find('}', at), dash = text.find('-', at);
    if (end == std::string::npos) break;
    std::size_t name_end = at + 2;
    while (name_end < end && is_name(text[name_end])) ++name_end;
    const bool has_default =
        dash < end && (dash == name_end || (dash == name_end + 1 && text[name_end] == ':'));
    if (has_default) text.replace(at, end - at + 1, text.substr(dash + 1, end - dash - 1));
  }
  return text;
}

}  // namespace

ShellCommand plain_words(const std::vector<std::string>& texts, const Place& place) {
  ShellCommand words;
  for (const std::string& written : texts) {
    const std::string text = with_defaults(written);
    const std::size_t dollar = text.find('$');
    const bool expands =
        dollar != std::string::npos && dollar + 1 < text.size() &&
        (text[dollar + 1] == '(' || text[dollar + 1] == '{' || is_name_start(text[dollar + 1]));
    std::string unset = expands ? nobody_has_set(text.substr(dollar)) : "";
    const std::size_t length = placeholder_length(text);
    if (length > 0 && length == text.size()) unset = is_placeholder(text);
    if (text.find("{{") != std::string::npos && text.find("}}") != std::string::npos)
      unset = fmt::format("`{}` is left to a template", text);
    words.push_back({.text = text, .place = place, .unset = std::move(unset)});
  }
  return words;
}

}  // namespace blis
