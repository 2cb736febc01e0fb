// compare.json and points.csv.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "blis/version.hpp"
#include "sim/utf8.h"
#include "tools/output/json_writer.h"
#include "tools/simulate/attribution_json.h"
#include "tools/simulate/simulate_scenario.h"
#include "tools/simulate/traffic_line.h"
#include "tools/study/compare/compare_report.h"
#include "tools/study/compare/effects.h"
#include "tools/study/compare/evidence.h"
#include "tools/study/compare/figures.h"
#include "tools/study/compare/left_undone.h"
#include "tools/study/compare/point_command.h"
#include "workloads/parse_number.h"

namespace blis {
namespace {

// A setting's text as the JSON value that YAML would make of it.
void write_value(JsonWriter& json, const std::string& text) {
  if (const auto number = parse_real(text)) {
    json.value(*number);
  } else if (text.empty() || text == "null") {
    json.raw("null");
  } else if (text == "true" || text == "false") {
    json.value(text == "true");
  } else if (text.size() > 1 && text.front() == '"' && text.back() == '"') {
    json.raw(text);
  } else {
    json.value(text);
  }
}

std::string_view to_string(Goal goal) {
  constexpr std::string_view kNames[] = {"compare", "max-rate", "min-gpus", "min-cost"};
  return kNames[static_cast<std::size_t>(goal)];
}

class Json {
 public:
  explicit Json(const CompareReport& report) : report_(report), json_(text_) {}

  std::string write() {
    json_.begin_object().member("schema", "blis-compare/1");
    json_.member("goal", to_string(report_.goal)).member("interrupted", report_.interrupted);
    json_.key("left_undone");
    report_.interrupted ? json_.value(left_undone(report_)) : json_.raw("null");
    strings("scenarios", report_.sweep.scenarios);
    strings("varied", varied_keys(report_));
    json_.key("seeds").begin_list(true);
    for (const std::uint64_t seed : seeds_run(report_)) json_.value(seed);
    json_.end_list();
    objectives();
    json_.key("confidence").begin_object().member("level", kConfidence);
    json_.member("method", "Student's t over replications with different seeds").end_object();
    json_.member("sorted_by", sorted_by(report_));
    json_.key("order").begin_list(true);
    for (const std::size_t i : report_.order) json_.value(i);
    json_.end_list();
    const Advice advice = advise(report_);
    json_.key("advice").begin_object().member("text", advice.text).member("point", advice.point);
    json_.member("runner_up", advice.runner_up).end_object();
    effects();
    strings("caveats", all_caveats(report_));
    compared();
    json_.key("warmup");
    if (report_.warmup) {
      json_.begin_object().member("requests", report_.warmup->requests);
      json_.member("points", report_.warmup->points);
      json_.member("unsettled_points", report_.warmup->unsettled).end_object();
    } else {
      json_.raw("null");
    }
    strings("warnings", report_.warnings);
    json_.key("points").begin_list();
    for (std::size_t i = 0; i < report_.rows.size(); ++i) point(i);
    json_.end_list().end_object();
    return text_ + "\n";
  }

 private:
  void strings(std::string_view key, const std::vector<std::string>& texts) {
    json_.key(key).begin_list();
    for (const std::string& text : texts) json_.value(text);
    json_.end_list();
  }

  void objectives() {
    json_.key("objectives").begin_list();
    for (const std::size_t o : report_.objectives) {
      const FigureKind& kind = figure_kinds()[o];
      json_.begin_object().member("key", kind.key);
      json_.member("better", kind.better == Better::more ? "more" : "less").end_object();
    }
    json_.end_list();
  }

  // What was compared, for a reader who has nothing but this.
  void compared() {
    std::vector<std::string> models, gpus, releases;
    const auto add = [](std::vector<std::string>& names, const std::string& name) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    };
    for (const PointResult& point : report_.points) {
      if (!point.feasible()) continue;
      for (const ResolvedScenario& pool : pools_of(*point.resolved)) {
        add(models, pool.model.name);
        add(gpus, pool.hardware.name);
        if (pool.scenario.engine.vllm_version) add(releases, *pool.scenario.engine.vllm_version);
      }
    }
    json_.key("compared").begin_object().member("blis_version", version());
    json_.member("traffic", traffic());
    strings("models", models);
    strings("gpus", gpus);
    strings("vllm_versions", releases);
    json_.key("usd_per_gpu_hour").begin_object();
    for (const Price& price : report_.sweep.prices) json_.member(price.gpu, price.usd_per_hour);
    json_.end_object();
    const auto first = std::ranges::find_if(report_.points, &PointResult::feasible);
    json_.key("first_scenario");
    first == report_.points.end() ? json_.raw("null") : json_.raw(to_json(first->resolved->scenario));
    json_.end_object();
  }

