#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <filesystem>

#include "blis/version.hpp"
#include "tools/output/json_writer.h"
#include "tools/simulate/simulate_scenario.h"
#include "tools/study/calibrate/calibrate.h"
#include "tools/study/calibrate/log_comparison.h"

namespace blis {
namespace {

double percent_error(const ErrorRow& row) {
  return row.measured > 0 ? 100 * (row.predicted / row.measured - 1) : 0;
}

std::string held_out_rule(std::span<const Benchmark> benchmarks) {
  if (benchmarks.size() > 1) return "the last file";
  return benchmarks.front().summary ? "medians and percentiles" : "every second request";
}

std::string five_digits(double value) {
  return fmt::format("{:.5g}", value);
}

// Empty where it is not known.
std::string interval(const CalibratedConstant& c, fmt::format_string<std::string, std::string> words) {
  return std::isnan(c.low) ? "" : fmt::format(words, five_digits(c.low), five_digits(c.high));
}

}  // namespace

std::string to_calibration_file(const Calibration& calibration, const ResolvedScenario& scenario,
                                std::span<const Benchmark> benchmarks, const std::string& command) {
  std::string host, clocks, kept;
  for (const CalibratedConstant& c : calibration.constants) {
    const std::string_view key = c.key.substr(c.key.rfind('.') + 1);
    if (!c.fitted) {
      kept += fmt::format("    - {}\n", json_string(fmt::format("{}: {}", c.key, c.reason)));
    } else {
      (c.key.starts_with("latency.host.") ? host : clocks) +=
          fmt::format("    {}: {}  # was {}{}\n", key, five_digits(*c.fitted), five_digits(c.before),
                      interval(c, "; 90 % interval {} to {}"));
    }
  }
  std::string text =
      "# Made by `blis calibrate`; a scenario names it with latency.calibration.\nversion: 1\n";
  text += "latency:\n";
  if (!host.empty()) text += "  host:\n" + host;
  if (!clocks.empty()) text += "  clocks:\n" + clocks;
  text += "provenance:\n";
  text += fmt::format("  made_by: {}\n", json_string(fmt::format("blis {}", version())));
  text += fmt::format("  command: {}\n", json_string(command));
  text += fmt::format("  engine: {}\n", json_string(describe_engine(scenario)));
  text += "  measurements:\n";
  for (const Benchmark& b : benchmarks) {
    text += fmt::format("    - {{ file: {}, format: {}, requests: {} }}\n", json_string(b.path), b.format,
                        b.summary ? b.summary->requests : std::ssize(b.requests));
  }
  text += fmt::format("  held_out: {}\n", held_out_rule(benchmarks));
  text += fmt::format(
      "  rms_log_error: {{ fitted: [{:.4f}, {:.4f}], held_out: [{:.4f}, {:.4f}] }}  # before, after\n",
      calibration.fit_before, calibration.fit_after, calibration.held_before, calibration.held_after);
  if (!kept.empty()) text += "  not_identified:\n" + kept;
  return text;
}

std::string to_text(const Calibration& calibration, std::span<const Suspect> suspects,
                    std::span<const Benchmark> benchmarks) {
  const std::vector<ErrorRow> before = error_table(calibration.before),
                              after = error_table(calibration.after);
  std::int64_t requests = std::ssize(calibration.before.requests);
  for (const Benchmark& b : benchmarks) requests += b.summary ? b.summary->requests : 0;
  std::string text = fmt::format("{} measured requests\n\n{:<18}{:>12}{:>12}{:>9}{:>12}{:>9}\n", requests, "",
                                 "measured", "predicted", "error", "calibrated", "error");
  for (std::size_t i = 0; i < before.size() && i < after.size(); ++i) {
    text += fmt::format("{:<18}{:>12.2f}{:>12.2f}{:>+7.1f} %{:>12.2f}{:>+7.1f} %\n", before[i].figure,
                        before[i].measured, before[i].predicted, percent_error(before[i]), after[i].predicted,
                        percent_error(after[i]));
  }
  text += "\nUsual suspects\n";
  for (const Suspect& s : suspects) {
    text += fmt::format("  {} {}: {}\n", s.suspicious ? "look " : "ok   ", s.name, s.finding);
  }
  for (const Benchmark& b : benchmarks) {
    if (!b.summary) continue;
    text += fmt::format("\n{} is a summary and does not tell how requests differ: {}\n", b.path,
                        fmt::join(b.notes, "; "));
  }
  text += fmt::format("\n{:<34}{:>10}{:>10}  90 % interval, all together\n", "Constant", "before", "fitted");
  for (const CalibratedConstant& c : calibration.constants) {
    text += c.fitted ? fmt::format("{:<34}{:>10}{:>10}  {}\n", c.key, five_digits(c.before),
                                   five_digits(*c.fitted),
                                   std::isnan(c.low) ? "not known" : interval(c, "{} to {}"))
                     : fmt::format("{:<34}{:>10}{:>10}  not identified: {}\n", c.key, five_digits(c.before),
                                   "kept", c.reason);
  }
  text += fmt::format(
      "\nRoot mean square error over the quantiles: {:.1f} % -> {:.1f} %; held out ({}): {:.1f} % -> {:.1f} "
      "%\n",
      100 * calibration.fit_before, 100 * calibration.fit_after, held_out_rule(benchmarks),
      100 * calibration.held_before, 100 * calibration.held_after);
  if (!calibration.helps())
    text += "The fit is no better on what it has not seen: keep the constants there are.\n";
  return text;
}

std::string to_json(const Calibration& calibration, std::span<const Suspect> suspects,
                    const LogComparison* log) {
  const std::vector<ErrorRow> before = error_table(calibration.before),
                              after = error_table(calibration.after);
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", "blis-calibration/1");
  if (log) write(json.key("log"), *log);
  json.key("errors").begin_list();
  for (std::size_t i = 0; i < before.size() && i < after.size(); ++i) {
    json.begin_object().member("figure", before[i].figure).member("measured", before[i].measured);
    json.member("predicted", before[i].predicted).member("calibrated", after[i].predicted).end_object();
  }
  json.end_list().key("suspects").begin_list();
  for (const Suspect& s : suspects) {
    json.begin_object().member("name", s.name).member("suspicious", s.suspicious);
    json.member("finding", s.finding).end_object();
  }
  json.end_list().key("constants").begin_list();
  for (const CalibratedConstant& c : calibration.constants) {
    json.begin_object().member("key", c.key).member("before", c.before);
    if (c.fitted) {
      json.member("fitted", *c.fitted).member("low", c.low).member("high", c.high);
    } else {
      json.member("not_identified", c.reason);
    }
    json.end_object();
  }
  json.end_list().key("rms_log_error").begin_object();
  json.member("fit_before", calibration.fit_before).member("fit_after", calibration.fit_after);
  json.member("held_out_before", calibration.held_before).member("held_out_after", calibration.held_after);
  json.end_object().member("helps", calibration.helps()).end_object();
  return text + "\n";
}

}  // namespace blis
