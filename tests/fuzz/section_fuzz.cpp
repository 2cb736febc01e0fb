// Whatever the bytes, reading a scenario, a model config or a hardware catalog ends in a value or in an
// InputError; and a scenario that was read can be written and read again, the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "scenarios/document.h"
#include "scenarios/quantization_reader.h"
#include "scenarios/scenario.h"
#include "scenarios/section.h"

namespace {

void read_scenario_text(std::string_view text) {
  const blis::ScenarioSettings scenario = blis::parse_settings(text, "fuzz.yaml", "");
  const blis::ScenarioSettings again = blis::parse_settings(blis::to_yaml(scenario, ""), "fuzz.yaml", "");
  if (blis::to_json(again) != blis::to_json(scenario)) std::abort();
}

// The first line is the setting, the rest the file.
void read_with_override(std::string_view text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const blis::Override setting = blis::parse_override(text.substr(0, end));
  (void)blis::parse_settings(text.substr(std::min(end + 1, text.size())), "fuzz.yaml", "", {&setting, 1});
}

void read_catalog_text(std::string_view text) {
  blis::DocumentReader reader(blis::parse_json(text, "fuzz.json"), "catalog");
  blis::Section root = reader.root();
  (void)root.maybe_integer("num_hidden_layers", {1, 1000});
  (void)root.maybe_number("factor", blis::kPositive);
  (void)root.texts("layer_types");
  blis::Findings findings;
  blis::ModelFacts model;
  model.layers = 2;
  if (auto config = root.section("quantization_config")) {
    (void)blis::read_quantization(*config, model, findings);
  }
  root.finish();
  reader.check();
}

}  // namespace

// What the text is follows from how it begins, so that scenarios and configs are a corpus as they are:
//   section_fuzz NEW_FOLDER scenarios model_configs
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    if (text.starts_with('{')) {
      read_catalog_text(text);
    } else if (text.substr(0, text.find('\n')).find('=') != std::string_view::npos) {
      read_with_override(text);
    } else {
      read_scenario_text(text);
    }
  } catch (const blis::InputError&) {
    // the user's mistake, said
  }
  return 0;
}
