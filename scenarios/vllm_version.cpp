#include "scenarios/vllm_version.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <span>

namespace blis {
namespace {

// Minor releases 0.x and the verified mainline date nearest before each (scheduler specification,
// section 0; release dates are approximate). A release newer than the last row is taken as the newest
// verified mainline, an older one than the first as the first.
struct Release {
  int minor;
  std::string_view date;
};
constexpr std::array kReleases{
    Release{12, "2025-12-15"}, Release{13, "2025-12-15"}, Release{14, "2026-01-28"},
    Release{15, "2026-01-28"}, Release{16, "2026-03-01"}, Release{17, "2026-03-01"},
    Release{18, "2026-04-01"}, Release{19, "2026-04-01"}, Release{20, "2026-05-10"},
    Release{21, "2026-05-10"}, Release{22, "2026-05-10"}, Release{23, "2026-06-13"},
    Release{24, "2026-06-24"}, Release{25, "2026-07-05"}, Release{26, "2026-07-24"},
    Release{27, "2026-08-01"}, Release{28, "2026-08-16"}, Release{29, "2026-08-17"},
};
constexpr std::string_view kOldestVerified = kReleases.front().date;
// Defaults changed before the oldest preset, too; a release without a row stands at its own time.
constexpr std::string_view kBeforeVerified = "2025-10-01";

// When V1 became the default, with 0.8.0, and when 0.9.0 followed (release dates of vLLM's repository).
constexpr int kV1Default = 8;
constexpr std::string_view kV1DefaultDate = "2025-03-18", kNextRelease = "2025-05-15";

V1Engine v1_of_release(int minor) {
  if (minor < kV1Default) return V1Engine::absent;
  return minor == kV1Default ? V1Engine::by_default : V1Engine::only;
}
V1Engine v1_at(std::string_view date) {
  if (date < kV1DefaultDate) return V1Engine::absent;
  return date < kNextRelease ? V1Engine::by_default : V1Engine::only;
}

// "0.23", "v0.23": the last of 0.23; "0.23.1", "0.23.1rc2": its patch 1.
std::optional<VllmRelease> release_of(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  if (!text.starts_with("0.")) return std::nullopt;
  text.remove_prefix(2);
  const char* const stop = text.data() + text.size();
  VllmRelease release;
  const auto [end, error] = std::from_chars(text.data(), stop, release.minor);
  const bool ends = end == stop || (*end == '.' && end + 1 != stop);
  const bool plain = text.size() < 2 || text[0] != '0';
  if (error != std::errc{} || !ends || !plain || release.minor < 0) return std::nullopt;
  if (end == stop) return release;
  const auto [end_of_patch, no_patch] = std::from_chars(end + 1, stop, release.patch);
  const std::string_view kind(end_of_patch, stop);
  constexpr std::array<std::string_view, 6> kKinds{"rc", "a", "b", ".dev", ".post", "+"};
  const bool known =
      kind.empty() || std::ranges::any_of(kKinds, [&](std::string_view k) { return kind.starts_with(k); });
  if (no_patch != std::errc{} || release.patch < 0 || !known) return std::nullopt;
  return release;
}

// 2026-05-10, with a month and a day that exist.
bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto number = [&](std::size_t from, std::size_t count) {
    int value = 0;
    const char* const begin = text.data() + from;
    const auto [end, error] = std::from_chars(begin, begin + count, value);
    return error == std::errc{} && end == begin + count ? value : -1;
  };
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  if (year < 2000 || month < 0 || day < 0) return false;
  return std::chrono::year_month_day(std::chrono::year(year),
                                     std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day)))
      .ok();
}

// The last preset that is not after `date`; the first one if all are.
BehaviourPreset preset_before(std::string_view date) {
  const std::span<const BehaviourPreset> presets = behaviour_presets();
  BehaviourPreset nearest = presets.front();
  for (const BehaviourPreset& preset : presets) {
    if (preset.date <= date) nearest = preset;
  }
  return nearest;
}

