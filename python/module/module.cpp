// blisim._core: the library's functions as they are. What Python adds (overrides by name, frames, notebooks)
// is written in Python, in python/src/blisim.
#include "python/module/arrays.h"
#include "python/module/calls.h"
#include "scenarios/scenario_keys.h"
#include "sim/request.h"

namespace blis::python {
namespace {

Scenario scenario_of(const std::string& path, const std::string& text, const Pairs& settings) {
  const std::vector<Setting> all = settings_of(settings);
  return path.empty() ? parse_scenario(text, "scenario", "", all) : read_scenario(path, all);
}

// What a function of Python's gave, as the library takes it.
template <class T>
T answer_of(const char* function, const char* expected, const py::object& answer) {
  try {
    return answer.cast<T>();
  } catch (const py::cast_error&) {
    throw InputError(ErrorKind::usage, {.place = {function},
                                        .message = "what it gave has a wrong type",
                                        .expected = expected,
                                        .got = py::repr(answer).cast<std::string>()});
  }
}

// Functions of Python's as the library calls them, from its own thread.
Plugins plugins_of(const py::object& step_time, const py::object& next_request, const py::object& choose) {
  Plugins plugins;
  if (!step_time.is_none()) {
    plugins.step_time = [step_time](const PricedWork& work) {
      const py::gil_scoped_acquire lock;
      return answer_of<double>("step_time", "seconds, as a number", step_time(work));
    };
  }
  if (!next_request.is_none()) {
    plugins.next_request = [next_request]() -> std::optional<SentRequest> {
      const py::gil_scoped_acquire lock;
      const py::object request = next_request();
      if (request.is_none()) return std::nullopt;
      using Row = std::tuple<double, std::int64_t, std::int64_t, std::uint64_t, std::int32_t>;
      const auto [arrival_s, input, output, session, priority] = answer_of<Row>(
          "requests", "(arrival_s, input_tokens, output_tokens[, session[, priority]])", request);
      return SentRequest{.arrival_s = arrival_s,
                         .input_tokens = input,
                         .output_tokens = output,
                         .session = session,
                         .priority = priority};
    };
  }
  if (!choose.is_none()) {
    plugins.choose_replica = [choose](const RoutedRequest& request, std::span<const ReplicaState> replicas) {
      const py::gil_scoped_acquire lock;
      return answer_of<std::size_t>(
          "router", "the index of a replica",
          choose(request, std::vector<ReplicaState>(replicas.begin(), replicas.end())));
    };
  }
  return plugins;
}

Report run(const Scenario& scenario, const std::string& data, bool detailed, bool detect_warmup,
           const py::object& show, const py::object& step_time, const py::object& next_request,
           const py::object& choose) {
  Watched watched;
  SimulateOptions options{.data_folder = data, .detect_warmup = detect_warmup};
  if (detailed) options.steps_for = StepsFor::themselves;
  options.progress = [&](const Progress& progress) {
    watched.finished = progress.finished;
    watched.expected = progress.expected.value_or(0);
    return !watched.stop;
  };
  std::optional<Report> report;
  const Plugins plugins = plugins_of(step_time, next_request, choose);
  run_interruptibly(watched, show, [&] { report = simulate(scenario, plugins, options); });
  return *std::move(report);
}

// What Python gives of a comparison, in one value that can be sent to another machine.
struct Grid {
  std::string path;
  std::vector<std::pair<std::string, std::vector<std::string>>> vary;
  Pairs set;
  std::vector<std::uint64_t> seeds;
  std::vector<std::pair<std::string, double>> prices;
  std::string find;
  std::string data;
  int threads = 0;
  bool detect_warmup = false;
  std::vector<std::string> objectives;
  bool stop_dominated = false;

