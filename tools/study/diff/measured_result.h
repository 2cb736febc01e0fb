// A measured benchmark as a result that can be compared with a simulated one.
#pragma once

#include <string>

#include "tools/study/diff/stored_result.h"

namespace blis {

// Any file of measurements that `blis calibrate` reads. Latencies, counts and throughput are computed from
// the requests, all of them, or are those of the file where it has only totals; what a client cannot see
// (queues, engines, settings) is missing. Throws InputError (io).
StoredResult read_measured(const std::string& path);

}  // namespace blis