  // Of the first point that was run: what it was sent.
  std::string traffic() const {
    for (const PointResult& point : report_.points) {
      if (point.runs.empty()) continue;
      const auto& figures = point.runs.front().figures;
      const auto figure = [&](std::string_view key) { return figures[figure_index(key)]; };
      return traffic_line(point.resolved->scenario.workload.spec,
                          {.requests = static_cast<std::int64_t>(figure("completed") + figure("failed")),
                           .offered_rate = figure("offered_request_rate"),
                           .answered = static_cast<std::int64_t>(figure("completed")),
                           .input_tokens = figure("total_input_tokens"),
                           .output_tokens = figure("total_output_tokens")});
    }
    return {};
  }

  void effects() {
    json_.key("effects").begin_list();
    for (const Effect& effect : main_effects(report_, report_.objectives[0])) {
      json_.begin_object().member("setting", effect.setting);
      json_.member("figure", figure_kinds()[report_.objectives[0]].key);
      json_.member("spread", effect.spread()).member("combinations", effect.combinations);
      json_.key("means").begin_list();
      for (const Effect::At& at : effect.at) {
        json_.begin_object().member("value", at.value).member("mean", at.mean).end_object();
      }
      json_.end_list().end_object();
    }
    json_.end_list();
  }

  void point(std::size_t index) {
    const Row& row = report_.rows[index];
    const PointResult& p = report_.points[index];
    json_.begin_object().member("index", index).member("label", label(report_, p));
    json_.key("settings").begin_object();
    for (const std::string& key : varied_keys(report_)) {
      json_.key(key);
      write_value(json_, setting_of(report_, p, key));
    }
    json_.end_object();
    json_.member("command", point_command(report_, p));
    json_.member("status", to_string(row.status)).member("feasible", p.feasible());
    json_.key("reason");
    p.reason.empty() ? json_.raw("null") : json_.value(p.reason);
    if (p.feasible()) {
      json_.member("engine", describe_engine(*p.resolved)).member("gpu", p.resolved->hardware.name);
      const std::int64_t usable = p.resolved->kv.num_blocks;
      json_.member("kv_blocks_per_replica", usable);
    }
    json_.key("verdict");
    row.verdict == Verdict::none ? json_.raw("null") : json_.value(blis::to_string(row.verdict));
    const std::string note = unanswered(row);
    json_.key("unanswered");
    note.empty() ? json_.raw("null") : json_.value(note);
    limits(row);
    json_.member("pareto", row.on_front);
    json_.member("stopped_by", p.stopped_by).member("interrupted", row.interrupted);
    search(p);
    for (std::size_t f = 0; f < figure_kinds().size(); ++f) json_.member(figure_kinds()[f].key, row.value(f));
    attribution(row);
    intervals(row);
    replications(row);
    json_.end_object();
  }

  void limits(const Row& row) {
    json_.key("slo").begin_list();
    for (const LimitVerdict& limit : row.limits) {
      json_.begin_object().member("key", limit.target.key).member("limit", limit.target.limit);
      json_.member("at_least", limit.target.at_least).member("value", limit.value);
      json_.member("low", limit.low).member("high", limit.high);
      json_.member("model_error", limit.model_error);
      json_.member("met", limit.met).member("verdict", blis::to_string(limit.verdict)).end_object();
    }
    json_.end_list();
  }