  std::vector<Variation> variations() const {
    std::vector<Variation> all;
    for (const auto& [key, values] : vary) all.push_back({key, values});
    return all;
  }
  CompareOptions options(Watched& watched, const std::string& folder, bool resume) const {
    CompareOptions options{.data_folder = data,
                           .set = settings_of(set),
                           .seeds = seeds,
                           .prices = prices,
                           .find = find,
                           .threads = threads,
                           .going_on = [&watched] { return !watched.stop; },
                           .progress =
                               [&watched](std::size_t finished, std::size_t expected) {
                                 watched.finished = finished;
                                 watched.expected = expected;
                               },
                           .folder = folder,
                           .resume = resume,
                           .detect_warmup = detect_warmup,
                           .objectives = objectives,
                           .stop_dominated = stop_dominated};
    return options;
  }
};

Comparison compare_grid(const Grid& grid, const std::string& folder, bool resume, const py::object& show) {
  Watched watched;
  std::optional<Comparison> comparison;
  run_interruptibly(watched, show, [&] {
    comparison = compare(grid.path, grid.variations(), grid.options(watched, folder, resume));
  });
  return *std::move(comparison);
}

bool run_part(const Grid& grid, std::size_t index, std::size_t count, const std::string& folder,
              const py::object& show) {
  Watched watched;
  bool complete = false;
  run_interruptibly(watched, show, [&] {
    complete = compare_shard(grid.path, grid.variations(), index, count, grid.options(watched, folder, true));
  });
  return complete;
}

Comparison merge(const Grid& grid, const std::vector<std::string>& folders, const std::string& folder) {
  Watched watched;
  std::optional<Comparison> comparison;
  run_interruptibly(watched, py::none(), [&] {
    comparison = merge_shards(grid.path, grid.variations(), folders, grid.options(watched, folder, true));
  });
  return *std::move(comparison);
}

std::vector<std::string> outcome_names() {
  std::vector<std::string> names;
  for (int i = 0; i < kOutcomes; ++i) names.emplace_back(to_string(static_cast<Outcome>(i)));
  return names;
}

}  // namespace
}  // namespace blis::python

