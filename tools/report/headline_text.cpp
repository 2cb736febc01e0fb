#include <fmt/format.h>

#include <cmath>

#include "tools/output/text_table.h"
#include "tools/report/headline.h"

namespace blis {
namespace {

constexpr std::size_t kScreenWidth = 80;

const std::string kGreen = "\033[32m", kRed = "\033[1;31m", kYellow = "\033[33m", kPlain = "\033[0m";

std::string coloured(Verdict verdict, const std::string& text, bool colour) {
  if (!colour || verdict == Verdict::none) return text;
  const std::string& paint = verdict == Verdict::meets ? kGreen : verdict == Verdict::misses ? kRed : kYellow;
  return paint + text + kPlain;
}

void paragraph(std::string& text, const std::string& sentence) {
  text += wrap_text(sentence, kScreenWidth, 2) + "\n";
}

void verdicts(std::string& text, const Headline& headline, bool colour) {
  if (headline.limits.empty()) {
    text += "SLO: none was given (--slo p99_ttft_ms=500 gives one)\n";
    return;
  }
  text += "SLO: " + coloured(headline.verdict, std::string(to_string(headline.verdict)), colour) + "\n";
  std::size_t conditions = 0, words = 0;
  for (const LimitVerdict& limit : headline.limits) {
    conditions = std::max(conditions, condition(limit.target).size());
    words = std::max(words, to_string(limit.verdict).size());
  }
  for (const LimitVerdict& limit : headline.limits) {
    const std::string word(to_string(limit.verdict));
    const std::string space(words - word.size(), ' ');
    text += fmt::format("  {:<{}}  {}{}  {}\n", condition(limit.target), conditions,
                        coloured(limit.verdict, word, colour), space, held_against(limit));
  }
}

void figures(std::string& text, const Headline& headline) {
  text += fmt::format("{:<12}{:>12}{:>12}{:>12}{:>12}\n", "", "mean", "median", "p90", "p99");
  for (const auto& [name, stats] : headline.latencies) {
    std::string line = fmt::format("{:<12}", fmt::format("{} (ms)", name));
    for (const double value : {stats.mean, stats.median, stats.p90, stats.p99}) {
      line += std::isnan(value) ? fmt::format("{:>12}", "n/a") : fmt::format("{:>12.2f}", value);
    }
    text += line + "\n";
  }
  for (const auto& [name, value] : headline.rates) text += fmt::format("{:<12}  {}\n", name, value);
}

}  // namespace

std::string headline_text(const Headline& headline, bool colour) {
  std::string text;
  paragraph(text, headline.deployment);
  paragraph(text, headline.traffic);
  if (!headline.unserved.empty()) paragraph(text, "Not served: " + headline.unserved);
  text += "\n";
  verdicts(text, headline, colour);
  text += "\n";
  figures(text, headline);
  if (!headline.accuracy.empty()) paragraph(text, headline.accuracy);
  return text + "\n";
}

}  // namespace blis
