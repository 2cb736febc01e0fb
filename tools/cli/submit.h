// --submit: what starts a comparison's shards on many machines, as files for those who know their cluster.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/study/compare/compare_report.h"

namespace blis {

// All that the files depend on.
struct Submission {
  std::string folder;   // absolute; has sweep.yaml, and will have the points
  std::string program;  // absolute
  std::vector<std::string>
      flags;  // of the comparison that a sweep has no key for; paths as seen from the folder
  std::size_t shards = 1;
};

struct SubmittedFile {
  std::string name;  // in the folder
  std::string text;
};

// One scheduler of many machines.
struct ClusterSystem {
  std::string_view name;  // as --submit has it
  bool own_disk;          // its tasks see the folder alone, and nothing else of this machine
  std::vector<SubmittedFile> (*files)(const Submission& submission);
  // What submits them, for a shell in the folder.
  std::string (*command)(const Submission& submission);
};
std::span<const ClusterSystem> cluster_systems();
// Throws InputError (usage) with the names there are.
const ClusterSystem& find_cluster_system(std::string_view name, const std::string& shown);

}  // namespace blis
