// A figure that several outputs of one run show has one value there, and one name.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "scenarios/document.h"
#include "sim/metrics.h"
#include "tests/cli/run_blis.h"
#include "tests/study/small_scenario.h"

namespace blis {
namespace {

using nlohmann::json;

class OneTruth : public testing::Test {
 protected:
  OneTruth() {
    folder_.write("a.yaml", small_scenario(250, "slo: { p99_ttft_ms: 60, mean_e2el_ms: 10000 }\n"));
    const Finished finished = with({"run", file(), "-o", folder_.path("out")});
    text_ = finished.out;
    result_ = json::parse(read_file(folder_.path("out/result.json"), "result"));
  }
  std::string file() const { return folder_.path("a.yaml"); }
  Finished with(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--data-dir", BLIS_SOURCE_DIR});
    const Finished finished = run_blis(arguments);
    EXPECT_EQ(finished.status, 0) << finished.err;
    return finished;
  }
  // By heading.
  static std::map<std::string, std::string> row_of(const std::string& csv) {
    std::istringstream lines(csv);
    std::string heads, cells, head, cell;
    std::getline(lines, heads);
    std::getline(lines, cells);
    std::istringstream head_of(heads), cell_of(cells);
    std::map<std::string, std::string> row;
    while (std::getline(head_of, head, ',')) {
      cell.clear();
      std::getline(cell_of, cell, ',');
      row[head] = cell;
    }
    return row;
  }
  // How many keys of result.json `other` has, after holding the values of each against the other.
  int same(const json& other, const std::string& where) const {
    int shared = 0;
    for (const auto& [key, value] : result_.items()) {
      if (!other.contains(key) || !(value.is_number() || value.is_null())) continue;
      ++shared;
      EXPECT_EQ(other.at(key), value) << where << ": " << key;
    }
    return shared;
  }

