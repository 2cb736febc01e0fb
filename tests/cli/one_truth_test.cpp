// A figure that several outputs of one run show has one value there, and one name.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "scenarios/document.h"
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
  for (const json& limit : result_.at("slo")) {
    const std::string line =
        fmt::format("{} ({:.2f})", limit.at("verdict").get<std::string>(), limit.at("value").get<double>());
    EXPECT_NE(text_.find(line), std::string::npos) << line << "\n" << text_;
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
  for (const auto& [key, cell] : row_of(with({"compare", file(), "--output-format", "csv"}).out)) {
    if (!point.contains(key) || !point.at(key).is_number()) continue;
    EXPECT_EQ(json::parse(cell), point.at(key)) << key;
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
