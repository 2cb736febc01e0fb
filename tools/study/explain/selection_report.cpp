#include <fmt/format.h>

#include <algorithm>

#include "tools/output/json_writer.h"
#include "tools/study/explain/explain_report.h"

namespace blis {
namespace {

constexpr std::size_t kBarWidth = 24;
constexpr std::size_t kListed = 10;  // requests shown one by one

using PartMeans = std::array<double, kParts>;

std::string words(Part part) {
  std::string name(to_string(part));
  std::ranges::replace(name, '_', ' ');
  return name;
}

double sum(const PartMeans& parts) {
  double total = 0;
  for (const double ms : parts) total += ms;
  return total;
}

// The part that sets the chosen requests apart most.
std::string verdict(const PartMeans& chosen, const PartMeans& typical) {
  std::size_t most = 0;
  for (std::size_t i = 1; i < chosen.size(); ++i) {
    if (chosen[i] - typical[i] > chosen[most] - typical[most]) most = i;
  }
  const double excess = sum(chosen) - sum(typical);
  const double grown = chosen[most] - typical[most];
  if (grown <= 0) return "No part of them takes longer than it typically does.\n";
  const std::string name = words(static_cast<Part>(most));
  if (excess <= 0)
    return fmt::format("They take no longer than the typical request; most grew `{}`, by {:.1f} ms.\n", name,
                       grown);
  return fmt::format("Of the {:.1f} ms more than typical, {:.1f} ms are `{}`.\n", excess, grown, name);
}

void append_parts(std::string& text, const Selection& s, Glyphs glyphs) {
  const PartMeans chosen = mean_parts_ms(s.chosen), typical = mean_parts_ms(s.typical);
  const double whole = std::max(sum(chosen), 1e-9);
  fmt::format_to(std::back_inserter(text), "{:<12} {:>12} {:>7} {:>12}\n", "part",
                 s.chosen.size() > 1 ? "mean ms" : "ms", "share", "typical ms");
  for (const Part part : kAllParts) {
    const auto i = static_cast<std::size_t>(part);
    if (is_rare(part) && chosen[i] == 0 && typical[i] == 0) continue;
    fmt::format_to(std::back_inserter(text), "{:<12} {:>12.2f} {:>6.1f}% {:>12.2f}", words(part), chosen[i],
                   100 * chosen[i] / whole, typical[i]);
    const std::string drawn = bar(chosen[i] / whole, kBarWidth, glyphs);
    text.append(drawn.empty() ? "" : "  ").append(drawn).append("\n");
  }
  fmt::format_to(std::back_inserter(text), "{:<12} {:>12.2f} {:>7} {:>12.2f}\n", "E2E", sum(chosen), "",
                 sum(typical));
  text += verdict(chosen, typical);
}

void append_requests(std::string& text, const Selection& s) {
  fmt::format_to(std::back_inserter(text), "\n{:>9} {:>11} {:>7} {:>7} {:>7} {:>11} {:>10} {:>8} {:>5}  {}\n",
                 "request", "arrival s", "input", "cached", "output", "E2E ms", "TTFT ms", "TPOT ms", "pre.",
                 "largest part");
  for (const ResultRequest& r : std::span(s.chosen).first(std::min(s.chosen.size(), kListed))) {
    const auto largest = std::ranges::max_element(r.parts.parts) - r.parts.parts.begin();
    fmt::format_to(std::back_inserter(text),
                   "{:>9} {:>11.3f} {:>7} {:>7} {:>7} {:>11.1f} {:>10.1f} {:>8.2f} {:>5}  {}\n", r.id,
                   Seconds(r.arrival).count(), r.input_tokens, r.hit_tokens, r.output_tokens, to_ms(r.e2el),
                   to_ms(r.ttft), to_ms(r.tpot()), r.preemptions, words(static_cast<Part>(largest)));
  }
  if (s.chosen.size() > kListed)
    fmt::format_to(std::back_inserter(text), "... and {} more\n", s.chosen.size() - kListed);
}

void write_parts(JsonWriter& json, std::string_view key, const PartMeans& parts) {
  json.key(key).begin_object();
  for (const Part part : kAllParts) {
    const double ms = parts[static_cast<std::size_t>(part)];
    if (!is_rare(part) || ms != 0) json.member(to_string(part), ms);
  }
  json.end_object();
}

}  // namespace

std::string to_text(const Selection& s, Glyphs glyphs) {
  std::string text = fmt::format("Where the time went: {}, against {}\n\n", s.title, s.typical_title);
  append_parts(text, s, glyphs);
  append_requests(text, s);
  return text;
}

std::string to_json(const Selection& s) {
  std::string text;
  JsonWriter json(text);
  json.begin_object()
      .member("schema", "blis-explain/1")
      .member("chosen", s.title)
      .member("typical", s.typical_title);
  write_parts(json, "mean_ms", mean_parts_ms(s.chosen));
  write_parts(json, "typical_mean_ms", mean_parts_ms(s.typical));
  json.key("requests").begin_list();
  for (const ResultRequest& r : s.chosen) {
    json.begin_object()
        .member("request_id", r.id)
        .member("e2el_ms", to_ms(r.e2el))
        .member("ttft_ms", to_ms(r.ttft));
    json.member("tpot_ms", to_ms(r.tpot()))
        .member("input_tokens", r.input_tokens)
        .member("output_tokens", r.output_tokens);
    json.member("hit_tokens", r.hit_tokens).member("preemptions", r.preemptions);
    write_parts(json, "parts_ms", mean_parts_ms(std::span(&r, 1)));
    json.end_object();
  }
  json.end_list().end_object();
  return text + "\n";
}

}  // namespace blis
