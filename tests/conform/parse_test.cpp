// What is not a vector is refused, in words; and nothing that a vector expects goes unchecked.
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "tests/conform/shipped_vectors.h"
#include "tests/oracle/subject.h"
#include "tools/conform/replay.h"

namespace blis::conform {
namespace {

std::string in_file(const std::string& vector) {
  return R"({"vectors": [)" + vector + "]}";
}

// What is said of a file, or of its first vector; empty if both can be read.
std::string refusal_of(const std::string& text) {
  try {
    const std::vector<Vector> vectors = parse_vectors(text, "file.json");
    const auto* unreadable = std::get_if<UnreadableVector>(&vectors.at(0).body);
    return unreadable ? InputError(ErrorKind::usage, unreadable->problems).what() : "";
  } catch (const InputError& e) {
    EXPECT_EQ(e.kind(), ErrorKind::usage);
    return e.what();
  }
}

struct Refused {
  const char* name;
  std::string text;
  const char* says;
};

class RefusedVector : public testing::TestWithParam<Refused> {};

TEST_P(RefusedVector, SaysWhy) {
  const std::string said = refusal_of(GetParam().text);
  EXPECT_NE(said.find(GetParam().says), std::string::npos) << said;
}

const char* const kRun =
    R"({"id": "v", "kind": "run", "config": {}, "requests": [{"id": 1, "prompt_len": 4}], "expect": {}})";

std::string run_with(std::string from, const std::string& to) {
  std::string text = kRun;
  return in_file(text.replace(text.find(from), from.size(), to));
}
std::string script_with(const std::string& op) {
  return in_file(R"({"id": "v", "kind": "script", "requests": [{"id": "1", "prompt_len": 4}], "ops": [)" +
                 op + "]}");
}

INSTANTIATE_TEST_SUITE_P(
    Vectors, RefusedVector,
    testing::Values(
        Refused{"syntax", "{\"vectors\": [\n  }", "file.json:2:3"},
        Refused{"twice", in_file(R"({"id": "v", "id": "w"})"), "appears twice"},
        Refused{"kind", in_file(R"({"id": "v", "kind": "dance"})"), "v.kind: is not one of its words"},
        Refused{"states_elsewhere",
                in_file(R"({"id": "v", "kind": "run", "config": {"enable_prefix_caching": false, "kv_groups":
                           [{"type": "full"}, {"type": "mamba", "mode": "none", "block_size": 256}]},
                           "requests": [{"id": 1, "prompt_len": 40, "remote_tokens": 16}], "expect": {}})"),
                "have KV elsewhere beside states"},
        Refused{"vector_key", run_with(R"("expect")", R"("bonus": 1, "expect")"), "unknown key `bonus`"},
        Refused{"config_key", run_with("{}", R"({"max_num_seq": 3})"), "did you mean `max_num_seqs`"},
        Refused{"config_range", run_with("{}", R"({"block_size": 0})"), "v.config.block_size"},
        Refused{"config_type", run_with("{}", R"({"block_size": "16"})"), "v.config.block_size"},
        Refused{"policy", run_with("{}", R"({"policy": "lottery"})"), "fcfs, priority"},
        Refused{"request_key", run_with(R"("prompt_len")", R"("prompt_length": 3, "prompt_len")"),
                "unknown key `prompt_length`"},
        Refused{"no_prompt", run_with(R"(, "prompt_len": 4)", ""), "has no prompt"},
        Refused{"two_prompts", run_with(R"("prompt_len")", R"("prompt_rle": [[1, 2]], "prompt_len")"),
                "more than one prompt"},
        Refused{"empty_prompt", run_with("4}", "0}"), "prompt_len"},
        Refused{"unknown_previous", run_with(R"("prompt_len": 4)", R"("continues": "nobody")"),
                "names a request `nobody`"},
        Refused{"same_id", run_with("4}", R"(4}, {"id": "1", "prompt_len": 4})"), "repeats an id"},
        Refused{"step_key", run_with(R"("expect": {})", R"("expect": {"steps": [{"step": 0, "mood": 1}]})"),
                "unknown key `mood`"},
        Refused{"outcome_key", run_with(R"("expect": {})", R"("expect": {"requests": {"1": {"fun": 1}}})"),
                "unknown key `fun`"},
        Refused{"operation", script_with(R"({"op": "jump"})"), "unknown operation `jump`"},
        Refused{"operation_key", script_with(R"({"op": "add", "id": "1", "twice": true})"),
                "unknown key `twice`"},
        Refused{"operation_id", script_with(R"({"op": "add", "id": "2"})"), "names a request `2`"},
        Refused{"expectation", script_with(R"({"op": "expect", "expect": {"tokens": {}}})"),
                "unknown key `tokens`"},
        Refused{"new_blocks", script_with(R"({"op": "kv_alloc", "id": "1", "n": 1, "new_blocks": "SOME3"})"),
                "new_blocks"},
        Refused{
            "queue_operation",
            in_file(
                R"({"id": "v", "kind": "queue", "num_blocks": 3, "ops": [["shuffle", 1]], "expect": {"popped": [], "order": []}})"),
            "unknown operation `shuffle`"}),
    [](const testing::TestParamInfo<Refused>& info) { return std::string(info.param.name); });

TEST(Parse, AFileThatIsNotThereIsAnInputOutputError) {
  try {
    read_vector_file("/nonexistent/vectors.json");
    ADD_FAILURE() << "was read";
  } catch (const InputError& e) {
    EXPECT_EQ(e.kind(), ErrorKind::io);
  }
}

