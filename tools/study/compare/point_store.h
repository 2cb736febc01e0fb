// The replications of each point as a file of its own, so that a comparison that was stopped, or widened, or
// dealt out to several machines, does not simulate again what is known.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/study/compare/point_name.h"
#include "tools/study/compare/point_result.h"

namespace blis {

// What is known of a point.
struct StoredPoint {
  std::vector<Replication> runs;  // by seed
  std::optional<FailedRun> failed;
};

class PointStore {
 public:
  // Files go into FOLDER/points. Without a folder nothing is kept or found. `names` may be shared by stores.
  // What is found in `others` is taken, too, and then kept in `folder`.
  PointStore(std::string folder, std::shared_ptr<PointNames> names, std::vector<std::string> others = {});

  // What is kept for exactly this scenario, by whatever comparison on whatever machine. A file that is not
  // whole, or of another version of blis, counts as none; so does any of a scenario that reads standard
  // input, which may be another each time. Throws InputError (usage) if two folders disagree about a run.
  StoredPoint load(const ResolvedScenario& scenario) const;
  // Replaces it, whole or not at all. Throws InputError (io).
  void save(const PointResult& point, const std::optional<FailedRun>& failed = std::nullopt) const;

  // The name of the point's file: a hash of the content of all that its figures depend on but the seed.
  std::string file_name(const ResolvedScenario& scenario) const;
  bool merges() const { return !others_.empty(); }
  const std::shared_ptr<PointNames>& names() const { return names_; }

 private:
  std::string folder_;
  std::vector<std::string> others_;
  std::shared_ptr<PointNames> names_;
};

}  // namespace blis
