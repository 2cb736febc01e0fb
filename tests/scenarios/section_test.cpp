#include "scenarios/section.h"

#include <gtest/gtest.h>

#include "problems.h"

namespace blis {
namespace {

// What reading `text` with `read` said; empty if nothing was wrong.
template <class Read>
std::string complaint(std::string_view text, Read read) {
  try {
    DocumentReader reader(parse_yaml(text, "s.yaml"), "test file");
    read(reader.root());
    reader.check();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Section, GivesTypedValuesAndDefaults) {
  EXPECT_EQ(complaint("{i: 3, d: 0.5, b: true, t: word, n: null, list: [1, 2.5], texts: [a, b]}",
                      [](Section s) {
                        EXPECT_EQ(s.integer("i", {1, 10}), 3);
                        EXPECT_EQ(s.integer("absent", {1, 10}, 7), 7);
                        EXPECT_EQ(s.number("d", kShare), 0.5);
                        EXPECT_EQ(s.number("none", kPositive, 2.0), 2.0);
                        EXPECT_TRUE(s.boolean("b"));
                        EXPECT_FALSE(s.boolean("no_b", false));
                        EXPECT_EQ(s.text("t"), "word");
                        EXPECT_EQ(s.text("no_t", "other"), "other");
                        EXPECT_EQ(s.maybe_integer("n", kCount), std::nullopt);
                        EXPECT_EQ(s.maybe_integer("i", kCount), 3);
                        EXPECT_EQ(s.numbers("list", kPositive), (std::vector<double>{1, 2.5}));
                        EXPECT_EQ(s.texts("texts"), (std::vector<std::string>{"a", "b"}));
                        s.finish();
                      }),
            "");
}

TEST(Section, BoundsAreInclusiveUnlessOpen) {
  struct Case {
    Range<double> range;
    double value;
    bool legal;
  };
  for (const Case& c :
       {Case{kShare, 0, true}, Case{kShare, 1, true}, Case{kShare, 1.01, false}, Case{kShare, -0.01, false},
        Case{kPositiveShare, 0, false}, Case{kPositiveShare, 1, true}, Case{kPositive, 0, false},
        Case{kPositive, 1e-300, true}, Case{kNotNegative, 0, true}, Case{kNotNegative, -1e-9, false}}) {
    EXPECT_EQ(c.range.contains(c.value), c.legal) << describe(c.range) << " / " << c.value;
  }
}

TEST(Section, RangesReadAsWords) {
  EXPECT_EQ(describe(Range<std::int64_t>{1, 64}), "an integer from 1 to 64");
  EXPECT_EQ(describe(Range<std::int64_t>{.low = 1}), "an integer of at least 1");
  EXPECT_EQ(describe(kPositive), "a number above 0");
  EXPECT_EQ(describe(kPositiveShare), "a number above 0 and up to 1");
  EXPECT_EQ(describe(Range<double>{}), "a number");
}

struct SectionMistake {
  const char* text;
  void (*read)(Section);
  const char* message;
};

class SectionMistakes : public testing::TestWithParam<SectionMistake> {};

TEST_P(SectionMistakes, AreNamedOnceWithTheirPlace) {
  EXPECT_EQ(complaint(GetParam().text, GetParam().read), GetParam().message);
}

constexpr auto kReadInteger = [](Section s) { s.integer("i", {1, 64}); };
constexpr auto kReadDefaulted = [](Section s) { s.integer("i", {1, 64}, 4); };
constexpr auto kReadBoolean = [](Section s) { s.boolean("b"); };
constexpr auto kReadText = [](Section s) { s.text("t"); };
constexpr auto kReadNumbers = [](Section s) { s.numbers("l", kPositive); };
constexpr auto kReadChoice = [](Section s) {
  static const std::vector<std::string> names{"fcfs", "priority"};
  s.choice("c", names);
};

INSTANTIATE_TEST_SUITE_P(
    All, SectionMistakes,
    testing::Values(
        SectionMistake{"x: 1", kReadInteger,
                       "s.yaml:1:1: missing key `i`\n  expected: an integer from 1 to 64"},
        SectionMistake{
            "i: 0", kReadInteger,
            "s.yaml:1:4: `i` has a wrong value\n  expected: an integer from 1 to 64\n  got:      `0`"},
        SectionMistake{
            "i: 65", kReadInteger,
            "s.yaml:1:4: `i` has a wrong value\n  expected: an integer from 1 to 64\n  got:      `65`"},
        SectionMistake{
            "i: 4x", kReadInteger,
            "s.yaml:1:4: `i` has a wrong value\n  expected: an integer from 1 to 64\n  got:      `4x`\n  "
            "hint:     write the number alone: the key says its unit"},
        SectionMistake{
            "i: \"4\"", kReadInteger,
            "s.yaml:1:4: `i` has a wrong value\n  expected: an integer from 1 to 64\n  got:      the "
            "text `4`\n  hint:     remove the quotes"},
        SectionMistake{
            "i: [4]", kReadInteger,
            "s.yaml:1:4: `i` has a wrong value\n  expected: an integer from 1 to 64\n  got:      a list"},
        SectionMistake{
            "i: {a: 4}", kReadInteger,
            "s.yaml:1:4: `i` has a wrong value\n  expected: an integer from 1 to 64\n  got:      a "
            "section with keys of its own"},
        SectionMistake{
            "i: null", kReadInteger,
            "s.yaml:1:4: `i` has a wrong value\n  expected: an integer from 1 to 64\n  got:      nothing "
            "(null)"},
        SectionMistake{
            "i: null", kReadDefaulted,
            "s.yaml:1:4: `i` has a wrong value\n  expected: an integer from 1 to 64\n  got:      nothing "
            "(null)\n  hint:     remove the key to take its default"},
        SectionMistake{
            "b: yes", kReadBoolean,
            "s.yaml:1:4: `b` has a wrong value\n  expected: true or false\n  got:      `yes`\n  hint:    "
            " write `true`"},
        SectionMistake{
            "b: 'true'", kReadBoolean,
            "s.yaml:1:4: `b` has a wrong value\n  expected: true or false\n  got:      the text `true`\n "
            " hint:     remove the quotes"},
        SectionMistake{
            "t: ''", kReadText,
            "s.yaml:1:4: `t` has a wrong value\n  expected: a text that is not empty\n  got:      the "
            "text ``"},
        SectionMistake{
            "l: 3", kReadNumbers,
            "s.yaml:1:4: `l` has a wrong value\n  expected: a list of numbers: [1, 2]\n  got:      `3`"},
        SectionMistake{
            "l: [1, no, 0]", kReadNumbers,
            "s.yaml:1:8: `l` has a wrong value\n  expected: a list of which each is a number above 0\n  "
            "got:      `no`\n"
            "s.yaml:1:12: `l` has a wrong value\n  expected: a list of which each is a number above 0\n  "
            "got:      `0`"},
        SectionMistake{"c: priorty", kReadChoice,
                       "s.yaml:1:4: `c` has a wrong value\n  expected: one of fcfs, priority\n  got:      "
                       "`priorty`\n  hint:     did you mean `priority`?"},
        SectionMistake{
            "a: 1", [](Section s) { s.required_section("a"); },
            "s.yaml:1:4: `a` has a wrong value\n  expected: a section with keys of its own\n  got:      `1`"},
        SectionMistake{"b: 1", [](Section s) { s.required_section("a"); },
                       "s.yaml:1:1: missing section `a`\n  expected: `a:` with keys of its own"},
        SectionMistake{"a: [1]", [](Section s) { s.sections("a"); },
                       "s.yaml:1:5: `a` has a wrong value\n  expected: keys with values\n  got:      `1`"},
        SectionMistake{
            "", [](Section) {},
            "s.yaml: an empty test file\n  expected: keys with values\n  got:      no keys at all"},
        SectionMistake{
            "just words", [](Section) {},
            "s.yaml:1:1: not a test file\n  expected: keys with values\n  got:      `just words`"}));

TEST(Section, NamesTheWholePathOfANestedKey) {
  EXPECT_EQ(
      complaint("a:\n  b:\n    c: x\n",
                [](Section s) { s.section("a")->section("b")->integer("c", kCount); }),
      "s.yaml:3:8: `a.b.c` has a wrong value\n  expected: an integer from 1 to 1000000000\n  got:      `x`");
}

TEST(Section, KeysNobodyAskedForAreUnknownWithTheNearest) {
  EXPECT_EQ(complaint("block_size: 1\nblok_size: 2\n",
                      [](Section s) {
                        s.integer("block_size", kCount);
                        s.finish();
                      }),
            "s.yaml:2:1: unknown key `blok_size`\n  expected: one of block_size\n  got:      blok_size\n"
            "  hint:     did you mean `block_size`?");
  EXPECT_EQ(complaint("other: 1\n",
                      [](Section s) {
                        s.allow_other_keys();
                        s.finish();
                      }),
            "");
}

TEST(Section, CopiesShareWhatWasAskedFor) {
  EXPECT_EQ(complaint("a: {x: 1, y: 2}\n",
                      [](Section s) {
                        s.section("a")->integer("x", kCount);
                        Section again = *s.section("a");
                        again.integer("y", kCount);
                        again.finish();
                      }),
            "");
}

TEST(Section, AllProblemsComeAtOnceInTheOrderOfTheFile) {
  const Said said = said_by([] {
    DocumentReader reader(parse_yaml("b: x\na: y\na: z\n", "s.yaml"), "test file");
    Section s = reader.root();
    s.integer("a", kCount);
    s.integer("b", kCount);
    reader.check();
  });
  EXPECT_EQ(said.heads,
            (std::vector<std::string>{"s.yaml:1:4: `b` has a wrong value",
                                      "s.yaml:2:4: `a` has a wrong value", "s.yaml:3:1: duplicate key `a`"}));
}

TEST(Section, AFileOfNothingButMistakesSaysTwentyAndCountsTheRest) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "key" + std::to_string(i) + ": 1\n";
  const Said said = said_by([&] {
    DocumentReader reader(parse_yaml(text, "s.yaml"), "test file");
    reader.root().finish();
    reader.check();
  });
  EXPECT_EQ(said.heads.size(), 21u);
  EXPECT_EQ(said.heads.back(), "s.yaml: and 980 more problems");
}

TEST(Section, LongValuesAreCutInMessages) {
  const std::string all = complaint("i: " + std::string(5000, 'x'), kReadInteger);
  EXPECT_LT(all.size(), 300u);
  EXPECT_NE(all.find("(5000 characters)"), std::string::npos);
}

}  // namespace
}  // namespace blis