TEST(Parse, EveryProblemOfAVectorIsReportedAtOnce) {
  const auto vectors = parse_vectors(
      run_with("{}", R"({"block_size": 0, "colour": "red", "policy": "lottery"})"), "file.json");
  EXPECT_EQ(std::get<UnreadableVector>(vectors.at(0).body).problems.size(), 3u);
}

TEST(Parse, AVectorThatCannotBeReadFailsAlone) {
  const std::string good = R"({"op": "add_all"}, {"op": "schedule", "expect": {"tokens": {"1": 4}}})";
  std::string text = script_with(good);
  text.insert(text.find('[') + 1, std::string(R"({"id": "odd", "kind": "run", "mood": 1},)"));
  const std::vector<Vector> vectors = parse_vectors(text, "file.json");
  ASSERT_EQ(vectors.size(), 2u);
  const ReplayVerdict odd = replay(vectors[0], oracle::subject());
  EXPECT_EQ(odd.id, "odd");
  EXPECT_NE(odd.difference.value_or("").find("unknown key `mood`"), std::string::npos);
  EXPECT_TRUE(replay(vectors[1], oracle::subject()).passed());
}

TEST(Parse, WhatIsForPeopleIsPassedOver) {
  EXPECT_EQ(refusal_of(R"({"made_by": "me", "vectors": [{"id": "v", "kind": "script", "note": "x", "seed": 1,
      "features": [], "trace": {}, "config": {"why": "y"}, "requests": [{"id": 1, "prompt_len": 4, "comment": ""}],
      "ops": [{"op": "add_all", "note": "z"}]}]})"),
            "");
}

struct Accepted {
  const char* name;
  std::string text;
};
class AcceptedVector : public testing::TestWithParam<Accepted> {};
TEST_P(AcceptedVector, IsRead) {
  EXPECT_EQ(refusal_of(GetParam().text), "");
}
INSTANTIATE_TEST_SUITE_P(
    Vectors, AcceptedVector,
    testing::Values(Accepted{"no_config", run_with("{}", "null")},
                    Accepted{"whole_float", run_with("{}", R"({"max_num_batched_tokens": 64.0})")},
                    Accepted{"switch_as_number", run_with("{}", R"({"enable_prefix_caching": 1})")},
                    Accepted{"no_outputs", run_with("4}", R"(4, "max_tokens": 0})")},
                    Accepted{"endless_outputs", run_with("4}", R"(4, "max_tokens": 4294967296})")},
                    Accepted{"label_as_number", script_with(R"({"op": "schedule", "label": 1})")},
                    Accepted{"refused_any",
                             script_with(R"({"op": "kv_alloc", "id": 1, "n": 1, "new_blocks": "ANY-1"})")},
                    Accepted{"way_to_finish",
                             script_with(R"({"op": "finish", "id": 1, "status": "FINISHED_REPETITION"})")}),
    [](const testing::TestParamInfo<Accepted>& info) { return std::string(info.param.name); });

// Places of all numbers and booleans in what a vector expects.
void collect_figures(const Json& json, const Json::json_pointer& at, bool expected,
                     std::vector<Json::json_pointer>& out) {
  if (json.is_structured()) {
    for (const auto& [key, value] : json.items()) {
      const bool inside =
          expected || key == "expect" || key == "hit_tokens" || key == "hit_blocks" || key == "new_blocks";
      collect_figures(value, json.is_array() ? at / std::stoul(key) : at / key, inside, out);
    }
  } else if (expected && (json.is_number_integer() || json.is_boolean())) {
    out.push_back(at);
  }
}

bool is_accepted(const std::string& file) {
  try {
    return replay(parse_vectors(file, "altered").at(0), oracle::subject()).passed();
  } catch (const InputError&) {
    return false;
  }
}

TEST(Replay, NoFigureOfAVectorCanChangeUnnoticed) {
  std::mt19937_64 dice(1);
  int changed = 0;
  for (const char* name : {"vectors.json", "golden.json"}) {
    std::ifstream file(std::string(BLIS_SOURCE_DIR) + "/tests/conform/" + name);
    const Json document = Json::parse(file);
    for (const Json& vector : document["vectors"]) {
      std::vector<Json::json_pointer> figures;
      collect_figures(vector, Json::json_pointer(), false, figures);
      for (int i = 0; i < 8 && !figures.empty(); ++i, ++changed) {
        const Json::json_pointer at = figures[dice() % figures.size()];
        Json altered = vector;
        Json& figure = altered[at];
        figure = figure.is_boolean() ? Json(!figure.get<bool>()) : Json(figure.get<int>() + 1);
        EXPECT_FALSE(is_accepted(in_file(altered.dump()))) << vector["id"] << " " << at;
      }
    }
  }
  EXPECT_GT(changed, 900);
}

TEST(Replay, TheFirstDifferenceIsNamed) {
  const std::vector<Vector> vectors = parse_vectors(
      script_with(
          R"({"op": "add_all"}, {"op": "schedule", "expect": {"tokens": {"1": 4}, "free_blocks": 1}})"),
      "f");
  EXPECT_EQ(to_string(replay(vectors.at(0), oracle::subject())),
            "FAIL v: op1(schedule).free_blocks: expected 1, got 9998");
}

TEST(Replay, AScriptThatNoSchedulerCanFollowFails) {
  const std::vector<Vector> vectors = parse_vectors(script_with(R"({"op": "update", "label": "x"})"), "f");
  EXPECT_EQ(to_string(replay(vectors.at(0), oracle::subject())),
            "FAIL v: op0(update): no schedule has the label `x`");
}

}  // namespace
}  // namespace blis::conform
