#include "workloads/line_reader.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <random>
#include <string>
#include <vector>

#include "tests/workloads/temp_file.h"

namespace blis {
namespace {

std::string gzipped(const std::string& text) {
  z_stream state{};
  constexpr int kGzipHeader = 16;
  deflateInit2(&state, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS + kGzipHeader, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&state, text.size()), '\0');
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  state.avail_in = static_cast<uInt>(text.size());
  state.next_out = reinterpret_cast<Bytef*>(out.data());
  state.avail_out = static_cast<uInt>(out.size());
  deflate(&state, Z_FINISH);
  out.resize(state.total_out);
  deflateEnd(&state);
  return out;
}

std::string zstd_compressed(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1));
  return out;
}

std::vector<std::string> lines_of(const std::string& content) {
  const TempFile file(content);
  LineReader reader(file.path());
  std::vector<std::string> lines;
  for (std::string_view line; reader.next(line);) lines.emplace_back(line);
  return lines;
}

std::string error_reading(const std::string& path) {
  try {
    LineReader reader(path);
    for (std::string_view line; reader.next(line);) {
    }
  } catch (const InputError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::io);
    return error.problems().front().message;
  }
  return {};
}

// More than a few buffers of text that compresses, but not away.
std::string long_text() {
  std::mt19937 random(1);
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += std::to_string(random() % 100'000) + (i % 7 == 0 ? "\n" : ",");
  return text;
}

TEST(LineReader, LinesEndWithNewlineOrCarriageReturnNewlineOrTheFile) {
  const std::vector<std::string> expected{"a", "", "b"};
  EXPECT_EQ(lines_of("a\n\nb\n"), expected);
  EXPECT_EQ(lines_of("a\r\n\r\nb\r\n"), expected);
  EXPECT_EQ(lines_of("a\n\nb"), expected);
}

TEST(LineReader, AnEmptyFileHasNoLines) {
  EXPECT_TRUE(lines_of("").empty());
}

TEST(LineReader, AByteOrderMarkIsNotPartOfTheFirstLine) {
  EXPECT_EQ(lines_of("\xef\xbb\xbfx\n").front(), "x");
}

TEST(LineReader, Utf16IsRefused) {
  const TempFile file(std::string_view("\xff\xfex\0", 4));
  EXPECT_NE(error_reading(file.path()).find("UTF-16"), std::string::npos);
}

TEST(LineReader, LinesLongerThanTheBufferArriveWhole) {
  const std::string line(3'000'000, 'x');
  const std::vector<std::string> lines = lines_of("short\n" + line + "\nend");
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[1], line);
  EXPECT_EQ(lines[2], "end");
}

TEST(LineReader, PlacesCountLinesAndColumnsFromOne) {
  const TempFile file("first\nsecond,x\n");
  LineReader reader(file.path());
  std::string_view line;
  reader.next(line);
  reader.next(line);
  EXPECT_EQ(to_string(reader.place(line.data() + 7)), file.path() + ":2:8");
}

TEST(LineReader, CompressedFilesReadLikePlainOnes) {
  const std::string text = long_text();
  const std::vector<std::string> plain = lines_of(text);
  EXPECT_EQ(lines_of(gzipped(text)), plain);
  EXPECT_EQ(lines_of(zstd_compressed(text)), plain);
}

TEST(LineReader, SeveralCompressedPartsInARowAreOneFile) {
  const std::vector<std::string> expected{"a", "b"};
  EXPECT_EQ(lines_of(gzipped("a\n") + gzipped("b\n")), expected);
  EXPECT_EQ(lines_of(zstd_compressed("a\n") + zstd_compressed("b\n")), expected);
  EXPECT_EQ(lines_of(gzipped("a\nb\n") + std::string(512, '\0')), expected);  // a tape's padding
}

TEST(LineReader, ACompressedFileThatIsCutShortIsAnError) {
  const std::string text = long_text();
  for (const std::string& whole : {gzipped(text), zstd_compressed(text)}) {
    for (const std::size_t size : {std::size_t{5}, whole.size() / 2, whole.size() - 1}) {
      const TempFile file(whole.substr(0, size));
      EXPECT_NE(error_reading(file.path()).find("cut short"), std::string::npos) << size;
    }
  }
}

TEST(LineReader, ADamagedCompressedFileIsAnError) {
  const std::string text = long_text();
  for (std::string whole : {gzipped(text), zstd_compressed(text)}) {
    for (std::size_t i = 4; i < 40; ++i) whole[i] = '\xff';
    const TempFile file(whole);
    EXPECT_NE(error_reading(file.path()).find("damaged"), std::string::npos);
  }
  const TempFile garbage_behind(gzipped("a\n") + "garbage");
  EXPECT_NE(error_reading(garbage_behind.path()).find("damaged"), std::string::npos);
}

TEST(LineReader, AMissingFileAndADirectoryAreNamed) {
  EXPECT_EQ(error_reading("/no/such/file"), "cannot open this file: No such file or directory");
  EXPECT_EQ(error_reading("/tmp"), "is a directory, not a file");
}

TEST(LineReader, TheHeadIsTheBeginningOfTheDecompressedFile) {
  const TempFile file(gzipped("{\"a\": 1}\n"));
  LineReader reader(file.path());
  EXPECT_EQ(reader.head(), "{\"a\": 1}\n");
  std::string_view line;
  ASSERT_TRUE(reader.next(line));
  EXPECT_EQ(line, "{\"a\": 1}");
}

}  // namespace
}  // namespace blis
