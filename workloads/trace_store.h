// Traces that are read once and replayed by many runs, from several threads.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "workloads/trace_formats.h"

namespace blis {

class SharedTrace;

class TraceStore {
 public:
  TraceStore();
  ~TraceStore();
  TraceStore(const TraceStore&) = delete;
  TraceStore& operator=(const TraceStore&) = delete;

  // What open_trace() of the same arguments would give, row for row, mistakes included; the file is read
  // once, as far as the furthest reader got. The store must outlive the readers. Throws as open_trace().
  OpenedTrace open(const std::string& path, std::string_view format, const ReaderOptions& options);

 private:
  using Key = std::tuple<std::string, std::string, std::uint64_t, double, double, bool, bool,
                         std::vector<std::string>, std::vector<std::string>>;

  std::mutex mutex_;
  std::map<Key, std::unique_ptr<SharedTrace>> traces_;
};

}  // namespace blis
