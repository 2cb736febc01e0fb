// The replications of each point as a file of its own, so that a comparison that was stopped, or widened,
// does not simulate again what it knows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/study/compare/point_result.h"

namespace blis {

class PointStore {
 public:
  // Files go into FOLDER/points. Without a folder nothing is kept or found. What lies in `data_folder` (the
  // catalogs) belongs to what the figures depend on, by size and age of its files.
  explicit PointStore(std::string folder, const std::string& data_folder = {});

  // The replications kept for exactly this scenario, by whatever comparison; empty if there are none. A file
  // that is not whole, or of another version of blis, counts as none; so does any of a scenario that reads
  // standard input, which may be another each time.
  std::vector<Replication> load(const ResolvedScenario& scenario, bool detect_warmup) const;
  // Replaces them, whole or not at all. Throws InputError (io).
  void save(const PointResult& point, bool detect_warmup) const;

  // The name of the point's file: a hash of all that its figures depend on but the seed.
  std::string file_name(const ResolvedScenario& scenario, bool detect_warmup) const;

 private:
  std::string path(const ResolvedScenario& scenario, bool detect_warmup) const;

  std::string folder_;
  std::string data_identity_;
};

}  // namespace blis
