// One warm-up for all points of a comparison, so that all of them count the same requests.
#pragma once

#include <vector>

#include "tools/study/compare/compare_report.h"
#include "tools/study/compare/point_store.h"
#include "tools/study/compare/runner.h"

namespace blis {

// Simulates each point once, with its first seed, and gives all those whose scenario has no `warmup` the
// longest that any of them needs (sim/warmup.h): `warmup.requests`, as if the user had said so. The figures
// are then those of `blis run --warmup-requests N`. A run that never settles needs none that could be told.
void leave_out_warmup(CompareReport& report, Runner& runner, const PointStore& store, bool resume);

}  // namespace blis
