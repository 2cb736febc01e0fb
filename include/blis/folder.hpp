// Results as folders, and folders as pages.
#pragma once

#include <string>

#include "blis/compare.hpp"
#include "blis/report.hpp"

namespace blis {

// What `blis run -o` leaves: result.json, requests.csv, scenario.resolved.yaml, series.json and meta.json.
// With `force` a result that is there is replaced. Throws InputError: usage if there is one, io.
void save(const Report& report, const std::string& folder, bool force = false);
// What `blis compare -o` leaves but for the points: compare.json, points.csv and sweep.resolved.yaml.
void save(const Comparison& comparison, const std::string& folder, bool force = false);

// Either as one HTML file that needs no network, as `blis report` draws it. Throws InputError (io).
std::string report_page(const std::string& folder);

}  // namespace blis
