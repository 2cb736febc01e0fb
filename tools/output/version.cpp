#include "blis/version.hpp"

#include <algorithm>
#include <optional>

#include "tools/output/json_writer.h"

namespace blis {
namespace {

// "boost 1.74.0,fmt 9.1.0", as CMakeLists.txt found them.
void write_libraries(JsonWriter& json, std::string_view list) {
  json.key("libraries").begin_object();
  for (std::size_t start = 0; start < list.size();) {
    const std::size_t end = std::min(list.find(',', start), list.size());
    const std::string_view library = list.substr(start, end - start);
    const std::size_t space = library.find(' ');
    json.member(library.substr(0, space), library.substr(space + 1));
    start = end + 1;
  }
  json.end_object();
}

}  // namespace

std::string_view version() {
  return BLIS_VERSION;
}

std::string build_json() {
  const std::string_view commit = BLIS_COMMIT;
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", "blis-version/1").member("version", version());
  json.member("commit", commit.empty() ? std::nullopt : std::optional(commit));
  json.member("build_type", BLIS_BUILD_TYPE).member("compiler", BLIS_COMPILER);
  write_libraries(json, BLIS_LIBRARIES);
  json.end_object();
  return text + "\n";
}

}  // namespace blis
