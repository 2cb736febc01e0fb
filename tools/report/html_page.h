// One HTML file that holds everything it shows: the page of tools/html/ around a JSON document.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace blis {

// A file of tools/html/, in the order of tools/CMakeLists.txt; built into the program.
struct PageFile {
  std::string_view name;  // "page.html"
  std::string_view text;
};
std::span<const PageFile> page_files();

// The hash of the page's script as a content security policy names it: no other script runs on the page.
std::string_view page_script_hash();

// What every such page begins with: tells it from files that are not ours to overwrite.
constexpr std::string_view kPageStart = "<!doctype html><!-- blis report -->";

// The page with `title` and `json` in it, both whatever they may contain: no text can end the element
// that it is in. `json` is one valid JSON document.
std::string html_page(std::string_view title, std::string_view json);

}  // namespace blis
