// The oracle in the form that vectors and differential runs drive.
#pragma once

#include "tools/conform/scheduler_under_test.h"

namespace blis::oracle {

conform::Subject subject();

std::unique_ptr<conform::SchedulerUnderTest> make_scheduler(const conform::VectorConfig& config);

// The stand-alone formulas, plainly.
conform::Formulas formulas();

}  // namespace blis::oracle
