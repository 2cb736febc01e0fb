// The folder that `-o DIR` names: one result, complete or not there.
#pragma once

#include <string>

#include "tools/report/documents.h"
#include "tools/report/folder_lock.h"
#include "tools/simulate/report.h"

namespace blis {

// What is true of this run and not of the simulation: kept out of result.json, which repeats byte for
// byte.
struct RunFacts {
  std::string command_line;
  std::string started;  // UTC, ISO 8601
  double wall_s = 0;    // of the whole command until now
  double simulate_s = 0;
};

// Makes the folder and its parents. Throws InputError (io).
void make_folder(const std::string& folder);

// Makes the folder (and its parents) before the run is paid for, and takes away what a run that was killed
// left unfinished. The lock is to be held until the result is written. Throws InputError: io if it cannot
// be written to, usage if another process writes there, or if it holds a result already and `force`
// is not set.
[[nodiscard]] FolderLock prepare_result_folder(const std::string& folder, bool force);

// Throws InputError (io) if the run that wrote there was killed, or is still going.
void require_finished_result(const std::string& folder);

// result.json, requests.csv, scenario.resolved.yaml, series.json and meta.json. Throws InputError (io).
void write_result_folder(const std::string& folder, const RunReport& report, bool detailed,
                         const RunFacts& facts);

}  // namespace blis
