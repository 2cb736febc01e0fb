// How long steps wait for LoRA adapters.
#include "sim/vllm/adapter_slots.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace blis {
namespace {

using namespace std::chrono_literals;

Duration take(AdapterSlots& slots, std::vector<AdapterIndex> adapters) {
  return slots.take(adapters);
}

TEST(AdapterSlots, AnAdapterIsLoadedOnceAndStaysWhileItIsUsed) {
  AdapterSlots slots({.slots = 1, .in_host_memory = 2, .load = 100ms, .activate = 1ms});
  EXPECT_EQ(take(slots, {1}), 101ms);
  EXPECT_EQ(take(slots, {1}), 0ms);
  EXPECT_EQ(take(slots, {2}), 101ms);
  EXPECT_EQ(take(slots, {1}), 1ms) << "it lost its slot, and is still in the host's memory";
  EXPECT_EQ(take(slots, {3}), 101ms);
  EXPECT_EQ(take(slots, {2}), 101ms) << "the least recently used had to go from there";
}

TEST(AdapterSlots, ThoseOfAStepAreNotInEachOthersWay) {
  AdapterSlots slots({.slots = 2, .in_host_memory = 2, .load = 100ms, .activate = 1ms});
  EXPECT_EQ(take(slots, {1, 2}), 202ms);
  EXPECT_EQ(take(slots, {3, 1}), 101ms)
      << "the second's slot is taken, although the first was used before it";
  EXPECT_EQ(take(slots, {1, 3}), 0ms);
}

TEST(AdapterSlots, TheServerLoadsThoseItIsToldOfBeforeTheFirstStep) {
  AdapterSlots slots({.slots = 2, .in_host_memory = 3, .load = 100ms, .activate = 1ms, .listed = 4});
  EXPECT_EQ(take(slots, {4, 3}), 0ms);
  EXPECT_EQ(take(slots, {2}), 1ms);
  EXPECT_EQ(take(slots, {1}), 101ms);
}

// Times of last use, and nothing else.
class PlainSlots {
 public:
  PlainSlots(int slots, int host) : slots_(slots), host_(host) {}
  Duration take(const std::vector<AdapterIndex>& adapters) {
    for (const AdapterIndex a : adapters) {
      if (in_slot_[a] > 0) in_slot_[a] = ++now_;
    }
    Duration wait{0};
    for (const AdapterIndex a : adapters) {
      const bool was_on_host = on_host_[a] > 0, had_slot = in_slot_[a] > 0;
      if (was_on_host) on_host_[a] = ++now_;
      if (had_slot) {
        in_slot_[a] = ++now_;
        continue;
      }
      if (!was_on_host) put(on_host_, a, host_);
      put(in_slot_, a, slots_);
      wait += was_on_host ? Duration{1} : Duration{101};
    }
    return wait;
  }

 private:
  void put(std::array<int, 9>& used, AdapterIndex a, int most) {
    if (std::ranges::count_if(used, [](int at) { return at > 0; }) >= most) {
      int* oldest = nullptr;
      for (int& at : used) {
        if (at > 0 && (oldest == nullptr || at < *oldest)) oldest = &at;
      }
      *oldest = 0;
    }
    used[a] = ++now_;
  }
  int slots_, host_, now_ = 0;
  std::array<int, 9> in_slot_{}, on_host_{};  // when last used; 0: not there
};

TEST(AdapterSlots, AgreeWithTimesOfLastUse) {
  for (const std::uint32_t seed : {1u, 2u, 3u, 4u, 5u}) {
    std::mt19937 random(seed);
    const auto below = [&](std::uint32_t n) { return static_cast<int>(random() % n); };
    const int count = 1 + below(3), host = count + below(3);
    AdapterSlots slots(
        {.slots = count, .in_host_memory = host, .load = Duration{100}, .activate = Duration{1}});
    PlainSlots plain(count, host);
    for (int step = 0; step < 300; ++step) {
      std::vector<AdapterIndex> adapters;
      while (std::ssize(adapters) < 1 + below(static_cast<std::uint32_t>(count))) {
        const auto adapter = static_cast<AdapterIndex>(1 + below(6));
        if (std::ranges::find(adapters, adapter) == adapters.end()) adapters.push_back(adapter);
      }
      ASSERT_EQ(slots.take(adapters), plain.take(adapters)) << "seed " << seed << ", step " << step;
    }
  }
}

}  // namespace
}  // namespace blis
