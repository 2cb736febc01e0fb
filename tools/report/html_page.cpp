#include "tools/report/html_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <iterator>

#include "sim/utf8.h"

namespace blis {
namespace {

std::string escaped_for_html(std::string_view text) {
  std::string result;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

// Within a script element only `<` can do anything, and in JSON it only occurs in strings; as does what
// would act on who looks at the file.
std::string escaped_for_script(std::string_view json) {
  std::string result;
  result.reserve(json.size() + json.size() / 64);
  while (!json.empty()) {
    const Utf8Character c = first_character(json);
    if (c.code == '<' || (c.code != '\n' && acts_on_its_reader(c.code))) {
      fmt::format_to(std::back_inserter(result), "\\u{:04x}", static_cast<unsigned>(c.code));
    } else {
      result += json.substr(0, c.bytes);
    }
    json.remove_prefix(c.bytes);
  }
  return result;
}

bool ends_with(std::string_view name, std::string_view extension) {
  return name.size() > extension.size() && name.substr(name.size() - extension.size()) == extension;
}

std::string all_files(std::string_view extension) {
  std::string text;
  for (const PageFile& file : page_files()) {
    if (ends_with(file.name, extension)) text += file.text;
  }
  return text;
}

}  // namespace

std::string html_page(std::string_view title, std::string_view json) {
  const auto page = std::ranges::find(page_files(), "page.html", &PageFile::name);
  assert(page != page_files().end() && "it is in the list of tools/CMakeLists.txt");
  const std::pair<std::string_view, std::string> parts[] = {
      {"@script_hash@", std::string(page_script_hash())},
      {"@title@", escaped_for_html(title)},
      {"@style@", all_files(".css")},
      {"@data@", escaped_for_script(json)},
      {"@script@", all_files(".js")},
  };
  // One pass, so that what is put in is not searched for places.
  std::string result(kPageStart);
  std::string_view rest = page->text;
  for (const auto& [place, text] : parts) {
    const std::size_t at = rest.find(place);
    assert(at != std::string_view::npos && "the places of page.html stand in the order of `parts`");
    result.append(rest.substr(0, at)).append(text);
    rest.remove_prefix(at + place.size());
  }
  return result.append(rest);
}

}  // namespace blis