  void search(const PointResult& p) {
    if (!p.search) return;
    json_.key("search").begin_object().member("max_request_rate", p.search->met);
    json_.member("fails_at", p.search->fails).member("surely_met", p.search->surely_met);
    json_.member("steady", p.search->steady);
    json_.key("lengths").begin_list();
    for (const RateAtLength& length : p.search->lengths) {
      json_.begin_object().member("requests", length.requests);
      json_.member("max_request_rate", length.met).end_object();
    }
    json_.end_list();
    json_.key("trials").begin_list();
    for (const RateTrial& trial : p.search->trials) {
      json_.begin_object().member("request_rate", trial.rate).member("met", trial.met);
      json_.member("surely", trial.surely).member("failed", trial.failed);
      json_.member("request_throughput", trial.request_throughput);
      json_.member("output_throughput", trial.output_throughput);
      json_.key("values").begin_object();
      for (const LimitVerdict& limit : trial.limits) json_.member(limit.target.key, limit.value);
      json_.end_object().end_object();
    }
    json_.end_list().end_object();
  }

  // Replications that cannot differ are one.
  void attribution(const Row& row) {
    const std::span<const Replication> runs = row.point->runs;
    json_.key("attribution");
    if (runs.empty()) {
      json_.raw("null");
    } else {
      write_attribution(json_, pooled_attribution(row.identical_runs ? runs.first(1) : runs));
    }
  }

  void intervals(const Row& row) {
    json_.key("confidence").begin_object();
    for (std::size_t f = 0; f < row.figures.size(); ++f) {
      const Estimate& estimate = row.figures[f];
      if (!estimate.has_interval()) continue;
      json_.key(figure_kinds()[f].key).begin_list(true);
      json_.value(estimate.low_end()).value(estimate.high()).end_list();
    }
    json_.end_object();
  }

  void replications(const Row& row) {
    json_.member("identical_replications", row.identical_runs);
    json_.key("replications").begin_list();
    for (const Replication& run : row.point->runs) {
      json_.begin_object().member("seed", run.seed).member("overloaded", run.overloaded);
      json_.member("warmup_requests", run.warmup_requests).member("settled", run.fills_up.settled);
      json_.member("saturation", run.saturation).end_object();
    }
    json_.end_list();
  }

  const CompareReport& report_;
  std::string text_;
  JsonWriter json_;
};

// Whether a spreadsheet would compute it: it begins as a formula does, and is no number.
bool is_formula(std::string_view text) {
  return !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos &&
         !parse_real(text);
}

// A field of a CSV row, in quotes where it must be, and behind an apostrophe where it would be computed.
std::string field(const std::string& given) {
  const std::string text = (is_formula(given) ? "'" : "") + printable(given);
  if (text.find_first_of(",\"") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

std::string number(double value) {
  return std::isnan(value) ? "" : fmt::format("{}", value);
}

}  // namespace

std::string to_json(const CompareReport& report) {
  return Json(report).write();
}

std::string to_csv(const CompareReport& report) {
  const std::vector<std::string> keys = varied_keys(report);
  std::string text = "index";
  const auto add = [&text](const std::string& cell) { text.append(",").append(cell); };
  for (const std::string& key : keys) add(field(key));
  text += ",status,verdict,pareto,replications,interrupted";
  if (report.goal == Goal::max_rate)
    text += ",max_request_rate,surely_met_request_rate,fails_at_request_rate";
  for (const FigureKind& kind : figure_kinds()) add(kind.key);
  for (const FigureKind& kind : figure_kinds()) add(kind.key + "_plus_minus");
  text += ",reason\n";
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    const Row& row = report.rows[i];
    const PointResult& point = report.points[i];
    text += std::to_string(i);
    for (const std::string& key : keys) add(field(setting_of(report, point, key)));
    text += fmt::format(",{},{},{},{},{}", to_string(row.status), to_string(row.verdict), row.on_front,
                        point.runs.size(), row.interrupted);
    if (report.goal == Goal::max_rate) {
      const RateSearch none;
      const RateSearch& search = point.search ? *point.search : none;
      for (const auto& rate : {search.met, search.surely_met, search.fails}) {
        add(rate ? number(*rate) : std::string());
      }
    }
    for (std::size_t f = 0; f < figure_kinds().size(); ++f) add(number(row.value(f)));
    for (std::size_t f = 0; f < figure_kinds().size(); ++f) {
      add(f < row.figures.size() ? number(row.figures[f].half_width) : std::string());
    }
    add(field(point.reason));
    text += "\n";
  }
  return text;
}

}  // namespace blis
