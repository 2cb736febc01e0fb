// From a scenario to a report.
#pragma once

#include <cstdint>
#include <string>

#include "blis/progress.hpp"
#include "blis/report.hpp"
#include "blis/scenario.hpp"

namespace blis {

// What will be made of the steps of a run. A long one forgets its steps, as far as that allows: pictures of
// forgotten steps are a little blurred, and single ones are gone.
enum class StepsFor : std::uint8_t {
  figures,    // what to_json and to_csv say
  pictures,   // and what is drawn over time
  themselves  // and each step: detailed lists and timelines
};

struct SimulateOptions {
  // The folder with hardware_config.json and model_configs/, or several with `:` between them, of which the
  // first that has something counts. Empty: as the program finds it, by BLIS_DATA, beside the program, where
  // blis was installed or built.
  std::string data_folder{};
  ProgressFn progress{};
  StepsFor steps_for = StepsFor::pictures;
  // Simulates once before, to find the warm-up of a scenario that says none, and leaves it out.
  bool detect_warmup = false;
};

// Looks up the model and the GPU, fills in every default, does the memory arithmetic, simulates until every
// request has an outcome, and says how exact that is. Equal scenarios give equal reports. Throws InputError:
// usage, infeasible (it does not fit, with the arithmetic), io.
Report simulate(const Scenario& scenario, const SimulateOptions& options = {});

}  // namespace blis
