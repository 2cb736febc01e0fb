#include "workloads/servegen.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/random/exponential_distribution.hpp>
#include <boost/random/gamma_distribution.hpp>
#include <cmath>
#include <limits>

#include "sim/stop_request.h"
#include "workloads/csv_rows.h"
#include "workloads/json_document.h"
#include "workloads/json_rows.h"
#include "workloads/parse_number.h"

namespace blis {
namespace {

constexpr double kUsualWindow = 600;  // seconds

ServeGenWindow read_window(const CsvRows& rows) {
  enum : std::size_t { start, rate, cv, family, shape, scale };
  ServeGenWindow window{.start_s = rows.real(start), .request_rate = rows.real(rate)};
  if (window.start_s < 0 || window.start_s > 1e9)
    rows.reject(start, "bad window start", "seconds, at least 0");
  if (window.request_rate < 0 || window.request_rate > 1e6) {
    rows.reject(rate, "bad rate", "requests per second, from 0 to 1000000");
  }
  if (window.request_rate == 0) return window;
  const std::string_view name = rows.text(family);
  if (name == "Weibull") {
    window.family = ServeGenWindow::Family::weibull;
  } else if (name != "Gamma") {
    rows.reject(family, "unknown family of gaps", "Gamma or Weibull");
  }
  window.shape = rows.real(shape);
  if (window.shape < 1e-6 || window.shape > 1e6) rows.reject(shape, "bad shape", "a number from 1e-6 to 1e6");
  return window;
}

}  // namespace

std::vector<ServeGenWindow> read_servegen_windows(LineReader lines) {
  CsvRows rows(std::move(lines), {"start_s", "rate", "cv", "family", "shape", "scale"});
  std::vector<ServeGenWindow> windows;
  while (rows.next()) {
    windows.push_back(read_window(rows));
    if (windows.size() > 1 && windows[windows.size() - 2].request_rate *
                                      (windows.back().start_s - windows[windows.size() - 2].start_s) >
                                  kMaxRequests) {
      rows.reject(0, "the window before this one has more requests than a run can",
                  fmt::format("at most {:.0f}: its rate, times its length", kMaxRequests));
    }
    if (windows.size() > 1 && windows.back().start_s <= windows[windows.size() - 2].start_s) {
      rows.reject(0, "this window does not start after the one before it", "ascending starts");
    }
  }
  return windows;
}

std::optional<ServeGenLengths> ServeGenLengths::parse(std::string_view text) {
  ServeGenLengths lengths;
  double sum = 0;
  const auto skip_space = [&] { text.remove_prefix(std::min(text.find_first_not_of(" \n\t"), text.size())); };
  const auto take = [&](char c) {
    skip_space();
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
  };
  const auto number = [&](std::string_view stop) {
    skip_space();
    const std::string_view found = text.substr(0, text.find_first_of(stop));
    text.remove_prefix(found.size());
    return found.substr(0, found.find_last_not_of(" \n\t") + 1);
  };
  if (!take('{')) return std::nullopt;
  if (take('}')) return std::nullopt;  // a distribution without values
  do {
    const auto value = parse_integer(number(":"));
    if (!value || *value < 0 || *value > kMaxTokensPerRequest || !take(':')) return std::nullopt;
    const auto probability = parse_real(number(",}"));
    if (!probability || *probability < 0) return std::nullopt;
    sum += *probability;
    lengths.values_.push_back(std::max<std::int64_t>(*value, 1));
    lengths.up_to_.push_back(sum);
  } while (take(','));
  if (!take('}') || sum <= 0) return std::nullopt;
  skip_space();
  if (!text.empty()) return std::nullopt;
  return lengths;
}

std::int64_t ServeGenLengths::draw(RandomStream& random) const {
  const double u = unit_uniform(random) * up_to_.back();
  const auto found = std::upper_bound(up_to_.begin(), up_to_.end() - 1, u);
  return values_[static_cast<std::size_t>(found - up_to_.begin())];
}

ServeGenDataset read_servegen_dataset(const std::string& path) {
  const JsonDocument document{LineReader(path)};
  simdjson::dom::object root;
  if (document.root().get(root) != simdjson::SUCCESS) {
    fail_file(document.place(), {.message = "this is not a JSON object"});
  }
  ServeGenDataset dataset;
  for (const simdjson::dom::key_value_pair entry : root) {
    const std::string_view key = entry.key;
    const simdjson::dom::element window = entry.value;
    const std::string name(key);
    const auto start = parse_real(key);
    if (!start) document.reject(name, "the start of a window, in seconds", excerpt(key));
    const auto lengths = [&](const char* field) {
      std::string_view text;
      if (window[field].get(text) != simdjson::SUCCESS)
        document.reject(name + "." + field, "a text", shown(window));
      auto parsed = ServeGenLengths::parse(text);
      if (!parsed) document.reject(name + "." + field, "{length: probability, ...}", excerpt(text));
      return *std::move(parsed);
    };
    // A silent window has no distributions.
    std::string_view text;
    if (window["input_tokens"].get(text) == simdjson::SUCCESS && text == "{}") continue;
    dataset.windows.push_back({*start, lengths("input_tokens"), lengths("output_tokens")});
  }
  if (dataset.windows.empty()) fail_file(document.place(), {.message = "this data set has no lengths"});
  std::sort(dataset.windows.begin(), dataset.windows.end(),
            [](const auto& a, const auto& b) { return a.start_s < b.start_s; });
  return dataset;
}

std::string servegen_dataset_path(const std::string& trace_path) {
  constexpr std::string_view kSuffix = "-trace.csv";
  if (!trace_path.ends_with(kSuffix)) return {};
  return trace_path.substr(0, trace_path.size() - kSuffix.size()) + "-dataset.json";
}

ServeGenArrivals::ServeGenArrivals(std::vector<ServeGenWindow> windows, RandomStream random)
    : windows_(std::move(windows)), random_(random) {}

double ServeGenArrivals::length(std::size_t window) const {
  return window + 1 < windows_.size() ? windows_[window + 1].start_s - windows_[window].start_s
                                      : kUsualWindow;
}

double ServeGenArrivals::gap(RandomStream& random) const {
  const ServeGenWindow& window = windows_[next_window_ - 1];
  if (window.family == ServeGenWindow::Family::gamma) {
    return boost::random::gamma_distribution<double>(window.shape, 1)(random);
  }
  return std::pow(boost::random::exponential_distribution<double>()(random), 1 / window.shape);
}

double ServeGenArrivals::next() {
  while (left_ == 0) {
    if (next_window_ == windows_.size()) return std::numeric_limits<double>::infinity();
    const std::size_t window = next_window_++;
    left_ = static_cast<std::int64_t>(std::ceil(windows_[window].request_rate * length(window)));
    so_far_ = sum_ = 0;
    RandomStream ahead = random_;  // the same gaps again, to know their sum without holding them
    for (std::int64_t i = 0; i < left_; ++i) {
      stop_if_requested();
      sum_ += gap(ahead);
    }
  }
  --left_;
  so_far_ += gap(random_);
  // Gaps of an extreme shape can all round to 0.
  const double share = sum_ > 0 ? std::min(1.0, so_far_ / sum_) : 1;
  return windows_[next_window_ - 1].start_s + length(next_window_ - 1) * share;
}

}  // namespace blis
