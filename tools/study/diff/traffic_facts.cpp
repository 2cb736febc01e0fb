#include "tools/study/diff/traffic_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace blis {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Fact {
  std::string_view key, name;
  double TrafficFacts::*of;
  double tolerance;  // share of the larger that may be overlooked
};
constexpr Fact kFacts[] = {
    {"requests", "requests", &TrafficFacts::requests, 0},
    {"prompt_tokens", "mean prompt tokens", &TrafficFacts::prompt_tokens, 0.01},
    {"output_tokens", "mean output tokens", &TrafficFacts::output_tokens, 0.01},
    {"request_rate", "requests/s", &TrafficFacts::request_rate, 0.02},
    {"max_concurrency", "limit of concurrency", &TrafficFacts::max_concurrency, 0},
    {"concurrency", "mean in flight", &TrafficFacts::concurrency, kInfinity},
};

double per(double sum, double count) {
  return count > 0 ? sum / count : kNotKnown;
}

std::string four_digits(double value) {
  if (std::isinf(value)) return "none";
  return std::abs(value) >= 1000 ? fmt::format("{:.0f}", value) : fmt::format("{:.4g}", value);
}

bool is_apart(double x, double y, double tolerance) {
  if (std::isnan(x) || std::isnan(y) || x == y) return false;
  if (std::isinf(x) || std::isinf(y)) return true;
  return std::abs(x - y) > tolerance * std::max(std::abs(x), std::abs(y));
}

bool equally_often(const TrafficFacts& a, const TrafficFacts& b) {
  if (a.rate_was_asked || b.rate_was_asked) return false;
  return !std::isnan(a.request_rate) && !std::isnan(b.request_rate) &&
         std::ranges::none_of(kFacts, [&](const Fact& fact) {
           return fact.of == &TrafficFacts::request_rate && is_apart(a.*fact.of, b.*fact.of, fact.tolerance);
         });
}

}  // namespace

void TrafficCounter::add(const RequestRecord& request) {
  ++requests_;
  prompt_tokens_ += request.input_tokens;
  first_ = std::min(first_, request.arrival);
  last_arrival_ = std::max(last_arrival_, request.arrival);
  if (!has_full_answer(request)) return;
  ++answered_;
  output_tokens_ += request.output_tokens;
  in_flight_s_ += Seconds(request.last_token - request.arrival).count();
  last_token_ = std::max(last_token_, request.last_token);
}

TrafficFacts TrafficCounter::facts() const {
  if (requests_ == 0) return {.requests = 0};
  const auto requests = static_cast<double>(requests_);
  return {.requests = requests,
          .prompt_tokens = prompt_tokens_ / requests,
          .output_tokens = per(output_tokens_, static_cast<double>(answered_)),
          .request_rate = per(requests, Seconds(last_arrival_ - first_).count()),
          .concurrency = per(in_flight_s_, Seconds(last_token_ - first_).count())};
}

std::vector<TrafficRow> compare_traffic(const TrafficFacts& a, const TrafficFacts& b) {
  std::vector<TrafficRow> rows;
  for (const Fact& fact : kFacts) {
    const double x = a.*fact.of, y = b.*fact.of;
    if (std::isnan(x) && std::isnan(y)) continue;
    const bool moot = fact.of == &TrafficFacts::max_concurrency && equally_often(a, b);
    rows.push_back({fact.key, fact.name, x, y, !moot && is_apart(x, y, fact.tolerance)});
  }
  return rows;
}

std::string traffic_difference(const std::vector<TrafficRow>& rows) {
  std::string text;
  for (const TrafficRow& row : rows) {
    if (!row.differs) continue;
    text += fmt::format("{}{} ({} and {})", text.empty() ? "" : ", ", row.name, four_digits(row.a),
                        four_digits(row.b));
  }
  return text;
}

}  // namespace blis
