// What a store hands out equals what the file says, however many read it and whoever comes first.
#include "workloads/trace_store.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/workloads/temp_file.h"
#include "workloads/workload.h"

namespace blis {
namespace {

constexpr int kRows = 10'000;  // more than two chunks

std::string csv(int rows, int bad_row = -1) {
  std::string text = "arrival_ms,input_tokens,output_tokens\n";
  for (int i = 0; i < rows; ++i) {
    text += std::to_string(7 * i) + "," + (i == bad_row ? "x" : std::to_string(1 + i % 500)) + "," +
            std::to_string(1 + i % 90) + "\n";
  }
  return text;
}

struct Sent {
  Time arrival;
  std::int32_t prompt, output;
  friend bool operator==(const Sent&, const Sent&) = default;
};

std::vector<Sent> all_of(WorkloadSource& source) {
  std::vector<Sent> sent;
  for (RequestSpec spec; source.next(spec);)
    sent.push_back({spec.arrival, spec.prompt_tokens, spec.output_tokens});
  return sent;
}

WorkloadSpec workload(const std::string& path, double time_scale = 1) {
  return {.kind = TraceSpec{.path = path, .time_scale = time_scale}};
}

TEST(TraceStore, GivesWhatTheFileGives) {
  const TempFile file(csv(kRows));
  TraceStore store;
  const std::vector<Sent> plain = all_of(*open_workload(workload(file.path())));
  ASSERT_EQ(plain.size(), static_cast<std::size_t>(kRows));
  EXPECT_EQ(all_of(*open_workload(workload(file.path()), &store)), plain);
  EXPECT_EQ(all_of(*open_workload(workload(file.path()), &store)), plain);
}

TEST(TraceStore, ReadsTheFileOnce) {
  TraceStore store;
  std::vector<Sent> first;
  WorkloadSpec spec;
  {
    const TempFile file(csv(100));
    spec = workload(file.path());
    first = all_of(*open_workload(spec, &store));
  }
  EXPECT_EQ(all_of(*open_workload(spec, &store)), first) << "the file is gone by now";
}

TEST(TraceStore, OptionsOfTheReplayAreEachReadersOwn) {
  const TempFile file(csv(100));
  TraceStore store;
  const auto slow = all_of(*open_workload(workload(file.path()), &store));
  const auto fast = all_of(*open_workload(workload(file.path(), 2), &store));
  EXPECT_EQ(since_start(slow.back().arrival), 2 * since_start(fast.back().arrival));
}

TEST(TraceStore, ABrokenRowIsReportedToEveryReaderWithItsPlace) {
  const TempFile file(csv(kRows, 5000));
  TraceStore store;
  for (int reader = 0; reader < 2; ++reader) {
    try {
      all_of(*open_workload(workload(file.path()), &store));
      FAIL() << "row 5000 is broken";
    } catch (const InputError& error) {
      EXPECT_EQ(error.problems().front().place.line, 5002);
      EXPECT_GT(error.problems().front().place.column, 1);
    }
  }
}

TEST(TraceStore, ABrokenRowCanBeSkipped) {
  const TempFile file(csv(kRows, 5000));
  TraceStore store;
  WorkloadSpec spec = workload(file.path());
  std::get<TraceSpec>(spec.kind).skip_bad_rows = true;
  const auto source = open_workload(spec, &store);
  EXPECT_EQ(all_of(*source).size(), static_cast<std::size_t>(kRows) - 1);
  EXPECT_EQ(source->warnings(), [&] {
    const auto plain = open_workload(spec);
    all_of(*plain);
    return plain->warnings();
  }());
}

TEST(TraceStore, ServesSeveralThreadsAtOnce) {
  const TempFile file(csv(kRows));
  TraceStore store;
  const std::vector<Sent> plain = all_of(*open_workload(workload(file.path())));
  std::vector<std::vector<Sent>> seen(4);
  {
    std::vector<std::jthread> threads;
    for (auto& sent : seen) {
      threads.emplace_back([&] { sent = all_of(*open_workload(workload(file.path()), &store)); });
    }
  }
  for (const auto& sent : seen) EXPECT_EQ(sent, plain);
}

}  // namespace
}  // namespace blis
