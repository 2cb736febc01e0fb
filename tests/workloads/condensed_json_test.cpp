#include "workloads/condensed_json.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>

#include "tests/workloads/temp_file.h"

namespace blis {
namespace {

constexpr KeepRule kRules[] = {{"drop", Keep::nothing}, {"sums", Keep::sums}, {"ends", Keep::ends}};

// Hands out a text in pieces of any size.
class Pieces : public ByteStream {
 public:
  Pieces(std::string text, unsigned seed) : text_(std::move(text)), random_(seed) {}
  std::size_t read(std::span<char> buffer) override {
    const std::size_t n = std::min({buffer.size(), text_.size() - at_, std::size_t{1} + random_() % 7});
    std::copy_n(text_.begin() + static_cast<std::ptrdiff_t>(at_), n, buffer.begin());
    at_ += n;
    return n;
  }

 private:
  std::string text_;
  std::mt19937 random_;
  std::size_t at_ = 0;
};

CondensedJson condensed(const std::string& text, unsigned seed = 0) {
  LineReader lines(std::make_unique<Pieces>(text, seed), "file");
  return {lines, kRules};
}
std::string text_of(const std::string& text) {
  return std::string(condensed(text).text());
}

struct Case {
  const char *given, *left;
};
class Condensed : public testing::TestWithParam<Case> {};

TEST_P(Condensed, IsWhatTheRulesLeave) {
  EXPECT_EQ(text_of(GetParam().given), GetParam().left);
}

INSTANTIATE_TEST_SUITE_P(
    Documents, Condensed,
    testing::Values(Case{R"({"a": [1, 2], "b": "text"})", R"({"a": [1, 2], "b": "text"})"},
                    Case{R"({"drop": [1, [2], "]"], "a": 1})", R"({"drop": null, "a": 1})"},
                    Case{R"({"drop": {"x": "}"}, "a": 1})", R"({"drop": null, "a": 1})"},
                    Case{R"({"drop": "a \" ] b", "a": 1})", R"({"drop": null, "a": 1})"},
                    Case{R"({"drop": 5, "a": "drop"})", R"({"drop": 5, "a": "drop"})"},
                    Case{R"({"a": {"drop": []}, "b": [{"drop": [1]}]})",
                         R"({"a": {"drop": null}, "b": [{"drop": null}]})"},
                    Case{R"({"sums": [[0.5, 0.25], [], [1]], "a": [[1]]})",
                         R"({"sums": [[0.75,2], [0,0], [1,1]], "a": [[1]]})"},
                    Case{R"({"sums": [[1, null], [1, [2]], ["x"], 7]})",
                         R"({"sums": [null, null, null, 7]})"},
                    Case{R"({"ends": [1.5, 2, 3e1], "a": 1})", R"({"ends": [1.5,3e1], "a": 1})"},
                    Case{R"({"ends": [4]})", R"({"ends": [4]})"}, Case{R"({"ends": [ ]})", R"({"ends": []})"},
                    Case{R"({"ends": null})", R"({"ends": null})"},
                    Case{R"({"ends": [1,,2]})", R"({"ends": null})"},
                    Case{R"({"drop": [1, 2)", R"({"drop": )"}, Case{"[1, 2", "[1, 2"}));

TEST(CondensedJsonOf, LongTextsAreEmpty) {
  const std::string just(CondensedJson::kLongestText, 'x'), more = just + "\\u00e9\\\" y";
  EXPECT_EQ(text_of("{\"a\": \"" + just + "\"}"), "{\"a\": \"" + just + "\"}");
  EXPECT_EQ(text_of("{\"a\": \"" + more + "\", \"b\": 1}"), "{\"a\": \"\", \"b\": 1}");
}

TEST(CondensedJsonOf, PiecesOfAnySizeIsTheSame) {
  std::string text = "{\"sums\": [";
  for (int i = 0; i < 50; ++i) text += fmt::format("[{}, {}.5, 1e-3],", i, i);
  text += "[]], \"drop\": [\"a\\\\\", \"b\\\"]\"], \"long\": \"" + std::string(400, 'z') +
          "\", \"ends\": [1, 2, 3]}";
  const std::string once(condensed(text).text());
  for (unsigned seed = 1; seed < 20; ++seed) EXPECT_EQ(condensed(text, seed).text(), once) << seed;
}

TEST(CondensedJsonOf, KnowsWhereInTheFileItsCharactersAre) {
  const std::string file =
      "\n{\"drop\": [1, 2, 3], \"a\": 1,\n \"drop\": [\n5,\n 6], \"b\": 2,\n \"sums\": [[1], [2, 3]], \"c\": "
      "3}";
  const CondensedJson json = condensed(file);
  for (const char name : {'a', 'b', 'c'}) {
    const std::string key = fmt::format("\"{}\"", name);
    const std::size_t there = file.find(key);
    const Place place = json.place(json.text().find(key));
    EXPECT_EQ(place.line,
              1 + std::count(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(there), '\n'))
        << name;
    EXPECT_EQ(place.column, static_cast<std::int64_t>(there - file.rfind('\n', there))) << name;
  }
  EXPECT_EQ(json.place(2, 2).line, 3);
}

}  // namespace
}  // namespace blis
