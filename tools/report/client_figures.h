// The figures of each client of a workload that has several.
#pragma once

#include <string>

#include "tools/output/json_writer.h"
#include "tools/simulate/report.h"

namespace blis {

// The client's name, and its SLO class in brackets if it has one.
std::string client_title(const RunReport& report, std::size_t client);

// The member `clients` of the object that `json` is in: a list with an object for each; nothing if there
// are not several.
void write_clients(JsonWriter& json, const RunReport& report);

}  // namespace blis
