// Every mistake a scenario can hold, once, with its place.
#include <gtest/gtest.h>

#include "problems.h"
#include "scenarios/scenario.h"

namespace blis {
namespace {

// Lines 1 to 8; what a case adds begins at line 9.
constexpr const char* kBase =
    "version: 1\n"
    "model: llama-3.1-8b-instruct\n"
    "hardware: { gpu: H100 }\n"
    "workload:\n"
    "  kind: synthetic\n"
    "  num_requests: 10\n"
    "  input_tokens: { distribution: constant, value: 100 }\n"
    "  output_tokens: { distribution: constant, value: 10 }\n";
constexpr const char* kArrival = "  arrival: { process: poisson, request_rate: 1 }\n";

std::vector<std::string> heads(const std::string& text) {
  return said_by([&] { parse_settings(text, "s.yaml", ""); }).heads;
}

struct ScenarioMistake {
  const char* name;
  std::string text;
  std::vector<std::string> heads;
};
void PrintTo(const ScenarioMistake& mistake, std::ostream* out) {
  *out << mistake.name;
}

class ScenarioMistakes : public testing::TestWithParam<ScenarioMistake> {};

TEST_P(ScenarioMistakes, AreNamedWithTheirPlace) {
  EXPECT_EQ(heads(GetParam().text), GetParam().heads);
}

std::string with(const std::string& more) {
  return std::string(kBase) + kArrival + more;
}

INSTANTIATE_TEST_SUITE_P(
    Settings, ScenarioMistakes,
    testing::Values(
        ScenarioMistake{"empty", "", {"s.yaml: an empty scenario"}},
        ScenarioMistake{"only_remarks", "# nothing\n", {"s.yaml: an empty scenario"}},
        ScenarioMistake{"a_list", "- 1\n", {"s.yaml:1:1: not a scenario"}},
        ScenarioMistake{"nothing_required_is_there",
                        "name: x\n",
                        {"s.yaml:1:1: missing key `version`", "s.yaml:1:1: missing key `model`",
                         "s.yaml:1:1: missing section `hardware`", "s.yaml:1:1: missing section `workload`"}},
        ScenarioMistake{"other_version",
                        "version: 2\nmodel: m\nhardware: {gpu: g}\nworkload: {kind: trace, path: x}\n",
                        {"s.yaml:1:10: `version` has a wrong value"}},
        ScenarioMistake{"no_gpu",
                        "version: 1\nmodel: m\nhardware: {}\nworkload: {kind: trace, path: x}\n",
                        {"s.yaml:3:1: missing key `hardware.gpu`"}},
        ScenarioMistake{"unknown_key", with("engin: {}\n"), {"s.yaml:10:1: unknown key `engin`"}},
        ScenarioMistake{"unknown_nested_key",
                        with("engine:\n  tensor_paralel_size: 4\n"),
                        {"s.yaml:11:3: unknown key `tensor_paralel_size`"}},
        ScenarioMistake{"duplicate", with("seed: 1\nseed: 2\n"), {"s.yaml:11:1: duplicate key `seed`"}},
        ScenarioMistake{"octal", with("seed: 010\n"), {"s.yaml:10:7: `seed` has a wrong value"}},
        ScenarioMistake{"hexadecimal", with("seed: 0x10\n"), {"s.yaml:10:7: `seed` has a wrong value"}},
        ScenarioMistake{"negative", with("replicas: -1\n"), {"s.yaml:10:11: `replicas` has a wrong value"}},
        ScenarioMistake{"not_a_number",
                        with("engine: {gpu_memory_utilization: .nan}\n"),
                        {"s.yaml:10:34: `engine.gpu_memory_utilization` has a wrong value"}},
        ScenarioMistake{"above_one",
                        with("engine: {gpu_memory_utilization: 90}\n"),
                        {"s.yaml:10:34: `engine.gpu_memory_utilization` has a wrong value"}},
        ScenarioMistake{"unit_in_value",
                        with("slo: {p99_ttft_ms: 500ms}\n"),
                        {"s.yaml:10:20: `slo.p99_ttft_ms` has a wrong value"}},
        ScenarioMistake{"not_a_boolean",
                        with("engine: {enable_prefix_caching: yes}\n"),
                        {"s.yaml:10:33: `engine.enable_prefix_caching` has a wrong value"}},
        ScenarioMistake{"unknown_policy",
                        with("engine: {scheduling_policy: lifo}\n"),
                        {"s.yaml:10:29: `engine.scheduling_policy` has a wrong value"}},
        ScenarioMistake{"unknown_router",
                        with("router: {policy: roundrobin}\n"),
                        {"s.yaml:10:18: `router.policy` has a wrong value"}},
        ScenarioMistake{
            "section_as_value", with("engine: fast\n"), {"s.yaml:10:9: `engine` has a wrong value"}},
        ScenarioMistake{"two_warmups",
                        with("warmup: {requests: 1, duration_s: 2}\n"),
                        {"s.yaml:10:35: `warmup` has both `requests` and `duration_s`"}},
        ScenarioMistake{"attainment_of_nothing",
                        with("slo: {goodput: {attainment: 0.9}}\n"),
                        {"s.yaml:10:29: `slo.goodput.attainment` needs something to attain"}},
        ScenarioMistake{
            "unknown_slo", with("slo: {p98_ttft_ms: 1}\n"), {"s.yaml:10:7: unknown key `p98_ttft_ms`"}},
        ScenarioMistake{
            "too_few_acceptance_rates",
            with("engine: {speculative: {method: eagle, num_speculative_tokens: 2, acceptance: [0.8]}}\n"),
            {"s.yaml:10:66: `engine.speculative.acceptance` needs one rate for each draft position"}},
        ScenarioMistake{
            "rising_acceptance",
            with("engine: {speculative: {method: eagle, num_speculative_tokens: 2, acceptance: [0.5, "
                 "0.8]}}\n"),
            {"s.yaml:10:66: a draft is accepted only after those before it, so acceptance rates cannot "
             "rise"}},
        ScenarioMistake{
            "acceptance_above_one",
            with(
                "engine: {speculative: {method: eagle, num_speculative_tokens: 2, acceptance: [0.8, 60]}}\n"),
            {"s.yaml:10:84: `engine.speculative.acceptance` has a wrong value"}},
        ScenarioMistake{
            "no_acceptance",
            with("engine: {speculative: {method: eagle, num_speculative_tokens: 2}}\n"),
            {"s.yaml:10:10: `engine.speculative.acceptance` needs one rate for each draft position"}},
        ScenarioMistake{"several_at_once",
                        with("seed: x\nreplicas: 0\nfoo: 1\n"),
                        {"s.yaml:10:7: `seed` has a wrong value",
                         "s.yaml:11:11: `replicas` has a wrong value", "s.yaml:12:1: unknown key `foo`"}}),
    [](const auto& info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Workloads, ScenarioMistakes,
    testing::Values(
        ScenarioMistake{"no_arrival", kBase, {"s.yaml:4:1: `workload.arrival`: there is no `arrival`"}},
        ScenarioMistake{"unknown_kind",
                        "version: 1\nmodel: m\nhardware: {gpu: g}\nworkload: {kind: tracee, path: x}\n",
                        {"s.yaml:4:18: `workload.kind` has a wrong value"}},
        ScenarioMistake{"trace_without_path",
                        "version: 1\nmodel: m\nhardware: {gpu: g}\nworkload: {kind: trace}\n",
                        {"s.yaml:4:1: missing key `workload.path`"}},
        ScenarioMistake{
            "unknown_format",
            "version: 1\nmodel: m\nhardware: {gpu: g}\nworkload: {kind: trace, path: x, format: azur}\n",
            {"s.yaml:4:42: `workload.format` has a wrong value"}},
        ScenarioMistake{
            "time_scale_zero",
            "version: 1\nmodel: m\nhardware: {gpu: g}\nworkload: {kind: trace, path: x, time_scale: 0}\n",
            {"s.yaml:4:46: `workload.time_scale` has a wrong value"}},
        ScenarioMistake{
            "window_backwards",
            "version: 1\nmodel: m\nhardware: {gpu: g}\nworkload: {kind: trace, path: x, start_s: 9, "
            "end_s: 3}\n",
            {"s.yaml:4:53: `workload.end_s`: this number is out of range"}},
        ScenarioMistake{
            "synthetic_keys_in_a_trace",
            "version: 1\nmodel: m\nhardware: {gpu: g}\nworkload: {kind: trace, path: x, num_requests: 5}\n",
            {"s.yaml:4:34: unknown key `num_requests`"}},
        ScenarioMistake{"rate_zero",
                        std::string(kBase) + "  arrival: { process: poisson, request_rate: 0 }\n",
                        {"s.yaml:9:46: `workload.arrival.request_rate` has a wrong value"}},
        ScenarioMistake{"rate_missing",
                        std::string(kBase) + "  arrival: { process: poisson }\n",
                        {"s.yaml:9:3: missing key `workload.arrival.request_rate`"}},
        ScenarioMistake{"unknown_process_says_nothing_of_its_keys",
                        std::string(kBase) + "  arrival: { process: gama, request_rate: 1, burstiness: 2 }\n",
                        {"s.yaml:9:23: `workload.arrival.process` has a wrong value"}},
        ScenarioMistake{
            "key_of_another_process",
            std::string(kBase) + "  arrival: { process: poisson, request_rate: 1, burstiness: 2 }\n",
            {"s.yaml:9:49: unknown key `burstiness`"}},
        ScenarioMistake{
            "two_ends", with("  duration_s: 5\n"), {"s.yaml:10:15: a synthetic workload has two ends"}},
        ScenarioMistake{
            "number_for_a_distribution",
            "version: 1\nmodel: m\nhardware: {gpu: g}\nworkload:\n  kind: synthetic\n  num_requests: 1\n"
            "  arrival: {process: at_once}\n  input_tokens: 512\n  output_tokens: {distribution: "
            "constant, value: 1}\n",
            {"s.yaml:8:17: `workload.input_tokens` has a wrong value"}},
        ScenarioMistake{
            "mean_missing",
            "version: 1\nmodel: m\nhardware: {gpu: g}\nworkload:\n  kind: synthetic\n  num_requests: 1\n"
            "  arrival: {process: at_once}\n  input_tokens: {distribution: normal, stddev: 1}\n  "
            "output_tokens: {distribution: constant, value: 1}\n",
            {"s.yaml:8:3: missing key `workload.input_tokens.mean`"}},
        ScenarioMistake{
            "bounds_missing",
            "version: 1\nmodel: m\nhardware: {gpu: g}\nworkload:\n  kind: synthetic\n  num_requests: 1\n"
            "  arrival: {process: at_once}\n  input_tokens: {distribution: uniform, min: 1}\n  "
            "output_tokens: {distribution: constant, value: 1}\n",
            {"s.yaml:8:3: missing key `workload.input_tokens.max`"}},
        ScenarioMistake{
            "output_of_zero",
            "version: 1\nmodel: m\nhardware: {gpu: g}\nworkload:\n  kind: synthetic\n  num_requests: 1\n"
            "  arrival: {process: at_once}\n  input_tokens: {distribution: constant, value: 5}\n  "
            "output_tokens: {distribution: constant, value: 0}\n",
            {"s.yaml:9:50: `workload.output_tokens.value`: this number is out of range"}},
        ScenarioMistake{
            "clients_without_a_name",
            "version: 1\nmodel: m\nhardware: {gpu: g}\nworkload:\n  kind: synthetic\n  num_requests: 1\n"
            "  arrival: {process: at_once}\n  clients:\n  - input_tokens: {distribution: constant, "
            "value: 5}\n"
            "    output_tokens: {distribution: constant, value: 5}\n",
            {"s.yaml:9:5: missing key `workload.clients.0.name`"}},
        ScenarioMistake{
            "shares_beyond_one",
            "version: 1\nmodel: m\nhardware: {gpu: g}\nworkload:\n  kind: synthetic\n  num_requests: 1\n"
            "  arrival: {process: at_once}\n  clients:\n"
            "  - {name: a, share: 0.8, input_tokens: {distribution: constant, value: 5}, output_tokens: "
            "{distribution: constant, value: 5}}\n"
            "  - {name: b, share: 0.8, input_tokens: {distribution: constant, value: 5}, output_tokens: "
            "{distribution: constant, value: 5}}\n",
            {"s.yaml:8:3: `workload.clients`: the shares of the clients do not add up to 1"}}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(ScenarioFile, AFileThatIsNotThereIsAnIoError) {
  const Said said = said_by([] { read_settings("no/such/scenario.yaml"); });
  EXPECT_EQ(said.kind, ErrorKind::io);
  EXPECT_EQ(said.all,
            "no/such/scenario.yaml: cannot read the scenario\n  expected: a readable file\n"
            "  got:      No such file or directory\n  hint:     check the path; it is taken as given");
}

TEST(ScenarioFile, ADirectoryIsNoScenario) {
  EXPECT_NE(said_by([] { read_settings("/"); }).all.find("got:      a directory"), std::string::npos);
}

}  // namespace
}  // namespace blis
