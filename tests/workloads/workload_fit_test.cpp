#include "workloads/workload_fit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
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
std::string trace_of(WorkloadSpec spec, const char* format, const char* name) {
  const std::string path = ::testing::TempDir() + name;
  std::ofstream out(path);
  spec.seed = 5;
  write_trace(*open_workload(spec), format, out);
  return path;
}
std::string trace_of(const SyntheticSpec& spec, const char* format, const char* name) {
  return trace_of(WorkloadSpec{.kind = spec}, format, name);
}

const ArrivalSpec& arrival_of(const WorkloadFit& fit) {
  const auto* const trace = std::get_if<TraceSpec>(&fit.workload.kind);
  return trace ? *trace->arrival : *std::get<SyntheticSpec>(fit.workload.kind).arrival;
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
  for (const bool parametric : {false, true}) {
    const WorkloadFit fit = fit_workload({.path = path}, {.parametric = parametric});
    EXPECT_EQ(arrival_of(fit).process, Process::gamma);
    EXPECT_NEAR(arrival_of(fit).burstiness, 0.4, 0.03);
    EXPECT_EQ(fit.goodness.size(), parametric ? 3U : 2U);
    const std::string imitated = trace_of(fit.workload, "csv", "imitated.csv");
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
  ASSERT_EQ(arrival_of(fit).curve.kind, RateCurve::Kind::piecewise);
  EXPECT_NE(fit.goodness[0].find("under the rate of each "), std::string::npos) << fit.goodness[0];
  EXPECT_GE(arrival_of(fit).curve.points.size(), 8U);
  SyntheticSpec steady = traffic(5000);
  EXPECT_EQ(arrival_of(fit_workload({.path = trace_of(steady, "csv", "steady.csv")})).curve.kind,
            RateCurve::Kind::constant);
}

// Requests in each second.
std::vector<double> counts_by_second(const std::string& path) {
  std::vector<double> counts;
  for (const ReadRequest& r : read_workload({.kind = TraceSpec{.path = path}}).requests) {
    const auto second = static_cast<std::size_t>(since_start(r.spec.arrival) / std::chrono::seconds{1});
    counts.resize(std::max(counts.size(), second + 1));
    ++counts[second];
  }
  return counts;
}

TEST(WorkloadFit, BurstsOfSecondsStayBursts) {
  SyntheticSpec spec = traffic(5000);
  spec.arrival = ArrivalSpec{.process = Process::poisson, .request_rate = 30};
  spec.arrival->curve = {
      .kind = RateCurve::Kind::on_off, .on_s = 5, .off_s = 40, .off_rate = 1, .random = true};
  const std::string path = trace_of(spec, "csv", "bursts.csv");
  const WorkloadFit fit = fit_workload({.path = path});
  const std::vector<double> original = counts_by_second(path);
  const std::vector<double> copy = counts_by_second(trace_of(fit.workload, "csv", "imitated-bursts.csv"));
  const auto busy = [](const std::vector<double>& counts) {
    return std::count_if(counts.begin(), counts.end(), [](double n) { return n > 15; });
  };
  EXPECT_NEAR(static_cast<double>(busy(copy)), static_cast<double>(busy(original)),
              0.15 * static_cast<double>(busy(original)))
      << fit.goodness[0];
}

TEST(WorkloadFit, RowsKeepTheirOrderAndTheSliceTheyAreFrom) {
  const std::string path = trace_of(traffic(3000), "csv", "slice.csv");
  const WorkloadFit fit = fit_workload({.path = path, .start_s = 20, .end_s = 300});
  const auto original =
      read_workload({.kind = TraceSpec{.path = path, .start_s = 20, .end_s = 300}}).requests;
  const auto copy = read_workload(fit.workload).requests;
  ASSERT_EQ(copy.size(), original.size());
  for (std::size_t i = 0; i < copy.size(); ++i) {
    ASSERT_EQ(copy[i].spec.prompt_tokens, original[i].spec.prompt_tokens);
    ASSERT_EQ(copy[i].spec.output_tokens, original[i].spec.output_tokens);
  }
}

TEST(WorkloadFit, SessionsStaySessions) {
  std::string rows;
  for (int i = 0; i < 400; ++i) {
    rows += fmt::format(
        R"({{"session_id":"s{0}","timestamp":{1},"input_length":100,"output_length":50,"hash_ids":[{2}]}})"
        "\n",
        i, 137 * i + (i * i) % 90, 10 * i);
    for (int turn = 1; turn < 3; ++turn) {
      rows += fmt::format(
          R"({{"session_id":"s{0}","delay":{1},"input_length":{2},"output_length":50,"hash_ids":[{3}]}})"
          "\n",
          i, 1000 * turn, 100 + 90 * turn, 10 * i);
    }
  }
  const TempFile file(rows);
  const WorkloadFit own = fit_workload({.path = file.path()});
  EXPECT_NE(fmt::format("{}", fmt::join(own.goodness, "; ")).find("sessions: 400 begin so"),
            std::string::npos)
      << fmt::format("{}", fmt::join(own.goodness, "; "));
  const WorkloadFit fit = fit_workload({.path = file.path()}, {.parametric = true});
  const ClientSpec& client = std::get<SyntheticSpec>(fit.workload.kind).clients[0];
  ASSERT_TRUE(client.session);
  EXPECT_EQ(client.session->turns.kind, Kind::constant);
  EXPECT_EQ(client.session->turns.value, 3);
  EXPECT_EQ(client.session->think_time_s.points.front().value, 1);
  EXPECT_EQ(client.session->think_time_s.points.back().value, 2);
  EXPECT_EQ(client.session->max_context_tokens, 330);
  EXPECT_EQ(std::get<SyntheticSpec>(fit.workload.kind).num_requests, 1200);
}

TEST(WorkloadFit, PrefixReuseIsImitated) {
  SyntheticSpec spec = traffic(2000);
  spec.clients[0].prefix = PrefixSpec{.groups = 12, .tokens = {.kind = Kind::constant, .value = 1024}};
  const std::string path = trace_of(spec, "mooncake", "fit.jsonl");
  const WorkloadFit fit = fit_workload({.path = path}, {.parametric = true});
  const ClientSpec& client = std::get<SyntheticSpec>(fit.workload.kind).clients[0];
  ASSERT_TRUE(client.prefix);
  EXPECT_EQ(client.prefix->groups, 12);
  const TraceStats original = inspect_trace({.path = path});
  const TraceStats copy = inspect_trace({.path = trace_of(fit.workload, "mooncake", "imitated.jsonl")});
  EXPECT_NEAR(copy.prefix_reuse->infinite_cache, original.prefix_reuse->infinite_cache, 0.02);
  EXPECT_NEAR(copy.input_tokens.mean, original.input_tokens.mean, 0.04 * original.input_tokens.mean)
      << "the prefix is part of the prompts' lengths";
}

TEST(WorkloadFit, AFiniteCacheHitsAsOftenAsWithTheTrace) {
  const std::string path = shared_trace("mooncake_conversation.jsonl");
  if (path.empty()) GTEST_SKIP() << "no shared traces";
  const InspectOptions caches{.cache_tokens = {1'000'000, 10'000'000}};
  const TraceStats original = inspect_trace({.path = path}, caches);
  for (const bool parametric : {false, true}) {
    const WorkloadFit fit = fit_workload({.path = path}, {.parametric = parametric});
    const TraceStats copy =
        inspect_trace({.path = trace_of(fit.workload, "mooncake", "imitated.jsonl")}, caches);
    const double near = parametric ? 0.03 : 0.001;  // the trace's own rows, in their order
    EXPECT_NEAR(copy.prefix_reuse->infinite_cache, original.prefix_reuse->infinite_cache, near);
    for (const std::size_t i : {0U, 1U}) {
      EXPECT_NEAR(copy.prefix_reuse->finite[i].hit_share, original.prefix_reuse->finite[i].hit_share, near);
    }
    EXPECT_NEAR(copy.arrival.gap_cv, 1, 0.2) << "a coarse clock makes no bursts";
  }
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