// Those before the first of kReleases, and the days of their tags in vLLM's repository.
constexpr std::array kBefore{Release{8, kV1DefaultDate}, Release{9, "2025-05-27"}, Release{10, "2025-07-24"},
                             Release{11, "2025-10-02"}};

// The last release that is not after `date`. The newest verified mainline is after all that are known by
// number: what it lacks, the list of models (models/served_classes.cpp) of those days lacks.
int minor_before(std::string_view date) {
  if (date >= behaviour_presets().back().date) return kNewestVllmMinor;
  int minor = kBefore.front().minor - 1;
  const auto pass = [&](const Release& release) {
    if (release.date <= date) minor = release.minor;
  };
  std::ranges::for_each(kBefore, pass);
  std::ranges::for_each(kReleases, pass);
  return minor;
}

VllmVersion at_date(std::string name, std::string_view date) {
  VllmVersion version{.name = std::move(name),
                      .code = {.release = {minor_before(date)}, .day = std::string(date)},
                      .date = std::string(date),
                      .v1 = v1_at(date),
                      .preset = preset_before(date),
                      .warning = {}};
  if (date < kOldestVerified) {
    version.preset = preset_before(kOldestVerified);
    version.warning = fmt::format(
        "vLLM {} is older than what the scheduler was verified against: its decisions are those of {}",
        version.name, kOldestVerified);
  }
  return version;
}

}  // namespace

bool is_release_from(const VllmVersion& version, int minor) {
  const int known = version.code.release.minor;
  return known >= minor && known < kNewestVllmMinor;
}

bool is_before(const VllmVersion& version, std::string_view day) {
  if (!version.code.day.empty()) return version.code.day < day;
  const int minor = version.code.release.minor;
  const auto later = [&](const Release& release) { return release.minor > minor; };
  const auto tagged = std::ranges::find_if(kBefore, later);
  if (tagged != kBefore.end()) return tagged->date <= day;
  const auto next = std::ranges::find_if(
      kReleases, [&](const Release& release) { return later(release) && release.date > version.date; });
  return next != kReleases.end() && next->date <= day;
}

VllmVersion find_vllm_version(const std::optional<std::string>& asked, const Place& place) {
  const std::string_view newest = behaviour_presets().back().date;
  if (!asked) return at_date(std::string(newest), newest);
  if (is_date(*asked)) {
    VllmVersion version = at_date(*asked, *asked);
    if (*asked > newest)
      version.warning =
          fmt::format("vLLM {} is newer than what is known here: decisions are those of {}", *asked, newest);
    return version;
  }
  if (const auto number = release_of(*asked)) {
    const auto with_number = [&](VllmVersion version) {
      version.code = {.release = *number};
      version.v1 = v1_of_release(number->minor);
      return version;
    };
    for (const Release& release : kReleases) {
      if (release.minor != number->minor) continue;
      VllmVersion version = with_number(at_date(*asked, release.date));
      if (release.date == newest)
        version.warning = fmt::format(
            "vLLM {} holds changes after what is known here: decisions are those of mainline of {}", *asked,
            newest);
      return version;
    }
    if (number->minor < kReleases.front().minor) return with_number(at_date(*asked, kBeforeVerified));
    VllmVersion version = with_number(at_date(*asked, newest));
    version.warning =
        fmt::format("vLLM {} is newer than what is known here: taken as mainline of {}", *asked, newest);
    return version;
  }
  throw InputError(ErrorKind::usage,
                   {.place = place,
                    .message = fmt::format("unknown vLLM version `{}`", *asked),
                    .expected = fmt::format("a release ({}) or a date of mainline (2026-05-10)",
                                            fmt::join(vllm_releases(), ", ")),
                    .got = *asked});
}

std::vector<std::string> vllm_releases() {
  std::vector<std::string> names;
  for (const Release& release : kReleases) names.push_back(fmt::format("0.{}", release.minor));
  return names;
}

}  // namespace blis
