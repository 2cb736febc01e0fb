#include "roofline/layers.h"

#include <algorithm>

namespace blis {

void LayerList::add(const Half& mixer, const Half& channel, int count) {
  count_ += count;
  if (!runs_.empty() && runs_.back().mixer == mixer && runs_.back().channel == channel) {
    runs_.back().count += count;
  } else {
    runs_.push_back({count, mixer, channel});
  }
}

LayerList LayerList::range(int first, int count) const {
  LayerList range;
  int begin = 0;
  for (const LayerRun& run : runs_) {
    const int from = std::max(begin, first), to = std::min(begin + run.count, first + count);
    if (from < to) range.add(run.mixer, run.channel, to - from);
    begin += run.count;
  }
  return range;
}

std::vector<LayersWith> LayerList::halves() const {
  std::vector<LayersWith> all;
  for (const LayerRun& run : runs_) {
    for (const Half& half : {run.mixer, run.channel}) {
      if (!half) continue;
      const auto found = std::ranges::find(all, half, &LayersWith::half);
      (found != all.end() ? *found : all.emplace_back(LayersWith{half})).layers += run.count;
    }
  }
  return all;
}

const LayerHalf* LayerList::find(std::string_view kind) const {
  for (const LayerRun& run : runs_) {
    for (const LayerHalf* half : {run.mixer.get(), run.channel.get()}) {
      if (half != nullptr && half->kind() == kind) return half;
    }
  }
  return nullptr;
}

bool has_states(const LayerList& layers) {
  return std::ranges::any_of(layers.halves(),
                             [](const LayersWith& with) { return with.half->part({}).state.has_value(); });
}

std::vector<Reach> limited_reaches(const LayerList& layers) {
  std::vector<Reach> reaches;
  for (const auto& [half, count] : layers.halves()) {
    for (const AttentionCore& core : half->part({}).cores) {
      const bool known = std::ranges::find(reaches, core.reach) != reaches.end();
      if (core.reach.kind != Reach::Kind::all && !known) reaches.push_back(core.reach);
    }
  }
  return reaches;
}

std::int64_t longest_reach(const LayerList& layers) {
  std::int64_t tokens = 0;
  for (const Reach& reach : limited_reaches(layers)) tokens = std::max(tokens, reach.tokens);
  return tokens;
}

bool reads_picked(const LayerList& layers) {
  return std::ranges::any_of(limited_reaches(layers),
                             [](const Reach& reach) { return reach.kind == Reach::Kind::top_k; });
}

}  // namespace blis
