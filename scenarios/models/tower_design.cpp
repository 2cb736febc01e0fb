#include "scenarios/models/tower_design.h"

#include <fmt/format.h>

#include <string>

namespace blis {

void expect_design(Section& tower, std::string_view kind, std::string_view design, Findings& findings) {
  const std::string given = tower.maybe_text("model_type").value_or(std::string(design));
  if (given == design) return;
  findings.not_modelled.push_back(tower.placed(
      "model_type",
      {.message = fmt::format("{} of the type `{}`", kind, given), .expected = std::string(design)}));
}

}  // namespace blis
