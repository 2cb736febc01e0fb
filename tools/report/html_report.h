// What `blis report` shows: a folder that a run or a comparison left, gathered into one document.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace blis {

// Of a result folder {"kind": "run", "result", "series", "meta", "slowest", "yaml"}: result.json without
// --save-detailed's lists, series.json, meta.json, the slowest requests and scenario.resolved.yaml's text.
// Of a comparison {"kind": "compare", "compare"}. Throws InputError: usage if the folder is neither, io.
nlohmann::ordered_json report_document(const std::string& folder);

// The whole file.
std::string html_report(const nlohmann::ordered_json& document);

}  // namespace blis
