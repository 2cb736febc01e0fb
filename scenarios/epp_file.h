// Reads the file that configures llm-d's endpoint picker: an EndpointPickerConfig, or Helm values that hold
// one.
#pragma once

#include <string>
#include <vector>

#include "scenarios/document.h"
#include "scenarios/scenario.h"
#include "sim/fleet/epp/config.h"

namespace blis {

// Strictly, with the defaults that llm-d's loader fills in. What is in it and changes nothing here goes to
// `warnings`; what would and is not simulated throws InputError (usage) with its place, like what is wrong;
// io if there is no such file.
EppConfig read_epp_file(const std::string& path, std::vector<std::string>& warnings);
// The same from a text; `name` stands for the file.
EppConfig parse_epp(std::string_view text, std::string name, std::vector<std::string>& warnings);

// Whether a document is such a file.
bool is_epp_file(const Document& document);

// What llm-d does without a file.
EppConfig default_epp();

// The file of a scenario's router, or the default.
EppConfig read_router_file(const ScenarioSettings& scenario, std::vector<std::string>& warnings);

}  // namespace blis
