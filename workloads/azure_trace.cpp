// Azure LLM inference traces: TIMESTAMP,ContextTokens,GeneratedTokens.
//
// 2023 stamps read "2023-11-16 18:17:03.9799600", without a zone; those of 2024 have six fractional
// digits or none and a UTC offset, "2024-05-10 00:00:00.009930+00:00". The multimodal trace of 2025
// adds NumImages; images become further prompt tokens.
// Source: github.com/Azure/AzurePublicDataset.

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <optional>

#include "workloads/csv_rows.h"
#include "workloads/random.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

// A cursor over fixed-width decimal fields.
class Digits {
 public:
  explicit Digits(std::string_view text) : text_(text) {}

  // Exactly `width` digits.
  int number(std::size_t width) {
    if (text_.size() < width) return fail();
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      const char c = text_[i];
      if (c < '0' || c > '9') return fail();
      value = 10 * value + (c - '0');
    }
    text_.remove_prefix(width);
    return value;
  }
  bool skip(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!skip(c)) fail();
  }
  // ".d…" as nanoseconds, from 1 to 9 digits; 0 if there is no point.
  std::int64_t fraction_ns() {
    if (!skip('.')) return 0;
    std::int64_t ns = 0;
    std::int64_t digit_value = 100'000'000;
    std::size_t n = 0;
    for (; n < text_.size() && text_[n] >= '0' && text_[n] <= '9'; ++n, digit_value /= 10) {
      ns += digit_value * (text_[n] - '0');
    }
    if (n == 0 || n > 9) fail();
    text_.remove_prefix(n);
    return ns;
  }
  bool at_end() const { return text_.empty(); }
  bool ok() const { return ok_; }

 private:
  int fail() {
    ok_ = false;
    return 0;
  }
  std::string_view text_;
  bool ok_ = true;
};

// Nanoseconds since 1970, UTC unless the text has an offset.
std::optional<Duration> parse_date_time(std::string_view text) {
  using namespace std::chrono;
  Digits in(text);
  const int y = in.number(4);
  in.expect('-');
  const int mo = in.number(2);
  in.expect('-');
  const int d = in.number(2);
  if (!in.skip('T')) in.expect(' ');
  const int h = in.number(2);
  in.expect(':');
  const int mi = in.number(2);
  in.expect(':');
  const int s = in.number(2);
  const nanoseconds fraction{in.fraction_ns()};
  minutes offset{0};
  if (!in.skip('Z') && !in.at_end()) {
    const int sign = in.skip('-') ? -1 : 1;
    if (sign > 0) in.expect('+');
    const int offset_hours = in.number(2);
    in.skip(':');
    offset = sign * (hours{offset_hours} + minutes{in.at_end() ? 0 : in.number(2)});
  }
  const year_month_day date{year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}};
  // The clock counts nanoseconds from 1970 in 64 bits, which end in 2262.
  if (!in.ok() || !in.at_end() || !date.ok() || y < 1970 || y > 2200 || h > 23 || mi > 59 || s > 60) {
    return std::nullopt;
  }
  return sys_days{date}.time_since_epoch() + hours{h} + minutes{mi} + seconds{s} + fraction - offset;
}

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
    row.stamp = parse_date_time(rows_.text(timestamp_));
    if (!row.stamp) {
      rows_.reject(timestamp_, "bad `TIMESTAMP`",
                   "a date and time such as 2023-11-16 18:17:03.9799600 or 2024-05-10 00:00:00.009930+00:00");
    }
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
