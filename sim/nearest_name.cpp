#include "sim/nearest_name.h"

#include <algorithm>

#include "sim/letter_case.h"

namespace blis {
namespace {

char folded(char c) {
  return c == '-' ? '_' : lower_case(c);
}

std::string folded(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = folded(c);
  return result;
}

// A user's word can be anything; a name longer than this is no misspelling of a key.
constexpr std::size_t kLongestWord = 128;

}  // namespace

int edit_distance(std::string_view a_text, std::string_view b_text) {
  const std::string a = folded(a_text), b = folded(b_text);
  // Rows of the optimal-string-alignment table: two back, one back, this one.
  std::vector<int> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

std::vector<std::string> nearest_names(std::string_view wanted, std::span<const std::string> names,
                                       std::size_t limit) {
  if (wanted.empty() || wanted.size() > kLongestWord) return {};
  struct Candidate {
    int distance;
    const std::string* name;
  };
  std::vector<Candidate> candidates;
  const std::string wanted_folded = folded(wanted);
  for (const std::string& name : names) {
    const int distance = edit_distance(wanted, name);
    // A third of the word may be wrong; a word of one or two letters may not be.
    const int allowed = static_cast<int>(std::max(wanted.size(), name.size()) / 3);
    const bool part = wanted.size() >= 3 && folded(name).find(wanted_folded) != std::string::npos;
    if (distance <= allowed || part) candidates.push_back({distance, &name});
  }
  std::ranges::stable_sort(candidates, {}, &Candidate::distance);
  std::vector<std::string> result;
  for (const Candidate& candidate : candidates) {
    if (result.size() == limit) break;
    result.push_back(*candidate.name);
  }
  return result;
}

std::string did_you_mean(std::string_view wanted, std::span<const std::string> names, std::size_t limit) {
  const std::vector<std::string> near = nearest_names(wanted, names, limit);
  std::string text;
  for (std::size_t i = 0; i < near.size(); ++i) {
    text += i == 0 ? "did you mean `" : i + 1 == near.size() ? "` or `" : "`, `";
    text += near[i];
  }
  return text.empty() ? text : text + "`?";
}

}  // namespace blis
