#include "workloads/workload_fit.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "tests/workloads/read_requests.h"
#include "tests/workloads/temp_file.h"
#include "workloads/arrivals.h"
#include "workloads/length_fit.h"
#include "workloads/random.h"
#include "workloads/renewal_fit.h"
#include "workloads/sampler.h"
#include "workloads/trace_stats.h"
#include "workloads/trace_writer.h"

namespace blis {
namespace {

using Process = ArrivalSpec::Process;
using Kind = Distribution::Kind;

std::vector<double> gaps(const ArrivalSpec& spec, int n = 20'000) {
  Arrivals arrivals(spec, 7, 0, std::nullopt, std::nullopt);
  std::vector<double> all;
  double last = arrivals.next();
  for (int i = 0; i < n; ++i) {
    const double t = arrivals.next();
    all.push_back(t - last);
    last = t;
  }
  return all;
}

TEST(RenewalFit, FindsTheProcessAndParameterThatMadeTheGaps) {
  const RenewalFit gamma =
      fit_renewal(gaps({.process = Process::gamma, .request_rate = 5, .burstiness = 0.3}));
  EXPECT_EQ(gamma.arrival.process, Process::gamma);
  EXPECT_NEAR(gamma.arrival.burstiness, 0.3, 0.01);
  EXPECT_NEAR(gamma.arrival.request_rate, 5, 0.15);
  EXPECT_LT(gamma.distance, 0.01);

  const RenewalFit weibull =
      fit_renewal(gaps({.process = Process::weibull, .request_rate = 5, .shape = 0.4}));
  EXPECT_EQ(weibull.arrival.process, Process::weibull);
  EXPECT_NEAR(weibull.arrival.shape, 0.4, 0.01);

  const RenewalFit constant = fit_renewal(gaps({.process = Process::constant, .request_rate = 5}));
  EXPECT_EQ(constant.arrival.process, Process::constant);
  EXPECT_NEAR(constant.arrival.request_rate, 5, 1e-6);

  EXPECT_LT(fit_renewal(gaps({.process = Process::poisson, .request_rate = 5})).distance, 0.01);
}

TEST(RenewalFit, SurvivesGapsOfZero) {
  std::vector<double> bursts(900, 0.0);
  bursts.resize(1000, 3.0);
  const RenewalFit fit = fit_renewal(bursts);
  EXPECT_NEAR(fit.arrival.request_rate, 1 / 0.3, 1e-6);
  EXPECT_GT(fit.distance, 0.05) << "no such process makes these, and the distance says so";
}

TEST(KolmogorovSmirnov, IsTheLargestDistanceOfTheDistributionFunctions) {
  EXPECT_EQ(kolmogorov_smirnov({1, 2, 3}, {1, 2, 3}), 0);
  EXPECT_EQ(kolmogorov_smirnov({1, 2}, {3, 4}), 1);
  EXPECT_EQ(kolmogorov_smirnov({1, 2, 3, 4}, {3, 4, 5, 6}), 0.5);
}

TEST(LengthFit, FindsTheDistributionThatMadeTheLengths) {
  for (const Distribution& truth : {Distribution{.kind = Kind::lognormal, .mean = 800, .stddev = 600},
                                    Distribution{.kind = Kind::normal, .mean = 500, .stddev = 60},
                                    Distribution{.kind = Kind::uniform, .min = 100, .max = 900},
                                    Distribution{.kind = Kind::constant, .value = 42}}) {
    Sampler sampler(truth);
    RandomStream random = random_stream(3, "lengths");
    std::vector<double> lengths(20'000);
    for (double& x : lengths) x = sampler.count(random);
    const LengthFit fit = fit_length(lengths);
    EXPECT_EQ(fit.distribution.kind, truth.kind) << fit.description;
    EXPECT_NEAR(fit.distribution.mean, truth.mean, 0.03 * truth.mean);
    EXPECT_LT(fit.distance, 0.02);
  }
}

// A trace made by `spec`.
std::string trace_of(const SyntheticSpec& spec, const char* format, const char* name) {
  const std::string path = ::testing::TempDir() + name;
  std::ofstream out(path);
  write_trace(*open_workload({.kind = spec, .seed = 5}), format, out);
  return path;
}

SyntheticSpec traffic(std::int64_t n) {
  ClientSpec client;
  client.input_tokens = {.kind = Kind::lognormal, .mean = 1500, .stddev = 700, .min = 2, .max = 7000};
  client.output_tokens = {.kind = Kind::lognormal, .mean = 200, .stddev = 150, .min = 2, .max = 4000};
  return {.num_requests = n,
          .arrival = ArrivalSpec{.process = Process::gamma, .request_rate = 8, .burstiness = 0.4},
          .clients = {client}};
}

TEST(WorkloadFit, TheFittedWorkloadIsLikeItsTrace) {
  const std::string path = trace_of(traffic(5000), "csv", "fit.csv");
  for (const bool joint : {true, false}) {
    const WorkloadFit fit = fit_workload({.path = path}, {.joint_lengths = joint});
    EXPECT_EQ(fit.spec.num_requests, 5000);
    EXPECT_EQ(fit.spec.arrival->process, Process::gamma);
    EXPECT_NEAR(fit.spec.arrival->burstiness, 0.4, 0.03);
    EXPECT_EQ(fit.goodness.size(), joint ? 2U : 3U);
    const std::string imitated = trace_of(fit.spec, "csv", "imitated.csv");
    const TraceStats original = inspect_trace({.path = path});
    const TraceStats copy = inspect_trace({.path = imitated});
    EXPECT_NEAR(copy.input_tokens.mean, original.input_tokens.mean, 0.04 * original.input_tokens.mean);
    EXPECT_NEAR(copy.output_tokens.p90, original.output_tokens.p90, 0.06 * original.output_tokens.p90);
    EXPECT_NEAR(copy.arrival.request_rate, original.arrival.request_rate,
                0.08 * original.arrival.request_rate);
    EXPECT_NEAR(copy.arrival.gap_cv, original.arrival.gap_cv, 0.15);
  }
}

TEST(WorkloadFit, AChangingRateIsFollowedInSteps) {
  SyntheticSpec spec = traffic(5000);
  spec.arrival->process = Process::poisson;
  spec.arrival->curve = {.kind = RateCurve::Kind::diurnal, .period_s = 1000, .amplitude = 0.9};
  const WorkloadFit fit = fit_workload({.path = trace_of(spec, "csv", "diurnal.csv")});
  ASSERT_EQ(fit.spec.arrival->curve.kind, RateCurve::Kind::piecewise);
  EXPECT_NE(fit.goodness[0].find("under a rate that changes in "), std::string::npos) << fit.goodness[0];
  EXPECT_GE(fit.spec.arrival->curve.points.size(), 8U);
  SyntheticSpec steady = traffic(5000);
  EXPECT_EQ(fit_workload({.path = trace_of(steady, "csv", "steady.csv")}).spec.arrival->curve.kind,
            RateCurve::Kind::constant);
}

TEST(WorkloadFit, PrefixReuseIsImitated) {
  SyntheticSpec spec = traffic(2000);
  spec.clients[0].prefix = PrefixSpec{.groups = 12, .tokens = {.kind = Kind::constant, .value = 1024}};
  const std::string path = trace_of(spec, "mooncake", "fit.jsonl");
  const WorkloadFit fit = fit_workload({.path = path});
  ASSERT_TRUE(fit.spec.clients[0].prefix);
  EXPECT_EQ(fit.spec.clients[0].prefix->groups, 12);
  const TraceStats original = inspect_trace({.path = path});
  const TraceStats copy = inspect_trace({.path = trace_of(fit.spec, "mooncake", "imitated.jsonl")});
  EXPECT_NEAR(copy.prefix_reuse->infinite_cache, original.prefix_reuse->infinite_cache, 0.02);
  EXPECT_NEAR(copy.input_tokens.mean, original.input_tokens.mean, 0.04 * original.input_tokens.mean)
      << "the prefix is part of the prompts' lengths";
}

TEST(WorkloadFit, AFiniteCacheHitsAsOftenAsWithTheTrace) {
  const std::string path = shared_trace("mooncake_conversation.jsonl");
  if (path.empty()) GTEST_SKIP() << "no shared traces";
  const WorkloadFit fit = fit_workload({.path = path});
  const InspectOptions caches{.cache_tokens = {1'000'000, 10'000'000}};
  const TraceStats original = inspect_trace({.path = path}, caches);
  const TraceStats copy = inspect_trace({.path = trace_of(fit.spec, "mooncake", "imitated.jsonl")}, caches);
  EXPECT_NEAR(copy.prefix_reuse->infinite_cache, original.prefix_reuse->infinite_cache, 0.03);
  for (const std::size_t i : {0U, 1U}) {
    EXPECT_NEAR(copy.prefix_reuse->finite[i].hit_share, original.prefix_reuse->finite[i].hit_share, 0.03);
  }
  EXPECT_EQ(fit.spec.arrival->process, Process::poisson) << "a coarse clock makes no bursts";
}

TEST(LengthFit, TakesQuantilesWhereNoFormulaIsNear) {
  std::vector<double> lengths(1000, 100.0);
  for (std::size_t i = 0; i < 300; ++i) lengths[i] = 3000 + static_cast<double>(i);
  const LengthFit fit = fit_length(lengths);
  EXPECT_EQ(fit.distribution.kind, Kind::quantiles);
  EXPECT_LT(fit.distance, 0.1);
}

TEST(RenewalFit, PrefersPoissonToASecondParameterThatFitsNoise) {
  EXPECT_EQ(fit_renewal(gaps({.process = Process::poisson, .request_rate = 5}, 400)).arrival.process,
            Process::poisson);
}

TEST(WorkloadFit, TooLittleToFitIsSaid) {
  const TempFile file("arrival_s,input_tokens,output_tokens\n1,2,3\n");
  EXPECT_THROW(fit_workload({.path = file.path()}), InputError);
}

TEST(EmpiricalLengths, AreDrawnFromTheTraceTogetherOrApart) {
  SyntheticSpec spec = traffic(2000);
  spec.clients[0].lengths_path = fixture("azure2023.csv");
  for (const ReadRequest& r : read_workload({.kind = spec}).requests) {
    const bool pair = (r.spec.prompt_tokens == 374 && r.spec.output_tokens == 44) ||
                      (r.spec.prompt_tokens == 396 && r.spec.output_tokens == 109) ||
                      (r.spec.prompt_tokens == 879 && r.spec.output_tokens == 55) ||
                      (r.spec.prompt_tokens == 91 && r.spec.output_tokens == 16) ||
                      (r.spec.prompt_tokens == 14050 && r.spec.output_tokens == 1000) ||
                      (r.spec.prompt_tokens == 381 && r.spec.output_tokens == 84);
    ASSERT_TRUE(pair) << r.spec.prompt_tokens << " " << r.spec.output_tokens;
  }
  spec.clients[0].lengths_path.clear();
  spec.clients[0].input_tokens = {.kind = Kind::empirical, .path = fixture("azure2023.csv")};
  spec.clients[0].output_tokens = {.kind = Kind::empirical, .path = fixture("azure2023.csv")};
  bool mixed = false;
  for (const ReadRequest& r : read_workload({.kind = spec}).requests) {
    mixed |= r.spec.prompt_tokens == 91 && r.spec.output_tokens == 1000;
  }
  EXPECT_TRUE(mixed) << "two distributions are independent";
}

}  // namespace
}  // namespace blis
