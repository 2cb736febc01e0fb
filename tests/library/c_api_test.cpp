// The library from C: JSON in, JSON out.
#include <blis/blis.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace {

using nlohmann::json;

struct Answer {
  int status;
  json document;
};

json request(json more = json::object()) {
  json request{{"scenario", BLIS_SOURCE_DIR "/scenarios/chat.yaml"},
               {"set", {{"num-prompts", 40}}},
               {"data_folder", BLIS_SOURCE_DIR}};
  request.update(more);
  return request;
}

template <class Call>
Answer answer_of(Call call, const json& request) {
  char* text = nullptr;
  const int status = call(request.dump().c_str(), &text);
  Answer answer{status, text == nullptr ? json() : json::parse(text)};
  blis_free(text);
  return answer;
}
Answer simulated(const json& request) {
  return answer_of([](const char* r, char** a) { return blis_simulate(r, nullptr, nullptr, a); }, request);
}

TEST(CApi, SimulatesAPathOrAnObject) {
  const Answer path = simulated(request());
  EXPECT_EQ(path.status, BLIS_OK);
  EXPECT_EQ(path.document.at("completed"), 40);
  json object = json::parse(R"({"version": 1, "model": "llama-3.1-8b-instruct", "hardware": {"gpu": "H100"},
    "workload": {"kind": "synthetic", "num_requests": 7, "arrival": {"process": "at_once"},
    "input_tokens": {"distribution": "constant", "value": 10},
    "output_tokens": {"distribution": "constant", "value": 3}}})");
  const Answer other = simulated(
      {{"scenario", object}, {"data_folder", BLIS_SOURCE_DIR}, {"set", {{"engine.max_num_seqs", 2}}}});
  EXPECT_EQ(other.document.at("completed"), 7) << other.document;
}

TEST(CApi, FindsAWarmup) {
  const json busy = request({{"set", {{"num-prompts", 400}, {"request-rate", 40}}}, {"detect_warmup", true}});
  const Answer one = simulated(busy);
  EXPECT_EQ(one.status, BLIS_OK);
  EXPECT_NE(one.document.at("warnings").dump().find("warm-up"), std::string::npos) << one.document;
  const Answer grid =
      answer_of([](const char* r, char** a) { return blis_compare(r, nullptr, nullptr, a); }, busy);
  EXPECT_FALSE(grid.document.at("warmup").is_null()) << grid.document;
}

TEST(CApi, ComparesAndAnswersWithoutARun) {
  const json grid = request({{"vary", {{"engine.max_num_seqs", {8, 64}}}},
                             {"seeds", {0, 1}},
                             {"prices", {{"H100", 2.5}}},
                             {"objectives", {"gpus", "p99_ttft_ms"}},
                             {"stop_dominated", true}});
  const Answer compared =
      answer_of([](const char* r, char** a) { return blis_compare(r, nullptr, nullptr, a); }, grid);
  EXPECT_EQ(compared.status, BLIS_OK);
  EXPECT_EQ(compared.document.at("points").size(), 2U) << compared.document;
  EXPECT_EQ(compared.document.at("objectives")[0].at("key"), "gpus") << compared.document;
  const Answer step =
      answer_of(blis_step, {{"set", {{"model", "llama-3.1-8b-instruct"}, {"hardware.gpu", "H100"}}},
                            {"decode", {{32, 1024}}},
                            {"data_folder", BLIS_SOURCE_DIR}});
  EXPECT_GT(step.document.at("step_us"), 0) << step.document;
  const Answer model =
      answer_of(blis_model, {{"model", "llama-3.1-8b-instruct"}, {"data_folder", BLIS_SOURCE_DIR}});
  EXPECT_EQ(model.document.at("schema"), "blis-model/1") << model.document;
  const Answer trace = answer_of(blis_trace, {{"path", BLIS_SOURCE_DIR "/scenarios/traces/chat.csv"}});
  EXPECT_GT(trace.document.at("requests"), 0) << trace.document;
  EXPECT_STREQ(blis_version(),
               json::parse(std::string("\"") + blis_version() + "\"").get<std::string>().c_str());
}

TEST(CApi, AMistakeIsAStatusAndADocument) {
  const struct {
    json request;
    int status;
    const char* says;
  } cases[] = {
      {request({{"scenario", "nowhere.yaml"}}), BLIS_IO, "nowhere.yaml"},
      {request({{"set", {{"engine.max_num_sqs", 4}}}}), BLIS_USAGE, "max_num_sqs"},
      {request({{"set", {{"model", "llama-3.1-405b-instruct"}}}}), BLIS_INFEASIBLE, "GiB"},
      {request({{"detaled", true}}), BLIS_USAGE, "detaled"},
      {request({{"detailed", "yes"}}), BLIS_USAGE, "has a wrong type"},
      {json::array(), BLIS_USAGE, "this is no request"},
  };
  for (const auto& c : cases) {
    const Answer answer = simulated(c.request);
    EXPECT_EQ(answer.status, c.status) << answer.document;
    EXPECT_NE(answer.document.at("errors").dump().find(c.says), std::string::npos) << answer.document;
  }
  char* text = nullptr;
  EXPECT_EQ(blis_simulate("{ cut", nullptr, nullptr, &text), BLIS_USAGE);
  blis_free(text);
  EXPECT_EQ(blis_simulate(nullptr, nullptr, nullptr, nullptr), BLIS_USAGE);
}

TEST(CApi, ProgressIsToldAndCancels) {
  struct Seen {
    int calls = 0;
    std::uint64_t expected = 0;
  } seen;
  const auto progress = [](void* user, std::uint64_t, std::uint64_t expected) {
    auto& told = *static_cast<Seen*>(user);
    told.expected = expected;
    return ++told.calls == 2 ? 1 : 0;
  };
  char* text = nullptr;
  json long_run = json::parse(R"({"scenario": {"version": 1, "model": "llama-3.1-8b-instruct",
    "hardware": {"gpu": "H100"}, "workload": {"kind": "synthetic", "num_requests": 2000000,
    "arrival": {"process": "poisson", "request_rate": 10},
    "input_tokens": {"distribution": "constant", "value": 100},
    "output_tokens": {"distribution": "constant", "value": 30}}}})");
  long_run["data_folder"] = BLIS_SOURCE_DIR;
  EXPECT_EQ(blis_simulate(long_run.dump().c_str(), progress, &seen, &text), BLIS_CANCELLED);
  blis_free(text);
  EXPECT_EQ(seen.calls, 2);
  EXPECT_EQ(seen.expected, 2'000'000U);
}

}  // namespace
