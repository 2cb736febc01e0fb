// Notices an id that comes twice, in the memory of the gaps between ids: almost none for ids that
// count up.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>

namespace blis {

class UniqueIds {
 public:
  // False if `id` was added before.
  bool add(std::int64_t id) {
    auto next = runs_.upper_bound(id);
    if (next != runs_.begin()) {
      const auto run = std::prev(next);
      if (id <= run->second) return false;
      if (id == run->second + 1) {
        run->second = id;
        if (next != runs_.end() && next->first == id + 1) {
          run->second = next->second;
          runs_.erase(next);
        }
        return true;
      }
    }
    if (next != runs_.end() && next->first == id + 1) {
      const std::int64_t last = next->second;
      next = runs_.erase(next);
      runs_.emplace_hint(next, id, last);
    } else {
      runs_.emplace_hint(next, id, id);
    }
    return true;
  }

  std::size_t runs() const { return runs_.size(); }

 private:
  std::map<std::int64_t, std::int64_t> runs_;  // first to last, both included
};

}  // namespace blis