PYBIND11_MODULE(_core, module) {
  using namespace blis;          // NOLINT(google-build-using-namespace)
  using namespace blis::python;  // NOLINT(google-build-using-namespace)
  namespace py = pybind11;
  using py::arg;

  const py::module_ errors = py::module_::import("blisim.errors");
  module.attr("Error") = errors.attr("Error");
  module.attr("Problem") = errors.attr("Problem");
  register_errors(module);

  module.def("version", [] { return std::string(version()); });
  module.def("figure_keys", &Report::figure_keys);
  module.def("scenario_keys", &scenario_keys);
  module.def("outcome_names", &outcome_names);

  py::class_<Scenario>(module, "Scenario")
      .def_property_readonly("name", &Scenario::name)
      .def("to_json", [](const Scenario& scenario) { return to_json(scenario); })
      .def("to_yaml",
           [](const Scenario& scenario, const std::string& folder) { return to_yaml(scenario, folder); });
  module.def("scenario", &scenario_of, arg("path"), arg("text"), arg("settings"));

  py::class_<Report>(module, "Report")
      .def("figure", [](const Report& report, const std::string& key) { return report.figure(key); })
      .def_property_readonly("warnings", &Report::warnings)
      .def_property_readonly("interrupted", &Report::interrupted)
      .def_property_readonly("meets_slo", &Report::meets_slo)
      .def_property_readonly("requests", &requests_of)
      .def("to_text", [](const Report& report) { return to_text(report); })
      .def("to_json", [](const Report& report, bool detailed) { return to_json(report, detailed); })
      .def("to_vllm_json", [](const Report& report, bool detailed) { return to_vllm_json(report, detailed); })
      .def("to_csv", [](const Report& report) { return to_csv(report); })
      .def("save",
           [](const Report& report, const std::string& folder, bool force) { save(report, folder, force); });
  module.def("simulate", &run, arg("scenario"), arg("data"), arg("detailed"), arg("detect_warmup"),
             arg("show"), arg("step_time"), arg("next_request"), arg("choose_replica"));
  py::class_<PricedWork>(module, "PricedWork")
      .def_readonly("prefills", &PricedWork::prefills)
      .def_readonly("prefill_tokens", &PricedWork::prefill_tokens)
      .def_readonly("prefill_context", &PricedWork::prefill_context)
      .def_readonly("decodes", &PricedWork::decodes)
      .def_readonly("decode_tokens", &PricedWork::decode_tokens)
      .def_readonly("decode_context", &PricedWork::decode_context);
  py::class_<RoutedRequest>(module, "RoutedRequest")
      .def_readonly("arrival_s", &RoutedRequest::arrival_s)
      .def_readonly("input_tokens", &RoutedRequest::input_tokens)
      .def_readonly("session", &RoutedRequest::session);
  py::class_<ReplicaState>(module, "ReplicaState")
      .def_readonly("requests", &ReplicaState::requests)
      .def_readonly("prompt_tokens", &ReplicaState::prompt_tokens);

  py::class_<Grid>(module, "Grid")
      .def(py::init([](std::string path, std::vector<std::pair<std::string, std::vector<std::string>>> vary,
                       Pairs set, std::vector<std::uint64_t> seeds,
                       std::vector<std::pair<std::string, double>> prices, std::string find, std::string data,
                       int threads, bool detect_warmup, std::vector<std::string> objectives,
                       bool stop_dominated) {
             return Grid{.path = std::move(path),
                         .vary = std::move(vary),
                         .set = std::move(set),
                         .seeds = std::move(seeds),
                         .prices = std::move(prices),
                         .find = std::move(find),
                         .data = std::move(data),
                         .threads = threads,
                         .detect_warmup = detect_warmup,
                         .objectives = std::move(objectives),
                         .stop_dominated = stop_dominated};
           }),
           arg("path"), arg("vary"), arg("set"), arg("seeds"), arg("prices"), arg("find"), arg("data"),
           arg("threads"), arg("detect_warmup"), arg("objectives"), arg("stop_dominated"));
  py::class_<Comparison>(module, "Comparison")
      .def("to_text",
           [](const Comparison& comparison, std::size_t width) { return to_text(comparison, width); })
      .def("to_json", [](const Comparison& comparison) { return to_json(comparison); })
      .def("to_csv", [](const Comparison& comparison) { return to_csv(comparison); })
      .def("save", [](const Comparison& comparison, const std::string& folder, bool force) {
        save(comparison, folder, force);
      });
  module.def("report_page", &report_page, arg("folder"));
  module.def("compare", &compare_grid, arg("grid"), arg("folder"), arg("resume"), arg("show"));
  module.def("compare_shard", &run_part, arg("grid"), arg("index"), arg("count"), arg("folder"), arg("show"));
  module.def("merge", &merge, arg("grid"), arg("folders"), arg("folder"));

  module.def(
      "step",
      [](const Pairs& settings, const std::vector<std::pair<std::int64_t, std::int64_t>>& prefills,
         const std::vector<std::pair<std::int64_t, std::int64_t>>& decodes, const std::string& data) {
        StepBatch batch;
        for (const auto& [tokens, context] : prefills) batch.prefills.push_back({tokens, context});
        for (const auto& [sequences, context] : decodes) batch.decodes.push_back({sequences, context});
        return step_json(settings_of(settings), batch, data);
      },
      arg("settings"), arg("prefills"), arg("decodes"), arg("data"));
  module.def(
      "model",
      [](const std::string& model, const Pairs& settings, const std::vector<std::int64_t>& lengths,
         const std::string& data) { return model_json(model, settings_of(settings), lengths, data); },
      arg("model"), arg("settings"), arg("sequence_lengths"), arg("data"));
  module.def(
      "inspect_trace",
      [](const std::string& path, const Pairs& settings) { return trace_json(path, settings_of(settings)); },
      arg("path"), arg("settings"));
}
