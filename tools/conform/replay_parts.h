// One replayer for each kind of vector; each throws at the first difference.
#pragma once

#include <stdexcept>
#include <string>

#include "tools/conform/scheduler_under_test.h"
#include "tools/conform/vectors.h"

namespace blis::conform {

class Difference : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws Difference unless the two are equal; the keys of objects have no order here.
void check(const std::string& where, const Json& expected, const Json& got);

void replay_script(const ScriptVector& script, const SchedulerFactory& make);
void replay_run(const RunVector& run, const SchedulerFactory& make);
void replay_queue(const QueueVector& queue, const FreeQueueFactory& make);
void replay_formula(const FormulaVector& formula, const Formulas& formulas);

}  // namespace blis::conform
