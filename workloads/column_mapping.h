// Which columns of a log hold what, as a user says it: `workload.columns` and `workload.where`.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace blis {

// Names of a log's columns; of JSON lines its keys, those of inner objects behind a dot. What is not given is
// looked for under its usual names.
struct ColumnMapping {
  std::optional<std::string> arrival{}, input{}, output{}, session{}, priority{};
  std::optional<std::string> unit{};  // of the arrival: s, ms, us or ns

  bool operator==(const ColumnMapping&) const = default;
};

// How a log is read beyond its own header.
struct LogView {
  ColumnMapping columns{};
  std::vector<std::string> where{};  // conditions that a row must meet, as in "status=200"

  bool operator==(const LogView&) const = default;
};

}  // namespace blis
