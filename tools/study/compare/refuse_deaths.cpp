#include "tools/study/compare/refuse_deaths.h"

#include "scenarios/placed_error.h"

namespace blis {

void refuse_deaths(const PointResult& point) {
  const ScenarioSettings& scenario = point.resolved->scenario;
  if (scenario.failures.empty()) return;
  throw InputError(ErrorKind::usage,
                   {.place = origin_place(scenario.origins, "failures"),
                    .message = "whether a deployment keeps up while replicas of it are dead is not judged",
                    .expected = "a comparison of its points, or a scenario without `failures`"});
}

}  // namespace blis
