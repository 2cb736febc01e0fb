// Counts by 64-bit key, for millions of keys: one table, open addressing, no node each.
#pragma once

#include <cstdint>
#include <vector>

namespace blis {

// Keys are not 0 and already well mixed (numbers of names).
class KeyCounts {
 public:
  void add(std::uint64_t key) {
    if (2 * used_ >= table_.size()) grow();
    Entry& entry = find(key);
    if (entry.key == 0) {
      entry.key = key;
      ++used_;
    }
    ++entry.count;
  }

  std::int64_t size() const { return static_cast<std::int64_t>(used_); }

  // Calls f(count) for each key, in no order that means anything.
  template <class F>
  void for_each_count(F f) const {
    for (const Entry& entry : table_) {
      if (entry.key != 0) f(entry.count);
    }
  }

 private:
  struct Entry {
    std::uint64_t key = 0;
    std::int64_t count = 0;
  };

  Entry& find(std::uint64_t key) {
    const std::size_t mask = table_.size() - 1;
    std::size_t i = key & mask;
    while (table_[i].key != 0 && table_[i].key != key) i = (i + 1) & mask;
    return table_[i];
  }

  void grow() {
    std::vector<Entry> old(table_.empty() ? 1024 : 2 * table_.size());
    old.swap(table_);
    for (const Entry& entry : old) {
      if (entry.key != 0) find(entry.key) = entry;
    }
  }

  std::vector<Entry> table_;  // a power of two
  std::size_t used_ = 0;
};

}  // namespace blis
