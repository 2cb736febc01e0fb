// What a shard leaves beside its points: of which comparison it is, so that what does not belong together is
// not merged in silence.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/study/compare/compare_report.h"
#include "tools/study/compare/point_name.h"
#include "tools/study/compare/shard.h"

namespace blis {

// A comparison by content. Hashes of all points together.
struct SweepIdentity {
  std::string version;
  std::uint64_t settings = 0, files = 0, catalog = 0;
  bool operator==(const SweepIdentity&) const = default;
};
SweepIdentity identity_of(const CompareReport& report, PointNames& names);

struct ShardRecord {
  SweepIdentity sweep;
  Shard shard;
  std::size_t points = 0;  // that it had to simulate
};

// As FOLDER/shards/I-of-N.json, once the shard is complete. Throws InputError (io).
void write_shard_record(const std::string& folder, const ShardRecord& record);

// All that are in the folder; none if it is no shard's. Throws InputError (usage) for one that is of another
// comparison than `sweep`, or of other catalogs, traces or another version, which it names.
std::vector<ShardRecord> read_shard_records(const std::string& folder, const SweepIdentity& sweep);

}  // namespace blis
