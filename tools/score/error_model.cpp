#include "tools/score/error_model.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "tools/score/linear_equations.h"
#include "tools/score/summary.h"

namespace blis {
namespace {

constexpr double kLeastError = 0.3;  // percent: smaller ones are luck
constexpr double kRidge = 1;         // a feature's factor is pulled to 1 as if one more error had said so
constexpr std::size_t kFewGroups = 2;
constexpr double kPromise = 0.9;

using Samples = std::vector<const ErrorSample*>;
using Row = std::vector<double>;

// Features that enough groups have, in order of name.
std::vector<std::string> told_features(const Samples& samples) {
  std::map<std::string, std::set<std::string>> groups;
  for (const ErrorSample* s : samples) {
    for (const std::string& feature : s->features) groups[feature].insert(s->group);
  }
  std::vector<std::string> told;
  for (const auto& [feature, of] : groups) {
    if (of.size() >= kFewGroups) told.push_back(feature);
  }
  return told;
}

std::map<std::string, double> weights_of(const Samples& samples) {
  std::map<std::string, double> weights;
  for (const ErrorSample* s : samples) ++weights[s->group];
  for (auto& [group, weight] : weights) weight = 1 / std::sqrt(weight);
  return weights;
}

// Logarithms of the typical error without features and of each feature's factor.
struct Scale {
  std::vector<std::string> features;
  Row logs;

  bool knows(const ErrorSample& s) const {
    return std::ranges::all_of(s.features,
                               [&](const std::string& f) { return std::ranges::binary_search(features, f); });
  }
  Row row(const ErrorSample& s) const {
    Row x(features.size() + 1);
    x[0] = 1;
    for (const std::string& feature : s.features) {
      const auto at = std::ranges::lower_bound(features, feature);
      x[static_cast<std::size_t>(at - features.begin()) + 1] = 1;
    }
    return x;
  }
  double of(const ErrorSample& s) const {
    const Row x = row(s);
    return std::exp(std::inner_product(x.begin(), x.end(), logs.begin(), 0.0));
  }
};

Scale fit_scale(const Samples& samples) {
  Scale scale;
  scale.features = told_features(samples);
  const std::size_t n = scale.features.size() + 1;
  std::vector<Row> a(n, Row(n));
  Row b(n);
  for (std::size_t i = 1; i < n; ++i) a[i][i] = kRidge;
  a[0][0] = 1e-9;  // of no sample at all
  const std::map<std::string, double> weights = weights_of(samples);
  for (const ErrorSample* s : samples) {
    if (!scale.knows(*s)) continue;
    const Row x = scale.row(*s);
    const double weight = weights.at(s->group), log_error = std::log(std::max(kLeastError, s->error_pct));
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) a[i][j] += weight * x[i] * x[j];
      b[i] += weight * x[i] * log_error;
    }
  }
  scale.logs = solve_linear(std::move(a), std::move(b)).value();  // with the ridge, nothing is undetermined
  return scale;
}

Samples without(const Samples& samples, const std::string& group) {
  Samples rest;
  std::ranges::copy_if(samples, std::back_inserter(rest),
                       [&](const ErrorSample* s) { return s->group != group; });
  return rest;
}

std::set<std::string> groups_of(const Samples& samples) {
  std::set<std::string> groups;
  for (const ErrorSample* s : samples) groups.insert(s->group);
  return groups;
}

// Errors over the typical error of their features as the other groups have it, each with its weight.
struct Ratio {
  double value, weight;
};
std::vector<Ratio> left_out_ratios(const Samples& samples) {
  std::vector<Ratio> ratios;
  const std::map<std::string, double> weights = weights_of(samples);
  for (const std::string& group : groups_of(samples)) {
    const Scale scale = fit_scale(without(samples, group));
    for (const ErrorSample* s : samples) {
      if (s->group == group && scale.knows(*s))
        ratios.push_back({s->error_pct / scale.of(*s), weights.at(group)});
    }
  }
  std::ranges::sort(ratios, {}, &Ratio::value);
  return ratios;
}

double quantile(const std::vector<Ratio>& sorted, double share) {
  double all = 0, below = 0;
  for (const Ratio& r : sorted) all += r.weight;
  for (const Ratio& r : sorted) {
    if ((below += r.weight) >= share * all) return r.value;
  }
  return 1;
}

void test_bands(const Samples& samples, BandTest& test) {
  std::vector<double> widths, errors;
  std::int64_t inside = 0;
  for (const std::string& group : groups_of(samples)) {
    const Samples others = without(samples, group);
    const Scale scale = fit_scale(others);
    const double promise = quantile(left_out_ratios(others), kPromise);
    for (const ErrorSample* s : samples) {
      if (s->group != group) continue;
      ++test.figures;
      if (!scale.knows(*s)) {
        ++test.silent;
        continue;
      }
      widths.push_back(promise * scale.of(*s));
      errors.push_back(s->error_pct);
      inside += s->error_pct <= widths.back();
    }
  }
  const auto told = static_cast<double>(widths.size());
  test.inside_pct = told > 0 ? 100 * static_cast<double>(inside) / told : 0;
  test.median_width_pct = median(widths);
  test.median_error_pct = median(errors);
}

}  // namespace

MetricErrors fit_errors(const std::string& metric, std::span<const ErrorSample> all, BandTest* test) {
  Samples samples;
  for (const ErrorSample& s : all) samples.push_back(&s);
  const Scale scale = fit_scale(samples);
  const std::vector<Ratio> ratios = left_out_ratios(samples);
  const double typical = std::exp(scale.logs[0]);
  MetricErrors errors{.metric = metric,
                      .figures = std::ssize(ratios),
                      .groups = std::ssize(groups_of(samples)),
                      .median_pct = typical * quantile(ratios, 0.5),
                      .p90_pct = typical * quantile(ratios, kPromise),
                      .factors = {},
                      .inside_pct = 0};
  for (std::size_t i = 0; i < scale.features.size(); ++i) {
    errors.factors.emplace_back(scale.features[i], std::exp(scale.logs[i + 1]));
  }
  BandTest own;
  own.metric = metric;
  test_bands(samples, own);
  errors.inside_pct = own.inside_pct;
  if (test != nullptr) *test = own;
  return errors;
}

}  // namespace blis
