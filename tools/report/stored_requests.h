// The requests of a result folder, read back from its requests.csv.
#pragma once

#include <functional>
#include <string>

#include "sim/attribution.h"

namespace blis {

// One row.
struct StoredRequest {
  std::int64_t id = 0;
  RequestRecord record;  // what the file has of it: times, lengths, hits, preemptions, replica, outcome
  Attribution parts;     // of one that was answered in full; otherwise zero
};

// Calls `each` for the rows in the order of the file. Throws InputError (io) with its place: no such file, a
// column missing, a row that does not read, parts that do not sum to the latency.
void read_requests_csv(const std::string& path, const std::function<void(const StoredRequest&)>& each);

}  // namespace blis
