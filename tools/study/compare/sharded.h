// A comparison on many machines: a part of it here, and all parts put together.
#pragma once

#include <string>
#include <vector>

#include "tools/study/compare/run_comparison.h"
#include "tools/study/compare/shard.h"

namespace blis {

struct ShardOutcome {
  std::size_t points = 0;    // that can exist and are this shard's
  std::size_t finished = 0;  // of these
  bool interrupted = false;
};

// Throws InputError (usage) for what cannot be dealt out: a search for the cheapest, which looks at points
// one after the other; --detect-warmup; --stop-dominated.
void require_independent_points(const CompareReport& report, const ComparisonRequest& request);

// Simulates, or searches, the points of one shard into `request.folder`: a file a point, whole or absent.
// What is there already is not simulated again, so a shard may be started twice, even at once. Once it is
// complete its record is there, too. Throws InputError: usage for what cannot be dealt out (a search for the
// cheapest, which looks at points one after the other; --detect-warmup; --stop-dominated); io.
ShardOutcome run_shard(const CompareReport& prepared, const Shard& shard, const ComparisonRequest& request,
                       const Catalog& catalog, ProgressBar& bar);

// Takes the points from `folders`, and keeps them in `request.folder` if there is one; finishes the report as
// run_comparison does. Throws InputError: usage for folders of another comparison, or that contradict each
// other; io, naming the points and shards, if something is missing: what was found is kept then, too.
void merge_shards(CompareReport& report, const std::vector<std::string>& folders,
                  const ComparisonRequest& request, const Catalog& catalog);

}  // namespace blis
