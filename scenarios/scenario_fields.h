// The keys of a scenario: for each part, which key fills which field, its range and its checks.
#pragma once

#include "scenarios/fields.h"
#include "scenarios/scenario.h"

namespace blis {

constexpr std::int64_t kFormatVersion = 1;  // the scenario's `version`
constexpr Range<std::int64_t> kTokenCount{1, 100'000'000};

void describe(Fields& f, ScenarioSettings& scenario, Scope scope);
void describe(Fields& f, EngineSettings& engine);
void describe(Fields& f, LatencySettings& latency);
void describe(Fields& f, AutoscalingSettings& scaling);  // scaling_fields.cpp
void describe(Fields& f, SloSettings& slo);
void describe(Fields& f, WorkloadSettings& workload);  // workload_fields.cpp
// One that is meant where it is given.
void describe_distribution(Fields& f, std::string_view key, std::optional<Distribution>& distribution);
void describe(Fields& f, WorkloadSpec& workload);  // the same without what engines do with it

}  // namespace blis
