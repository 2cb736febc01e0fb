// The production engine in the form that vectors and differential runs drive.
#pragma once

#include "tools/conform/scheduler_under_test.h"

namespace blis::conform {

// How the production scheduler is looked at. Its decisions must not depend on it.
enum class RunAhead {
  off,  // every step takes the plain path, and block ids are followed
  on,   // as in a simulation: what only decodes is carried along, and there are no block ids. Between
        // steps, a running request's counts are those of its last explicit step, except num_out
};

std::unique_ptr<SchedulerUnderTest> make_production_scheduler(const VectorConfig& config, RunAhead run_ahead);

// Scripts look inside between steps, so here every step takes the plain path.
Subject production_subject();

// The functions of sim and roofline behind the formulas.
Formulas production_formulas();

}  // namespace blis::conform
