// Prompt lengths against times to first token, gathered in cells so that a page can show any number of
// requests.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "sim/request.h"

namespace blis {

class LengthCells {
 public:
  static constexpr std::size_t kMostCells = 1200;

  // A request with a full answer.
  void add(const RequestRecord& request);

  // {"requests": 400, "cells": [[input tokens, TTFT in ms, requests], ...]}: means of the requests of a cell.
  // Cells are equal in the logarithms of both, and as small as there may be so many of them.
  nlohmann::ordered_json json() const;

 private:
  struct Sample {
    std::int32_t input_tokens;
    float ttft_ms;
  };
  std::vector<Sample> samples_;
};

}  // namespace blis
