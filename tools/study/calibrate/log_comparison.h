// A scenario beside the startup log of the server it stands for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/resolved_scenario.h"
#include "tools/study/calibrate/server_log.h"

namespace blis {

class JsonWriter;

struct LogRow {
  std::string what;  // "KV cache, tokens"
  std::string logged, predicted;
  std::optional<double> error_pct;  // of figures
};

struct LogComparison {
  std::string path, version;
  std::vector<LogRow> rows;
  std::vector<std::pair<std::string, std::string>> to_set;  // keys of the scenario that bring it to the log
  std::optional<std::int64_t> num_blocks;                   // that the log's KV cache has
  std::vector<std::string> untold;                          // what the log does not say
};

// Throws InputError (io) at the line that shows that another server wrote the log: other degrees of
// parallelism, or weights of another size.
LogComparison compare_log(const ServerLog& log, const ResolvedScenario& scenario);

std::string to_text(const LogComparison& comparison);
// As a value where the writer is, and as a document.
void write(JsonWriter& json, const LogComparison& comparison);
std::string to_json(const LogComparison& comparison);

}  // namespace blis