  TempFolder folder_;
  std::string text_;
  json result_;
};

constexpr int kFlatFigures = 50;  // 5 metrics x 8 statistics, counts and rates

TEST_F(OneTruth, OfRunItsJsonItsCsvAndVllmsJson) {
  EXPECT_GE(same(json::parse(with({"run", file(), "--output-format", "json"}).out), "json"), kFlatFigures);
  EXPECT_GE(same(json::parse(with({"run", file(), "--output-format", "vllm-json"}).out), "vllm-json"),
            kFlatFigures);
  int shared = 0;
  for (const auto& [key, cell] : row_of(with({"run", file(), "--output-format", "csv"}).out)) {
    ++shared;
    EXPECT_EQ(cell.empty() ? json() : json::parse(cell), result_.at(key)) << key;
  }
  EXPECT_GE(shared, kFlatFigures);
}

TEST_F(OneTruth, OfItsText) {
  const std::pair<const char*, const char*> metrics[] = {
      {"TTFT", "ttft"}, {"TPOT", "tpot"}, {"ITL", "itl"}, {"E2EL", "e2el"}, {"queue time", "queue"}};
  const std::pair<const char*, const char*> statistics[] = {
      {"Mean", "mean"}, {"Median", "median"}, {"P90", "p90"}, {"P95", "p95"}, {"P99", "p99"}};
  for (const auto& [name, key] : metrics) {
    for (const auto& [statistic, prefix] : statistics) {
      const std::string line = fmt::format("{:<40} {:.2f}", fmt::format("{} {} (ms):", statistic, name),
                                           result_.at(fmt::format("{}_{}_ms", prefix, key)).get<double>());
      EXPECT_NE(text_.find(line), std::string::npos) << line << "\n" << text_;
    }
  }
  const std::pair<const char*, const char*> rows[] = {
      {"TTFT (ms)", "ttft"}, {"TPOT (ms)", "tpot"}, {"E2E (ms)", "e2el"}};
  for (const auto& [name, key] : rows) {
    std::string row = fmt::format("\n{:<12}", name);
    for (const char* const statistic : {"mean", "median", "p90", "p99"}) {
      row += fmt::format("{:>12.2f}", result_.at(fmt::format("{}_{}_ms", statistic, key)).get<double>());
    }
    EXPECT_NE(text_.find(row), std::string::npos) << row << "\n" << text_;
  }
  for (const json& limit : result_.at("slo")) {
    const std::regex line(fmt::format(R"({} [<>]= {:g} +{} +{:.2f}\b)", limit.at("key").get<std::string>(),
                                      limit.at("limit").get<double>(), limit.at("verdict").get<std::string>(),
                                      limit.at("value").get<double>()));
    EXPECT_TRUE(std::regex_search(text_, line)) << limit << "\n" << text_;
  }
}

TEST_F(OneTruth, OfCompareInJsonAndCsv) {
  const json point = json::parse(with({"compare", file(), "--output-format", "json"}).out).at("points").at(0);
  EXPECT_GE(same(point, "compare"), kFlatFigures);
  for (const auto& [key, value] : result_.at("engine").items()) {
    if (!value.is_number() || !point.contains(key)) continue;
    EXPECT_EQ(point.at(key), value) << key;
  }
  EXPECT_EQ(point.at("slo"), result_.at("slo"));
  EXPECT_EQ(point.at("attribution"), result_.at("attribution"));
  for (const auto& [key, cell] : row_of(with({"compare", file(), "--output-format", "csv"}).out)) {
    if (!point.contains(key) || !point.at(key).is_number()) continue;
    EXPECT_EQ(json::parse(cell), point.at(key)) << key;
  }
}

TEST_F(OneTruth, OfWhereTheTimeGoesOverSeveralSeeds) {
  const json point = json::parse(with({"compare", file(), "--seeds", "0..2", "--output-format", "json"}).out)
                         .at("points")
                         .at(0);
  const json& split = point.at("attribution");
  EXPECT_EQ(split.at("requests"), 3 * 250);
  double sum = 0;
  for (const auto& [part, ms] : split.at("mean_ms").items()) sum += ms.get<double>();
  const double mean = point.at("mean_e2el_ms").get<double>();
  EXPECT_NEAR(sum, mean, 1e-9 * mean) << "the parts of all seeds make up the mean over them";
  const double from = point.at("p99_e2el_ms").get<double>();
  EXPECT_NEAR(split.at("tail").at("from_e2el_ms").get<double>(), from, 1e-9 * from);
}

// requests.csv by heading, a number a request; an empty cell is NaN.
std::map<std::string, std::vector<double>> columns_of(const std::string& csv) {
  std::istringstream lines(csv);
  std::string head, line, cell;
  std::getline(lines, head);
  std::vector<std::string> names;
  std::istringstream head_of(head);
  while (std::getline(head_of, cell, ',')) names.push_back(cell);
  std::map<std::string, std::vector<double>> columns;
  while (std::getline(lines, line)) {
    std::istringstream cells(line);
    for (const std::string& name : names) {
      cell.clear();
      std::getline(cells, cell, ',');
      const bool number = !cell.empty() && cell.find_first_not_of("0123456789.e-") == std::string::npos;
      columns[name].push_back(number ? std::stod(cell) : std::nan(""));
    }
  }
  return columns;
}

TEST_F(OneTruth, OfTheRowsOfItsRequests) {
  const auto columns = columns_of(read_file(folder_.path("out/requests.csv"), "requests"));
  for (const char* const metric : {"ttft_ms", "tpot_ms", "e2el_ms"}) {
    std::vector<double> values;
    for (const double value : columns.at(metric)) {
      if (!std::isnan(value)) values.push_back(value);
    }
    const Stats stats = stats_ms(values);
    for (const auto& [statistic, value] :
         {std::pair{"mean", stats.mean}, {"median", stats.median}, {"p90", stats.p90}, {"p99", stats.p99}}) {
      const std::string key = fmt::format("{}_{}", statistic, metric);
      EXPECT_NEAR(value, result_.at(key).get<double>(), 1e-9 * value) << key;
    }
  }
}

// Contradiction 1: the queue time is the time in the scheduler's queue, whoever says it; the wait for the
// running step is another part.
TEST_F(OneTruth, OfTheQueueTime) {
  const auto columns = columns_of(read_file(folder_.path("out/requests.csv"), "requests"));
  double queued = 0, parts = 0;
  for (std::size_t i = 0; i < columns.at("queued_ns").size(); ++i) {
    queued += columns.at("scheduled_ns")[i] - columns.at("queued_ns")[i];
    parts += columns.at("batch_wait_ns")[i] + columns.at("kv_wait_ns")[i];
  }
  EXPECT_EQ(queued, parts);
  const json& means = result_.at("attribution").at("mean_ms");
  const double queue_ms = result_.at("mean_queue_ms");
  EXPECT_NEAR(queue_ms, queued / 1e6 / static_cast<double>(columns.at("queued_ns").size()), 1e-9);
  EXPECT_NEAR(queue_ms, means.at("batch_wait").get<double>() + means.at("kv_wait").get<double>(), 1e-9);
  EXPECT_NE(text_.find(fmt::format("{:<40} {:.2f}", "Mean queue time (ms):", queue_ms)), std::string::npos);
  EXPECT_NE(text_.find(fmt::format("{:<40} {:.2f}", "  step wait:", means.at("step_wait").get<double>())),
            std::string::npos)
      << text_;
  EXPECT_EQ(text_.find("queue:"), std::string::npos) << text_;
}

TEST_F(OneTruth, OfExplainAndTheAttributionOfItsResult) {
  const json explained = json::parse(
      run_blis({"explain", folder_.path("out"), "--slowest", "250", "--output-format", "json"}).out);
  std::map<std::string, double> sums;
  for (const json& request : explained.at("requests")) {
    for (const auto& [part, ms] : request.at("parts_ms").items()) sums[part] += ms.get<double>();
  }
  const json& attribution = result_.at("attribution");
  const double requests = attribution.at("requests");
  EXPECT_EQ(explained.at("requests").size(), requests);
  for (const auto& [part, ms] : attribution.at("mean_ms").items()) {
    EXPECT_NEAR(sums.at(part) / requests, ms.get<double>(), 1e-6) << part;
  }
}

TEST_F(OneTruth, OfItsRequestsAsAMeasurement) {
  const json diff = json::parse(run_blis({"diff", folder_.path("out/requests.csv"), folder_.path("out"),
                                          "--output-format", "json", "--quiet"})
                                    .out);
  for (const json& difference : diff.at("differences")) {
    if (difference.at("a").is_null() || difference.at("b").is_null()) continue;
    EXPECT_NEAR(difference.at("relative").get<double>(), 0, 1e-6) << difference;
  }
}

TEST_F(OneTruth, OfItsReplicas) {
  with({"run", file(), "--replicas", "3", "-o", folder_.path("three")});
  const json result = json::parse(read_file(folder_.path("three/result.json"), "result"));
  for (const char* const key : {"completed", "total_input_tokens", "total_output_tokens"}) {
    std::int64_t sum = 0;
    for (const json& replica : result.at("replicas")) sum += replica.at(key).get<std::int64_t>();
    EXPECT_EQ(sum, result.at(key).get<std::int64_t>()) << key;
  }
  for (const char* const key : {"steps", "preemptions"}) {
    std::int64_t sum = 0;
    for (const json& replica : result.at("replicas")) sum += replica.at(key).get<std::int64_t>();
    EXPECT_EQ(sum, result.at("engine").at(key).get<std::int64_t>()) << key;
  }
}

TEST_F(OneTruth, OfItsMarkdown) {
  const std::string text = with({"run", file(), "--output-format", "markdown"}).out;
  for (const auto& [name, key] : {std::pair{"TTFT", "ttft"}, {"TPOT", "tpot"}, {"E2E", "e2el"}}) {
    std::string row = fmt::format("| {} |", name);
    for (const char* const statistic : {"mean", "median", "p90", "p95", "p99"}) {
      row += fmt::format(" {:.2f} |", result_.at(fmt::format("{}_{}_ms", statistic, key)).get<double>());
    }
    EXPECT_NE(text.find(row), std::string::npos) << row << "\n" << text;
  }
}

TEST_F(OneTruth, OfItsPageAndOfADiffWithItself) {
  const std::string page = with({"report", folder_.path("out"), "-o", "-"}).out;
  const std::string opening = "<script type=\"application/json\" id=\"data\">";
  const std::size_t from = page.find(opening);
  ASSERT_NE(from, std::string::npos);
  const std::size_t begin = from + opening.size();
  const json drawn = json::parse(page.substr(begin, page.find("</script>", begin) - begin));
  EXPECT_GE(same(drawn.at("result"), "page"), kFlatFigures);
  EXPECT_EQ(drawn.at("result").at("slo"), result_.at("slo"));
  EXPECT_EQ(run_blis({"diff", folder_.path("out"), folder_.path("out")}).out, "");
}

// Words that once said what another word says.
TEST_F(OneTruth, OfOneWordForAThing) {
  const std::string page = with({"report", folder_.path("out"), "-o", "-"}).out;
  const std::string table = with({"compare", file(), "--vary", "replicas=1,2"}).out;
  for (const char* const retired : {"missed", "slowest 1", "KV free", "free KV", "kv_headroom"}) {
    EXPECT_EQ(text_.find(retired), std::string::npos) << retired << "\n" << text_;
    EXPECT_EQ(table.find(retired), std::string::npos) << retired << "\n" << table;
    EXPECT_EQ(page.find(std::string(">") + retired), std::string::npos) << retired;
  }
}

}  // namespace
}  // namespace blis
