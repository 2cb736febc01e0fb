// How full llm-d's picker takes the endpoints to be, as its saturation detectors tell: from 1 on they are
// saturated. Source: llm-d-router, pkg/epp/framework/plugins/flowcontrol/saturationdetector.
#pragma once

#include <cstddef>
#include <span>

#include "sim/fleet/epp/flow_control_config.h"
#include "sim/fleet/router.h"

namespace blis {

// Of the replicas in `serving`; 1 if there is none. Metrics are as old as they were when last looked at.
double saturation(const SaturationRule& rule, std::span<const ReplicaLoad> loads,
                  std::span<const std::size_t> serving, Time at);

}  // namespace blis
