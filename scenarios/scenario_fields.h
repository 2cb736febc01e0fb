// The keys of a scenario: for each part, which key fills which field, its range and its checks.
#pragma once

#include "scenarios/fields.h"
#include "scenarios/scenario.h"

namespace blis {

void describe(Fields& f, Scenario& scenario);
void describe(Fields& f, EngineSettings& engine);
void describe(Fields& f, LatencySettings& latency);
void describe(Fields& f, SloSettings& slo);
void describe(Fields& f, WorkloadSettings& workload);  // workload_fields.cpp

}  // namespace blis
