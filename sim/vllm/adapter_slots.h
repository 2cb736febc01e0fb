// Where a LoRA adapter's weights lie when a step needs them: in a slot on the GPU, in the host's memory, or
// on disk. vLLM's LRUCacheLoRAModelManager (vllm/lora/model_manager.py).
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "sim/request.h"

namespace blis {

struct AdapterCosts {
  int slots = 0;           // max_loras; 0: no adapters
  int in_host_memory = 0;  // max_cpu_loras, >= slots
  Duration load{0};        // from disk into the host's memory
  Duration activate{0};    // from there into a slot
  double slowdown = 0;     // share by which a step with adapters takes longer
  int listed = 0;          // adapters that the server has loaded in turn before the first step
};

class AdapterSlots {
 public:
  explicit AdapterSlots(const AdapterCosts& costs) : costs_(costs) {
    for (int adapter = 1; adapter <= costs.listed; ++adapter) take(static_cast<AdapterIndex>(adapter));
  }

  // Brings those of a step, at most as many as there are slots, into slots. How long the step waits for it.
  Duration take(std::span<const AdapterIndex> adapters) {
    Duration wait{0};
    for (const AdapterIndex adapter : adapters) touch(adapter, slots_);  // they are not in each other's way
    for (const AdapterIndex adapter : adapters) wait += take(adapter);
    return wait;
  }

 private:
  Duration take(AdapterIndex adapter) {
    const bool in_host_memory = touch(adapter, host_);
    if (touch(adapter, slots_)) return Duration{0};
    if (!in_host_memory) add(adapter, host_, costs_.in_host_memory);
    add(adapter, slots_, costs_.slots);
    return costs_.activate + (in_host_memory ? Duration{0} : costs_.load);
  }

  // The least recently used come first. False if it is not there.
  static bool touch(AdapterIndex adapter, std::vector<AdapterIndex>& list) {
    const auto found = std::ranges::find(list, adapter);
    if (found == list.end()) return false;
    std::rotate(found, found + 1, list.end());
    return true;
  }
  static void add(AdapterIndex adapter, std::vector<AdapterIndex>& list, int most) {
    if (std::ssize(list) >= most) list.erase(list.begin());
    list.push_back(adapter);
  }

  AdapterCosts costs_;
  std::vector<AdapterIndex> slots_, host_;
};

}  // namespace blis
