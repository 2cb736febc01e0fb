#include "tools/report/length_cells.h"

#include <gtest/gtest.h>

#include <cmath>

namespace blis {
namespace {

RequestRecord answered(std::int32_t input_tokens, double ttft_ms) {
  RequestRecord r;
  r.arrival = Time{};
  r.first_token = r.last_token = r.arrival + to_duration(Seconds{ttft_ms / 1000});
  r.input_tokens = input_tokens;
  r.output_tokens = 1;
  r.outcome = Outcome::completed;
  return r;
}

TEST(LengthCells, HoldARequestAsItIs) {
  LengthCells cells;
  cells.add(answered(1000, 50));
  EXPECT_EQ(cells.json(), nlohmann::ordered_json::parse(R"({"requests": 1, "cells": [[1000.0, 50.0, 1]]})"));
}

TEST(LengthCells, AreBoundedAndCountEachRequestOnce) {
  LengthCells cells;
  constexpr int kRequests = 20'000;
  double tokens = 0;
  for (int i = 0; i < kRequests; ++i) {
    const std::int32_t input = 1 + (i * 7919) % 50'000;
    tokens += input;
    cells.add(answered(input, 1 + (i * 104'729) % 9'000));
  }
  const nlohmann::ordered_json json = cells.json();
  EXPECT_LE(json.at("cells").size(), LengthCells::kMostCells);
  EXPECT_GT(json.at("cells").size(), LengthCells::kMostCells / 8);
  std::int64_t requests = 0;
  double sum = 0;
  for (const auto& cell : json.at("cells")) {
    requests += cell[2].get<std::int64_t>();
    sum += cell[0].get<double>() * cell[2].get<double>();
  }
  EXPECT_EQ(requests, kRequests);
  EXPECT_NEAR(sum, tokens, 1e-6 * tokens);
}

}  // namespace
}  // namespace blis
