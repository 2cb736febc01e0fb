// BLIS: how a model, on given GPUs, with given vLLM settings, serves given traffic. All of the library:
//
//   const blis::Scenario scenario = blis::read_scenario("chat.yaml", {{{"engine.max_num_seqs", "256"}}});
//   const blis::Report report = blis::simulate(scenario);
//   std::cout << report.figure("p99_ttft_ms").value() << "\n" << blis::to_json(report);
//
// Everything is a value. Functions throw InputError for what a user can mend. Nothing is global: any number
// of threads may simulate at once.
#pragma once

#include "blis/compare.hpp"   // IWYU pragma: export
#include "blis/error.hpp"     // IWYU pragma: export
#include "blis/explain.hpp"   // IWYU pragma: export
#include "blis/folder.hpp"    // IWYU pragma: export
#include "blis/plugins.hpp"   // IWYU pragma: export
#include "blis/progress.hpp"  // IWYU pragma: export
#include "blis/report.hpp"    // IWYU pragma: export
#include "blis/scenario.hpp"  // IWYU pragma: export
#include "blis/simulate.hpp"  // IWYU pragma: export
#include "blis/version.hpp"   // IWYU pragma: export
