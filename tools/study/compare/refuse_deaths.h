// Searches ask whether a deployment keeps up, which nobody can say while replicas of it are dead.
#pragma once

#include "tools/study/compare/point_result.h"

namespace blis {

// Throws InputError (usage) if replicas of the point are said to die.
void refuse_deaths(const PointResult& point);

}  // namespace blis
