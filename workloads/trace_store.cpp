#include "workloads/trace_store.h"

#include <deque>
#include <optional>
#include <vector>

#include "workloads/bad_row.h"

namespace blis {
namespace {

constexpr std::size_t kRowsInChunk = 4096;

struct LineColumn {
  std::int64_t line = 0, column = 0;
};

// Some rows of a trace; complete before anybody else sees it, and never changed afterwards.
struct Chunk {
  std::string file;
  std::vector<TraceRow> rows;
  std::vector<LineColumn> places;                   // of the rows
  std::vector<std::pair<std::size_t, BadRow>> bad;  // met before the row of that index
  std::optional<InputError> broken;                 // the file cannot be read on
  std::vector<std::string> warnings;                // all until here
  bool last = false;
};

}  // namespace

class SharedTrace {
 public:
  explicit SharedTrace(OpenedTrace trace)
      : trace_(std::move(trace)),
        follow_ups_(trace_.reader->follow_ups()),
        block_tokens_(trace_.reader->block_tokens()) {}

  // Reads up to it if nobody has. Chunks stay where they are.
  const Chunk& chunk(std::size_t index) {
    const std::lock_guard lock(mutex_);
    while (chunks_.size() <= index) read_chunk();
    return chunks_[index];
  }

  const TraceFormat* format() const { return trace_.format; }
  FollowUps follow_ups() const { return follow_ups_; }
  std::int32_t block_tokens() const { return block_tokens_; }
  std::string hint_without_times() {
    const std::lock_guard lock(mutex_);
    return trace_.reader->hint_without_times();
  }
  std::string hint_about_order() {
    const std::lock_guard lock(mutex_);
    return trace_.reader->hint_about_order();
  }

 private:
  void read_chunk() {
    Chunk chunk;
    TraceReader& reader = *trace_.reader;
    try {
      while (chunk.rows.size() < kRowsInChunk && !chunk.last) {
        TraceRow row;
        try {
          chunk.last = !reader.next(row);
        } catch (const BadRow& bad) {
          chunk.bad.emplace_back(chunk.rows.size(), bad);
          continue;
        }
        if (chunk.last) break;
        const Place place = reader.place();
        chunk.file = place.file;
        chunk.rows.push_back(std::move(row));
        chunk.places.push_back({place.line, place.column});
      }
    } catch (const InputError& error) {
      chunk.broken = error;
      chunk.last = true;
    }
    chunk.warnings = reader.warnings();
    chunks_.push_back(std::move(chunk));
  }

  std::mutex mutex_;
  OpenedTrace trace_;
  const FollowUps follow_ups_;
  const std::int32_t block_tokens_;
  std::deque<Chunk> chunks_;
};

namespace {

// Every part in its place.
std::vector<std::string> parts_of(const LogView& view) {
  const ColumnMapping& c = view.columns;
  std::vector<std::string> parts;
  for (const auto* const part : {&c.arrival, &c.input, &c.output, &c.session, &c.priority, &c.unit}) {
    parts.push_back(part->value_or(""));
  }
  parts.insert(parts.end(), view.where.begin(), view.where.end());
  return parts;
}

class SharedReader : public TraceReader {
 public:
  explicit SharedReader(SharedTrace& trace) : trace_(trace) {}

  bool next(TraceRow& row) override {
    while (chunk_ == nullptr || at_end()) {
      if (chunk_ != nullptr && chunk_->broken) throw InputError(*chunk_->broken);
      if (chunk_ != nullptr && chunk_->last) return false;
      chunk_ = &trace_.chunk(next_chunk_++);
      row_ = bad_ = 0;
    }
    if (bad_ < chunk_->bad.size() && chunk_->bad[bad_].first == row_) {
      throw BadRow(chunk_->bad[bad_++].second);
    }
    place_ = chunk_->places[row_];
    row = chunk_->rows[row_++];
    return true;
  }

  std::string hint_without_times() const override { return trace_.hint_without_times(); }
  std::string hint_about_order() const override { return trace_.hint_about_order(); }
  Place place() const override { return {chunk_->file, place_.line, place_.column}; }
  std::vector<std::string> warnings() const override {
    return chunk_ == nullptr ? std::vector<std::string>{} : chunk_->warnings;
  }
  FollowUps follow_ups() const override { return trace_.follow_ups(); }
  std::int32_t block_tokens() const override { return trace_.block_tokens(); }

 private:
  bool at_end() const { return row_ == chunk_->rows.size() && bad_ == chunk_->bad.size(); }

  SharedTrace& trace_;
  const Chunk* chunk_ = nullptr;
  std::size_t next_chunk_ = 0;
  std::size_t row_ = 0, bad_ = 0;  // next in the chunk
  LineColumn place_;
};

}  // namespace

TraceStore::TraceStore() = default;
TraceStore::~TraceStore() = default;

OpenedTrace TraceStore::open(const std::string& path, std::string_view format, const ReaderOptions& options) {
  const std::lock_guard lock(mutex_);
  const auto shared = [&](std::uint64_t seed) -> SharedTrace& {
    const Key key{path,
                  std::string(format),
                  seed,
                  options.tokens_per_image.value_or(0),
                  options.chars_per_token.value_or(0),
                  options.encodes_items,
                  options.grammars,
                  options.adapters,
                  parts_of(options.log)};
    std::unique_ptr<SharedTrace>& trace = traces_[key];
    ReaderOptions seeded = options;
    seeded.seed = seed;
    if (!trace) trace = std::make_unique<SharedTrace>(open_trace(path, format, seeded));
    return *trace;
  };
  // Most formats list their rows, whatever the seed.
  SharedTrace* trace = &shared(0);
  if (trace->format()->draws) trace = &shared(options.seed);
  return {trace->format(), std::make_unique<SharedReader>(*trace)};
}

}  // namespace blis
