#include "tools/study/compare/point_store.h"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "blis/error.hpp"
#include "scenarios/document.h"
#include "tools/output/json_writer.h"
#include "tools/output/output_file.h"
#include "tools/output/strict_json.h"
#include "tools/simulate/attribution_json.h"
#include "tools/simulate/slo.h"
#include "tools/study/compare/figures.h"

namespace blis {
namespace {

constexpr const char* kPointSchema = "blis-compare-point/1";

double number(const nlohmann::json& value) {
  return value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

AttributionSummary::Mean read_mean_parts(const nlohmann::json& json) {
  AttributionSummary::Mean mean;
  mean.requests = json.at("requests").get<std::int64_t>();
  for (const Part part : kAllParts) {
    mean.ms[static_cast<std::size_t>(part)] = json.at("mean_ms").value(std::string(to_string(part)), 0.0);
  }
  return mean;
}

AttributionSummary read_attribution(const nlohmann::json& json) {
  return {.all = read_mean_parts(json),
          .tail = read_mean_parts(json.at("tail")),
          .tail_from_ms = number(json.at("tail").at("from_e2el_ms"))};
}

Replication read_replication(const nlohmann::json& json) {
  Replication run;
  run.seed = json.at("seed").get<std::uint64_t>();
  for (const FigureKind& kind : figure_kinds())
    run.figures.push_back(number(json.at("figures").at(kind.key)));
  for (const auto& value : json.at("slo_values")) {
    run.slo_values.push_back(value.is_number() ? value.get<double>()
                                               : std::numeric_limits<double>::infinity());
  }
  run.attainment_if_slower = number(json.at("attainment_if_slower"));
  run.attainment_if_faster = number(json.at("attainment_if_faster"));
  run.overloaded = json.at("overloaded").get<bool>();
  run.saturation = json.at("saturation").get<std::string>();
  run.warmup_requests = json.at("warmup_requests").get<std::uint32_t>();
  run.fills_up = {json.at("fills_up_requests").get<std::uint32_t>(), json.at("settled").get<bool>()};
  run.attribution = read_attribution(json.at("attribution"));
  run.warnings = json.at("warnings").get<std::vector<std::string>>();
  return run;
}

void write_replication(JsonWriter& json, const Replication& run) {
  json.begin_object().member("seed", run.seed);
  json.member("overloaded", run.overloaded).member("saturation", run.saturation);
  json.member("warmup_requests", run.warmup_requests);
  json.member("fills_up_requests", run.fills_up.requests).member("settled", run.fills_up.settled);
  json.key("slo_values").begin_list(true);
  for (const double value : run.slo_values) json.value(value);
  json.end_list();
  json.member("attainment_if_slower", run.attainment_if_slower);
  json.member("attainment_if_faster", run.attainment_if_faster);
  json.key("attribution");
  write_attribution(json, run.attribution);
  json.key("warnings").begin_list();
  for (const std::string& warning : run.warnings) json.value(warning);
  json.end_list();
  json.key("figures").begin_object();
  for (std::size_t f = 0; f < run.figures.size(); ++f) json.member(figure_kinds()[f].key, run.figures[f]);
  json.end_object().end_object();
}

// Nothing of a file that is not whole, or not ours.
StoredPoint read_stored(const std::string& file) {
  try {
    const auto json = parse_strict_json<nlohmann::json>(read_file(file, "result of a point"), {file});
    if (json.at("schema") != kPointSchema) return {};
    StoredPoint stored;
    for (const auto& run : json.at("replications")) stored.runs.push_back(read_replication(run));
    if (const auto failed = json.find("failed"); failed != json.end()) {
      stored.failed = {failed->at("seed").get<std::uint64_t>(), failed->at("reason").get<std::string>()};
    }
    return stored;
  } catch (const nlohmann::json::exception&) {
    return {};
  } catch (const InputError&) {
    return {};
  }
}

std::string text_of(const Replication& run) {
  std::string text;
  JsonWriter json(text);
  write_replication(json, run);
  return text;
}

// Runs that both have must be the same: where they are not, somebody simulated something else.
void add(StoredPoint& all, StoredPoint more, const std::string& first, const std::string& file) {
  for (Replication& run : more.runs) {
    const auto same = std::ranges::find(all.runs, run.seed, &Replication::seed);
    if (same == all.runs.end()) {
      all.runs.push_back(std::move(run));
    } else if (text_of(*same) != text_of(run)) {
      throw InputError(
          ErrorKind::usage,
          {.place = {.file = file},
           .message = fmt::format("the point's run with seed {} has other figures", run.seed),
           .expected = fmt::format("those of {}", first),
           .hint = "one of the two was changed, or made by another build: leave its folder out"});
    }
  }
  if (more.failed && (!all.failed || more.failed->seed < all.failed->seed)) {
    all.failed = std::move(more.failed);
  }
}

}  // namespace

PointStore::PointStore(std::string folder, std::shared_ptr<PointNames> names, std::vector<std::string> others)
    : folder_(std::move(folder)), others_(std::move(others)), names_(std::move(names)) {}

std::string PointStore::file_name(const ResolvedScenario& scenario) const {
  return names_->name(scenario) + ".json";
}

StoredPoint PointStore::load(const ResolvedScenario& scenario) const {
  if ((folder_.empty() && others_.empty()) || reads_standard_input(scenario.scenario)) return {};
  const std::string name = "/points/" + file_name(scenario);
  std::vector<std::string> folders = others_;
  if (!folder_.empty()) folders.insert(folders.begin(), folder_);
  StoredPoint all;
  std::string first;  // the file that gave what `all` has
  const std::size_t targets = slo_targets(scenario.scenario.slo).size();
  for (const std::string& folder : folders) {
    const std::string file = folder + name;
    if (file == first || !is_file(file)) continue;
    StoredPoint stored = read_stored(file);
    const auto is_of_others = [&](const Replication& run) { return run.slo_values.size() != targets; };
    if (std::ranges::any_of(stored.runs, is_of_others)) continue;  // damaged: the targets are in its name
    add(all, std::move(stored), first, file);
    if (first.empty()) first = file;
  }
  std::ranges::sort(all.runs, {}, &Replication::seed);
  return all;
}

void PointStore::save(const PointResult& point, const std::optional<FailedRun>& failed) const {
  if (folder_.empty()) return;
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", kPointSchema);
  json.key("settings").begin_object();
  for (const Override& setting : point.point.settings) json.member(setting.key, setting.value);
  json.end_object();
  json.key("replications").begin_list();
  for (const Replication& run : point.runs) write_replication(json, run);
  json.end_list();
  if (failed) {
    json.key("failed").begin_object();
    json.member("seed", failed->seed).member("reason", failed->reason).end_object();
  }
  json.end_object();
  write_file(fmt::format("{}/points/{}", folder_, file_name(*point.resolved)), text + "\n");
}

}  // namespace blis
