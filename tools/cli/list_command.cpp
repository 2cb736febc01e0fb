// blis list: what there is to choose from.
#include <fmt/format.h>

#include <algorithm>

#include "blis/error.hpp"
#include "roofline/evidence.h"
#include "roofline/release_changes.h"
#include "scenarios/choices.h"
#include "scenarios/latency_models.h"
#include "scenarios/scenario.h"
#include "scenarios/scenario_keys.h"
#include "scenarios/vllm_version.h"
#include "sim/fleet/router.h"
#include "sim/nearest_name.h"
#include "sim/vllm/scheduling_policy.h"
#include "tools/cli/commands.h"
#include "tools/cli/flag_overrides.h"
#include "tools/import/argument.h"
#include "tools/output/json_writer.h"
#include "tools/output/messages.h"
#include "tools/output/output_file.h"
#include "tools/study/compare/figures.h"
#include "workloads/trace_formats.h"
#include "workloads/trace_writer.h"

namespace blis {
namespace {

struct ListRow {
  std::string name, description;
};
using Rows = std::vector<ListRow>;

template <class Table>
Rows described(const Table& table) {
  Rows rows;
  for (const auto& row : table) rows.push_back({std::string(row.name), std::string(row.description)});
  return rows;
}
template <class Table>
Rows named(const Table& table) {
  Rows rows;
  for (const auto& row : table) rows.push_back({std::string(row.name), ""});
  return rows;
}

template <class List>
Rows words(const List& list) {
  Rows rows;
  for (const auto& word : list) rows.push_back({std::string(word), ""});
  return rows;
}

// "Qwen/Qwen3-8B, 8.19 B parameters; also ...".
std::string described(const IndexedModel& model) {
  std::string text = model.id;
  if (model.billions) text += fmt::format(", {:g} B parameters", *model.billions);
  if (!model.waits_for.empty()) text += fmt::format("; not modelled: {}", model.waits_for);
  if (!model.also.empty()) text += fmt::format("; also {}", fmt::join(model.also, ", "));
  return text;
}

Rows models(const Invocation& invocation) {
  const Catalog catalog = catalog_of(invocation);
  const std::vector<IndexedModel> index = catalog.model_index();
  Rows rows;
  for (const std::string& name : catalog.model_names()) {
    const auto known = std::ranges::find(index, name, &IndexedModel::folder);
    rows.push_back({name, known == index.end() ? "" : described(*known)});
  }
  return rows;
}

Rows changes(const Invocation&) {
  Rows rows;
  for (const ReleaseChange& change : release_changes()) {
    rows.push_back({fmt::format("{} (0.{})", change.from, change.minor),
                    fmt::format("{}{}; source: {}", change.what,
                                change.is_priced ? "" : ", without effect here", change.source)});
  }
  return rows;
}

Rows gpus(const Invocation& invocation) {
  Rows rows;
  for (const Hardware& gpu : catalog_of(invocation).all_hardware()) {
    std::string text = fmt::format("{:g} TFLOP/s 16-bit, {:g} TB/s", gpu.tflops_peak, gpu.bw_peak_tbs);
    if (gpu.memory_gib > 0) text += fmt::format(", {:g} GiB", gpu.memory_gib);
    text += fmt::format("; {}", to_string(evidence_of(gpu)));
    if (!gpu.aliases.empty()) text += fmt::format("; also {}", fmt::join(gpu.aliases, ", "));
    rows.push_back({gpu.name, text});
  }
  return rows;
}

Rows figures(const Invocation&) {
  Rows rows;
  for (const FigureKind& kind : figure_kinds()) rows.push_back({kind.key, ""});
  return rows;
}

// "auto or mp" of `auto|mp`; 0.0 is said with 0.
std::string alternatives(std::string_view values) {
  std::string text;
  while (!values.empty()) {
    const std::size_t bar = values.find('|');
    const std::string_view one = values.substr(0, bar);
    if (one != "0.0" && one != "1.0") text += (text.empty() ? "" : " or ") + std::string(one);
    values = bar == std::string_view::npos ? std::string_view{} : values.substr(bar + 1);
  }
  return text;
}

// What each argument of a command means to a simulation, by that.
Rows described(Arguments arguments) {
  Rows rows;
  for (const Effect effect : {Effect::sets_key, Effect::not_modelled, Effect::none}) {
    for (const Argument& argument : arguments) {
      if (argument.effect != effect) continue;
      std::string text = effect == Effect::sets_key       ? std::string(argument.key)
                         : effect == Effect::not_modelled ? "not modelled"
                                                          : "no effect";
      if (!argument.about.empty()) text += fmt::format(": {}", argument.about);
      if (!argument.harmless.empty() && argument.reads != Reads::boolean)
        text += fmt::format("; but for {}", alternatives(argument.harmless));
      if (!argument.last_seen.empty()) text += fmt::format(" (gone since {})", argument.last_seen);
      const std::string alias = argument.alias.empty() ? "" : fmt::format(", -{}", argument.alias);
      rows.push_back({fmt::format("--{}{}", argument.name, alias), std::move(text)});
    }
  }
  return rows;
}

struct Kind {
  std::string_view name;
  Rows (*rows)(const Invocation& invocation);
};
constexpr Kind kKinds[] = {
    {"models", models},
    {"gpus", gpus},
    {"formats", [](const Invocation&) { return described(trace_formats()); }},
    {"trace-writers", [](const Invocation&) { return described(trace_writers()); }},
    {"policies", [](const Invocation&) { return named(kSchedulingPolicies); }},
    {"routers", [](const Invocation&) { return named(kRouters); }},
    {"autoscalers", [](const Invocation&) { return words(autoscaler_names()); }},
    {"quantizations", [](const Invocation&) { return words(kQuantizations); }},
    {"release-changes", changes},
    {"vllm-versions", [](const Invocation&) { return words(vllm_releases()); }},
    {"limits", [](const Invocation&) { return words(slo_keys()); }},
    {"figures", figures},
    {"keys", [](const Invocation&) { return words(scenario_keys()); }},
    {"serve-arguments", [](const Invocation&) { return described(serve_arguments()); }},
    {"bench-arguments", [](const Invocation&) { return described(bench_arguments()); }},
    {"latency-models", [](const Invocation&) { return described(latency_models()); }},
};

std::string as_text(const Rows& rows) {
  std::size_t width = 0;
  for (const ListRow& row : rows) width = std::max(width, row.name.size());
  std::string text;
  for (const ListRow& row : rows) {
    text += row.description.empty() ? row.name + "\n"
                                    : fmt::format("{:<{}}  {}\n", row.name, width, row.description);
  }
  return text;
}

std::string as_json(const Rows& rows) {
  std::string text;
  JsonWriter json(text);
  json.begin_list();
  for (const ListRow& row : rows) {
    json.begin_object().member("name", row.name).member("description", row.description).end_object();
  }
  json.end_list();
  return text + "\n";
}

}  // namespace

ExitCode list_command(const Invocation& invocation) {
  const std::string& wanted = invocation.arguments[0];
  const auto kind = std::ranges::find(kKinds, wanted, &Kind::name);
  if (kind == std::end(kKinds)) {
    std::vector<std::string> names;
    for (const Kind& known : kKinds) names.emplace_back(known.name);
    throw InputError(ErrorKind::usage, Problem{.message = fmt::format("there is no list of `{}`", wanted),
                                               .expected = fmt::format("one of {}", fmt::join(names, ", ")),
                                               .got = wanted,
                                               .hint = did_you_mean(wanted, names)});
  }
  const Rows rows = kind->rows(invocation);
  if (json_wanted(invocation)) {
    write_to_stdout(as_json(rows));
  } else {
    show(as_text(rows));
  }
  return ExitCode::ok;
}

}  // namespace blis
