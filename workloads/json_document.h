// A JSON file that is one document rather than lines, and the rows taken out of it. Includes
// simdjson, so for reader sources only.
#pragma once

#include <simdjson.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/bad_row.h"
#include "workloads/condensed_json.h"
#include "workloads/line_reader.h"
#include "workloads/trace_reader.h"

namespace blis {

// Holds the whole text, if it is not condensed. Throws InputError with line and column where it is not JSON.
// `path`s in the functions are for messages, as in "[3].info.input_tokens".
class JsonDocument {
 public:
  explicit JsonDocument(LineReader lines);
  // The same of what `rules` leave of it, which is then all that is held.
  JsonDocument(LineReader lines, std::span<const KeepRule> rules);

  simdjson::dom::element root() const { return root_; }
  Place place() const { return lines_.place(); }

  // Throw BadRow that names the path.
  std::int64_t integer(const std::string& path, simdjson::dom::element value, IntegerRange range) const;
  Duration seconds(const std::string& path, simdjson::dom::element value) const;
  [[noreturn]] void reject(const std::string& path, std::string expected, std::string got) const;

 private:
  LineReader lines_;
  std::optional<CondensedJson> condensed_;
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
};

}  // namespace blis
