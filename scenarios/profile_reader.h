// Measured step-time tables for the latency model `profile`, from CSV files told apart by their columns.
#pragma once

#include <string>

#include "roofline/profile_model.h"

namespace blis {

// `path` is a table, or a folder with dense.csv, attention.csv and steps.csv (any of them). Times in
// microseconds:
//   layer,tokens,time_us                                      one operator of one layer
//   prefill_chunk,kv_prefill,n_decode,kv_decode,time_us       attention of one layer: a chunk, its context,
//                                                             decoding sequences, the context of each
//   prefill_chunk,kv_prefill,n_decode,kv_decode,step_us       a whole engine step
// A table called NAMEdense.csv brings NAMEattention.csv with it, if that is there: the two of
// LLMServingSim's profiler. Throws InputError (io) with the place of a broken row.
ProfileTables read_profile(const std::string& path);

}  // namespace blis
