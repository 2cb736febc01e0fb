// Our own JSONL: items of prompts, adapters, structured output.
#include <gtest/gtest.h>

#include <set>

#include "tests/workloads/read_requests.h"
#include "tests/workloads/temp_file.h"

namespace blis {
namespace {

constexpr const char* kRow = R"({"arrival_s": 0, "input_tokens": 100, "output_tokens": 5)";

TraceSpec served(const TempFile& file) {
  return {.path = file.path(), .encodes_items = true, .grammars = true, .adapters = {"sql", "chat"}};
}

TEST(RequestsTrace, ItemsStandInThePromptAndAreEqualByTheirHash) {
  const TempFile file(
      std::string(kRow) + R"(, "items": [{"offset": 10, "tokens": 40, "hash": "cat"}, )" +
      R"({"offset": 50, "tokens": 8, "hash": "dog"}], "lora": "chat", "structured_output": true, "prompt_logprobs": true, "cache_salt": "a"})" +
      "\n" + kRow + R"(, "items": [{"offset": 0, "tokens": 40, "hash": "cat"}]})" + "\n");
  const auto source = open_workload({.kind = served(file)});
  RequestSpec spec;
  ASSERT_TRUE(source->next(spec));
  EXPECT_EQ(spec.adapter, 2);
  EXPECT_TRUE(spec.structured_output);
  EXPECT_TRUE(spec.skip_cache_read);
  EXPECT_NE(spec.cache_salt, 0u);
  ASSERT_EQ(spec.items.size(), 2u);
  ASSERT_EQ(spec.prompt.size(), 4u) << "text, cat, dog, text";
  EXPECT_EQ(spec.prompt[0], (ContentRun{kPrivateContent, 10}));
  EXPECT_EQ(spec.prompt[1].tokens, 40);
  EXPECT_EQ(spec.prompt[3], (ContentRun{kPrivateContent, 42}));
  const std::uint64_t cat = spec.items[0].hash;
  EXPECT_EQ(spec.prompt[1].content, cat);
  ASSERT_TRUE(source->next(spec));
  EXPECT_EQ(spec.items[0], (MultimodalItem{0, 40, cat}));
  EXPECT_EQ(spec.adapter, 0);
  EXPECT_FALSE(spec.skip_cache_read);
  EXPECT_EQ(spec.cache_salt, 0u);
  EXPECT_FALSE(source->next(spec));
}

struct Broken {
  const char* rest;
  const char* message;
};

TEST(RequestsTrace, ContradictionsAreRefusedWhereTheyStand) {
  for (
      const Broken& broken : {
          Broken{R"(, "items": [{"offset": 70, "tokens": 40, "hash": "a"}]})",
                 "an item ends beyond its prompt"},
          Broken{
              R"(, "items": [{"offset": 10, "tokens": 40, "hash": "a"}, {"offset": 40, "tokens": 8, "hash": "b"}]})",
              "items overlap, or are not in order"},
          Broken{
              R"(, "items": [{"offset": 0, "tokens": 4, "hash": "a"}, {"offset": 4, "tokens": 8, "hash": "a"}]})",
              "another number of tokens"},
          Broken{R"(, "items": [{"offset": 0, "hash": "a"}]})", "tokens"},
          Broken{R"(, "items": [{"offset": 0, "tokens": 0, "hash": "a"}]})", "bad `tokens`"},
          Broken{R"(, "items": 7})", "bad `items`"},
          Broken{R"(, "lora": "sqk"})", "no adapter `sqk` is listed"},
          Broken{R"(, "structured_output": 1})", "bad `structured_output`"},
          Broken{R"(, "prompt_logprobs": "yes"})", "bad `prompt_logprobs`"},
          Broken{R"(, "prompt": "x"})", "unknown key `prompt`"},
      }) {
    const TempFile file(std::string(kRow) + broken.rest + "\n");
    const std::string error = trace_error(served(file));
    EXPECT_NE(error.find(broken.message), std::string::npos) << broken.rest << "\n" << error;
    EXPECT_NE(error.find(file.path() + ":1:"), std::string::npos) << error;
  }
}

TEST(RequestsTrace, WhatTheServerHasNotIsRefused) {
  const TempFile items(std::string(kRow) + R"(, "items": [{"offset": 0, "tokens": 4, "hash": "a"}]})" + "\n");
  EXPECT_NE(trace_error({.path = items.path()}).find("nothing encodes items of prompts"), std::string::npos);
  const TempFile structured(std::string(kRow) + R"(, "structured_output": true})" + "\n");
  EXPECT_NE(trace_error({.path = structured.path()}).find("wait for their grammar"), std::string::npos);
}

TEST(AzureTrace, ImagesAreItemsWhereTheyAreEncoded) {
  const auto source = open_workload(
      {.kind = TraceSpec{
           .path = fixture("azure2025_multimodal.csv"), .tokens_per_image = 1000, .encodes_items = true}});
  RequestSpec spec;
  std::set<std::uint64_t> hashes;
  std::size_t items = 0;
  while (source->next(spec)) {
    std::int32_t end = 0;
    for (const MultimodalItem& item : spec.items) {
      EXPECT_EQ(item.offset, end);
      EXPECT_EQ(item.tokens, 1000);
      end += item.tokens;
      hashes.insert(item.hash);
      ++items;
    }
    std::int32_t in_runs = 0;
    for (const ContentRun& run : spec.prompt) in_runs += run.tokens;
    EXPECT_EQ(in_runs, spec.items.empty() ? 0 : spec.prompt_tokens);
  }
  EXPECT_EQ(items, 6u);
  EXPECT_EQ(hashes.size(), 6u) << "no two images are the same";
}

}  // namespace
}  // namespace blis
