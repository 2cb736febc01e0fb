#include "roofline/blackbox_model.h"

#include <gtest/gtest.h>

#include <vector>

#include "blis/error.hpp"

namespace blis {
namespace {

TEST(BlackboxModel, IsLinearInWhatTheBatchHolds) {
  const BlackboxModel model(
      {.step_us = 1000, .prefill_token_us = 20, .decode_token_us = 50, .context_token_us = 0.1});
  const PrefillChunk chunk[] = {{100, 0, true}};
  StepShape s;
  s.prefills = chunk;
  s.prefill_tokens = 100;
  s.decodes = s.decode_tokens = 4;
  s.decode_context = 4000;
  EXPECT_NEAR(model.step(s).total.count() * 1e6, 1000 + 2000 + 200 + 400, 1e-9);
  EXPECT_NEAR(model.step(StepShape{}).total.count() * 1e6, 1000, 1e-9);
  EXPECT_EQ(model.explain(s).cost.total, model.step(s).total);
}

TEST(BlackboxModel, RefusesCoefficientsThatMakeNoSense) {
  EXPECT_THROW(BlackboxModel({}), InputError);
  EXPECT_THROW(BlackboxModel({.step_us = -1}), InputError);
  EXPECT_THROW(BlackboxModel({.step_us = 1, .decode_token_us = 1.0 / 0.0}), InputError);
}

TEST(BlackboxFit, FindsTheCoefficientsThatMadeTheSteps) {
  std::vector<StepObservation> seen;
  for (int i = 0; i < 60; ++i) {
    const double prefill = i % 7 * 130, decodes = i % 11, context = decodes * (200 + i % 5 * 100);
    seen.push_back({prefill, decodes, context, 3000 + 15 * prefill + 40 * decodes + 0.05 * context});
  }
  const BlackboxFit fit = fit_blackbox(seen);
  EXPECT_NEAR(fit.coefficients.step_us, 3000, 1);
  EXPECT_NEAR(fit.coefficients.prefill_token_us, 15, 0.01);
  EXPECT_NEAR(fit.coefficients.decode_token_us, 40, 0.5);
  EXPECT_NEAR(fit.coefficients.context_token_us, 0.05, 0.001);
  EXPECT_LT(fit.median_error_percent, 0.01);
}

TEST(BlackboxFit, HoldsACoefficientAtZeroRatherThanBelow) {
  std::vector<StepObservation> seen;
  for (int i = 1; i < 30; ++i) seen.push_back({i * 10.0, i * 1.0, 0, 5000 + i * 100.0 - i * 1.0});
  const BlackboxFit fit = fit_blackbox(seen);
  EXPECT_GE(fit.coefficients.decode_token_us, 0);
  EXPECT_GE(fit.coefficients.prefill_token_us, 0);
}

TEST(BlackboxFit, NeedsStepsWithTimes) {
  EXPECT_THROW(fit_blackbox({}), InputError);
  const StepObservation zero[] = {{1, 1, 1, 0}, {2, 2, 2, 0}};
  EXPECT_THROW(fit_blackbox(zero), InputError);
}

}  // namespace
}  // namespace blis
