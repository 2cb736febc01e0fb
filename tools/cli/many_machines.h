// blis compare with --shard, --merge and --submit.
#pragma once

#include <string>
#include <vector>

#include "tools/cli/exit_code.h"
#include "tools/cli/options.h"
#include "tools/study/compare/sharded.h"

namespace blis {

// A part of the comparison, for `--merge`. Several may share a folder, and one may be started twice: their
// files are whole or absent, and equal.
ExitCode simulate_shard(const Invocation& invocation, const Shard& shard, const CompareReport& prepared,
                        ComparisonRequest request, const Catalog& catalog, ProgressBar& bar);

// The folders of --merge; none without it.
std::vector<std::string> merged_folders(const Invocation& invocation);

// The comparison as files for a cluster (tools/cli/submit.h), and with --yes also started there.
ExitCode submit_comparison(const Invocation& invocation, const CompareReport& prepared,
                           const ComparisonRequest& request);

}  // namespace blis
