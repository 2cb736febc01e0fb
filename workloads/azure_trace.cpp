// Azure LLM inference traces: TIMESTAMP,ContextTokens,GeneratedTokens.
//
// 2023 stamps read "2023-11-16 18:17:03.9799600", without a zone; those of 2024 have six fractional
// digits or none and a UTC offset, "2024-05-10 00:00:00.009930+00:00". The multimodal trace of 2025
// adds NumImages; images become further prompt tokens.
// Source: github.com/Azure/AzurePublicDataset.

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "workloads/csv_rows.h"
#include "workloads/date_time.h"
#include "workloads/random.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

// A 336-pixel image in patches of 14 pixels (LLaVA-1.5). Models differ from 64 to several thousand.
constexpr double kTokensPerImage = 576;

class AzureReader : public TraceReader {
 public:
  AzureReader(LineReader lines, const ReaderOptions& options)
      : rows_(std::move(lines)),
        timestamp_(rows_.column("TIMESTAMP")),
        context_(rows_.column("ContextTokens")),
        generated_(rows_.column("GeneratedTokens")),
        images_(rows_.find_column("NumImages")),
        encodes_(options.encodes_items),
        guessed_(!options.tokens_per_image),
        tokens_per_image_(options.tokens_per_image.value_or(kTokensPerImage)) {}

  bool next(TraceRow& row) override {
    if (!rows_.next()) return false;
    const std::optional<DateTime> time = parse_date_time(rows_.text(timestamp_));
    if (!time) {
      rows_.reject(timestamp_, "bad `TIMESTAMP`",
                   "a date and time such as 2023-11-16 18:17:03.9799600 or 2024-05-10 00:00:00.009930+00:00");
    }
    row.stamp = time->since_1970;
    row.input_tokens = rows_.integer(context_, images_ ? kTokensOrNone : kTokenRange);
    row.output_tokens = rows_.integer(generated_, kTokenRange);
    if (images_) add_images(row);
    return true;
  }

  Place place() const override { return rows_.place(timestamp_); }

  std::vector<std::string> warnings() const override {
    if (image_count_ == 0) return {};
    return {fmt::format("{} images {} {:g} prompt tokens each{}", image_count_,
                        encodes_ ? "are encoded, no two the same, as" : "count as", tokens_per_image_,
                        guessed_ ? ", which is a guess; set `tokens_per_image` for your model" : "")};
  }

 private:
  void add_images(TraceRow& row) {
    const std::int64_t images = rows_.integer(*images_, {0, 100'000});
    const std::int64_t text = row.input_tokens;
    image_count_ += images;
    row.input_tokens += std::llround(static_cast<double>(images) * tokens_per_image_);
    if (row.input_tokens < kTokenRange.min || row.input_tokens > kTokenRange.max) {
      rows_.reject(context_, "text and images together have an impossible length", describe(kTokenRange));
    }
    if (encodes_ && images > 0) encode(row, images, text);
  }

  // Images in front of the text, as equal as whole numbers allow.
  void encode(TraceRow& row, std::int64_t images, std::int64_t text) {
    const std::int64_t embeds = row.input_tokens - text;
    std::int64_t at = 0;
    for (std::int64_t i = 0; i < images; ++i) {
      const std::int64_t end = embeds * (i + 1) / images;
      if (end == at) continue;
      const std::uint64_t hash = mix_bits(++encoded_) | 1;
      row.items.push_back({static_cast<std::int32_t>(at), static_cast<std::int32_t>(end - at), hash});
      row.prompt.push_back({hash, static_cast<std::int32_t>(end - at)});
      at = end;
    }
    if (text > 0) row.prompt.push_back({kPrivateContent, static_cast<std::int32_t>(text)});
  }

  CsvRows rows_;
  std::size_t timestamp_, context_, generated_;
  std::optional<std::size_t> images_;
  bool encodes_;
  bool guessed_;
  std::uint64_t encoded_ = 0;
  double tokens_per_image_;
  std::int64_t image_count_ = 0;
};

}  // namespace

bool is_azure(const TraceHead& head) {
  return has_columns(head, {"TIMESTAMP", "ContextTokens", "GeneratedTokens"});
}

std::unique_ptr<TraceReader> open_azure(LineReader lines, const ReaderOptions& options) {
  return std::make_unique<AzureReader>(std::move(lines), options);
}

}  // namespace blis
