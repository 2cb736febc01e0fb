// How the number of replicas followed the load, where it does.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tools/output/json_writer.h"
#include "tools/simulate/report.h"

namespace blis {

// The member `autoscaling` of result.json; nothing where no pool scales.
void write_autoscaling(JsonWriter& json, const RunReport& report);

// The member `scaling` of series.json: a list a pool, one entry at each change.
void write_scaling_series(JsonWriter& json, const RunReport& report);

// Lines of the text: what it is, and its value.
std::vector<std::pair<std::string, std::string>> autoscaling_lines(const RunReport& report);

}  // namespace blis
