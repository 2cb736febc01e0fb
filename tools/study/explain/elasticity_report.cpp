#include <fmt/format.h>

#include <array>
#include <cmath>

#include "tools/output/json_writer.h"
#include "tools/study/explain/explain_report.h"

namespace blis {
namespace {

struct Shown {
  std::string_view heading, key;
  double (*of)(const Metrics& m);
};
constexpr std::array kShown{
    Shown{"mean TTFT", "mean_ttft_ms", [](const Metrics& m) { return m.ttft.mean; }},
    Shown{"p99 TTFT", "p99_ttft_ms", [](const Metrics& m) { return m.ttft.p99; }},
    Shown{"mean TPOT", "mean_tpot_ms", [](const Metrics& m) { return m.tpot.mean; }},
    Shown{"mean E2E", "mean_e2el_ms", [](const Metrics& m) { return m.e2el.mean; }},
    Shown{"p99 E2E", "p99_e2el_ms", [](const Metrics& m) { return m.e2el.p99; }},
    Shown{"output tok/s", "output_throughput", [](const Metrics& m) { return m.output_throughput; }},
};

}  // namespace

std::string to_text(const Elasticities& e) {
  std::string text = fmt::format("{:<24}", "what a tenth would buy");
  for (const Shown& shown : kShown) fmt::format_to(std::back_inserter(text), " {:>12}", shown.heading);
  fmt::format_to(std::back_inserter(text), "\n{:<24}", "as it is");
  for (const Shown& shown : kShown) fmt::format_to(std::back_inserter(text), " {:>12.2f}", shown.of(e.base));
  for (const Elasticity& lever : e.levers) {
    fmt::format_to(std::back_inserter(text), "\n{:<24}", lever.lever);
    for (const Shown& shown : kShown) {
      double change = 100 * (shown.of(lever.metrics) / shown.of(e.base) - 1);
      if (std::abs(change) < 0.05) change = 0;  // not "-0.0"
      fmt::format_to(std::back_inserter(text), " {:>11}%",
                     std::isfinite(change) ? fmt::format("{:+.1f}", change) : "-");
    }
  }
  return text + "\n";
}

std::string to_json(const Elasticities& e) {
  std::string text;
  JsonWriter json(text);
  const auto figures = [&](const Metrics& m) {
    for (const Shown& shown : kShown) json.member(shown.key, shown.of(m));
  };
  json.begin_object().member("schema", "blis-elasticities/1").key("base").begin_object();
  figures(e.base);
  json.end_object().key("levers").begin_list();
  for (const Elasticity& lever : e.levers) {
    json.begin_object().member("lever", lever.lever);
    figures(lever.metrics);
    json.end_object();
  }
  json.end_list().end_object();
  return text + "\n";
}

}  // namespace blis
