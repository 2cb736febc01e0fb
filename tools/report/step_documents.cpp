#include "tools/report/step_documents.h"

#include <fmt/format.h>

#include "roofline/evidence.h"
#include "tools/output/json_writer.h"
#include "tools/simulate/simulate_scenario.h"

namespace blis {
namespace {

double microseconds(Seconds s) {
  return s.count() * 1e6;
}

void write_list(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  json.key(key).begin_list();
  for (const std::string& text : texts) json.value(text);
  json.end_list();
}

}  // namespace

std::string step_json(const PricedStep& step) {
  const auto& [resolved, explanation, warnings] = step;
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member("schema", "blis-step/1");
  json.member("engine", describe_engine(resolved));
  json.member("evidence", to_string(evidence_of(resolved.hardware)));
  json.member("latency_model", resolved.latency->name);
  json.member("step_us", microseconds(explanation.cost.total));
  json.member("bound_by", to_string(explanation.cost.bound()));
  json.member("binds", explanation.binds);
  json.key("parts_us").begin_object();
  for (const CostPartRow& row : kCostParts) json.member(row.name, microseconds(explanation.cost[row.part]));
  json.end_object();
  json.key("terms").begin_object();
  for (const StepTerm& term : explanation.terms) {
    json.key(term.name).begin_object().member("value", term.value).member("unit", term.unit).end_object();
  }
  json.end_object();
  if (!resolved.not_modelled.empty()) {
    json.member("unscored", true);
    write_list(json, "not_modelled", resolved.not_modelled);
  }
  write_list(json, "warnings", warnings);
  json.end_object();
  return text + "\n";
}

std::string step_text(const PricedStep& step) {
  const auto& [resolved, explanation, warnings] = step;
  std::string text =
      fmt::format("{} ({}; {})\n\n{:<40} {:>16.3f} us\n", describe_engine(resolved), resolved.latency->name,
                  to_string(evidence_of(resolved.hardware)), "step", microseconds(explanation.cost.total));
  for (const CostPartRow& row : kCostParts) {
    text += fmt::format("  {:<38} {:>16.3f} us\n", row.name, microseconds(explanation.cost[row.part]));
  }
  text += "\n";
  for (const StepTerm& term : explanation.terms) {
    text += fmt::format("  {:<38} {:>16.6g} {}\n", term.name, term.value, term.unit);
  }
  return text + "\n" + explanation.binds + "\n";
}

}  // namespace blis
