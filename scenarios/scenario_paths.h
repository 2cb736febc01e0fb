// Which of a scenario's values are paths, and how they move when its file does.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "scenarios/document.h"
#include "scenarios/scenario.h"

namespace blis {

// Rewrites the relative paths in the tree `node`, which stands under the dotted `key`, so that from the
// folder `to` they name what they named from `from`. An empty folder is the working one.
void move_paths(Node& node, std::string_view key, const std::string& from, const std::string& to);

// Calls `visit` with each path that the scenario, or the workload, names; it may change it. "-" is one.
using PathVisitor = std::function<void(std::string& path)>;
void for_each_path(ScenarioSettings& scenario, const PathVisitor& visit);
void for_each_path(WorkloadSpec& workload, const PathVisitor& visit);

// `path`, relative to `folder`, as seen from the working folder. "-" and absolute paths stay.
std::string located(const std::string& folder, const std::string& path);

}  // namespace blis
