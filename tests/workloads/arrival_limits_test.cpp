// Traffic that is well formed and never comes, or never ends: refused where it is read, with its place.
#include <gtest/gtest.h>

#include <string>

#include "tests/workloads/read_requests.h"

namespace blis {
namespace {

using Curve = RateCurve::Kind;
using Process = ArrivalSpec::Process;

struct Impossible {
  const char* name;
  ArrivalSpec arrival;
  std::string place, message;
  bool for_a_time = false;  // `duration_s` of 10^9 instead of a number of requests
};

void PrintTo(const Impossible& i, std::ostream* out) {
  *out << i.name;
}

class ImpossibleArrivals : public ::testing::TestWithParam<Impossible> {};

TEST_P(ImpossibleArrivals, AreRefusedWithTheirPlace) {
  const Impossible& given = GetParam();
  SyntheticSpec spec{.arrival = given.arrival,
                     .clients = {{.input_tokens = {.value = 10}, .output_tokens = {.value = 10}}}};
  if (given.for_a_time) {
    spec.duration_s = 1e9;
  } else {
    spec.num_requests = 50;
  }
  const std::string error = error_of({.kind = spec});
  EXPECT_TRUE(error.starts_with(given.place + ": " + given.message)) << error;
}

INSTANTIATE_TEST_SUITE_P(
    All, ImpossibleArrivals,
    ::testing::Values(
        Impossible{"a_stage_of_10_to_the_15_requests",
                   {.process = Process::normalized_exponential, .stages = {{1e6, 1e9}}},
                   "workload.arrival.stages",
                   "this stage has more requests than a run can"},
        Impossible{"stages_without_a_request",
                   {.process = Process::normalized_exponential, .stages = {{0.001, 1}, {0.01, 10}}},
                   "workload.arrival.stages",
                   "no stage has a request"},
        Impossible{"a_request_in_a_million_years",
                   {.request_rate = 1e-14},
                   "workload.arrival.request_rate",
                   "this number is out of range"},
        Impossible{"states_that_change_all_the_time",
                   {.curve = {.kind = Curve::mmpp, .states = {{1, 1e-12}, {2, 1e-12}}}},
                   "workload.arrival.curve",
                   "the rate changes too often"},
        Impossible{"states_without_requests",
                   {.curve = {.kind = Curve::mmpp, .states = {{0, 1e9}, {1e-3, 1e-3}}}},
                   "workload.arrival.curve",
                   "hardly a request ever comes"},
        Impossible{"phases_that_change_all_the_time",
                   {.request_rate = 1, .curve = {.kind = Curve::on_off, .on_s = 1e-9, .off_s = 1e-9}},
                   "workload.arrival.curve",
                   "the rate changes too often"},
        Impossible{
            "random_phases_that_are_nearly_always_off",
            {.request_rate = 1, .curve = {.kind = Curve::on_off, .on_s = 1e-3, .off_s = 1e9, .random = true}},
            "workload.arrival.curve",
            "hardly a request ever comes"},
        Impossible{"a_day_of_a_nanosecond",
                   {.request_rate = 1, .curve = {.kind = Curve::diurnal, .period_s = 1e-9, .amplitude = 0.5}},
                   "workload.arrival.curve",
                   "the rate changes too often"},
        Impossible{
            "points_that_repeat_before_the_rate_rises",
            {.curve = {.kind = Curve::piecewise, .points = {{0, 0}, {10, 0}, {10, 5}}, .repeat_s = 10}},
            "workload.arrival.curve",
            "hardly a request ever comes"},
        Impossible{"more_requests_than_there_are_numbers",
                   {.request_rate = 1000},
                   "workload.duration_s",
                   "this is more requests than a run can have",
                   true},
        Impossible{"all_at_once_for_a_time",
                   {.process = Process::at_once},
                   "workload.duration_s",
                   "of requests that are all sent at once no duration bounds the number",
                   true}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(Arrivals, ThatAreRareOrChangeOftenStillCome) {
  const ArrivalSpec slow[] = {
      {.request_rate = 1e-6},
      {.curve = {.kind = Curve::mmpp, .states = {{0, 1e-3}, {10, 1e-3}}}},
      {.request_rate = 0.01, .curve = {.kind = Curve::on_off, .on_s = 0.01, .off_s = 3600}},
      {.curve = {.kind = Curve::piecewise, .points = {{0, 0}, {10, 0}, {10, 5}}, .repeat_s = 11}},
      {.process = Process::normalized_exponential, .stages = {{0.001, 10}, {10, 20}}}};
  for (const ArrivalSpec& arrival : slow) {
    const SyntheticSpec spec{.num_requests = 20,
                             .arrival = arrival,
                             .clients = {{.input_tokens = {.value = 10}, .output_tokens = {.value = 10}}}};
    if (arrival.stages.empty()) {
      EXPECT_EQ(read_workload({.kind = spec}).requests.size(), 20U);
    } else {
      EXPECT_EQ(error_of({.kind = spec}), "");
    }
  }
}

}  // namespace
}  // namespace blis
