#include <gtest/gtest.h>

#include "problems.h"
#include "scenarios/document.h"

namespace blis {
namespace {

Document parse(std::string_view text) {
  return parse_yaml(text, "a.yaml");
}

// Everything wrong with `text`, parsed or not.
std::string complaint(std::string_view text) {
  try {
    const Document d = parse(text);
    return d.problems.empty() ? "" : InputError(ErrorKind::usage, d.problems).what();
  } catch (const InputError& error) {
    return error.what();
  }
}

TEST(Yaml, KeepsKeysValuesAndTheirPlaces) {
  const Document d = parse("# remark\na: 1\nb:\n  - x\n  - {c: 'yes'}\n");
  EXPECT_EQ(to_string(value_place(d, d.root.children.at(0))), "a.yaml:2:4");
  EXPECT_EQ(to_string(key_place(d, d.root.children.at(0))), "a.yaml:2:1");
  const Node& b = d.root.children.at(1);
  EXPECT_EQ(b.children.at(0).text, "x");
  const Node& c = b.children.at(1).children.at(0);
  EXPECT_EQ(c.key, "c");
  EXPECT_TRUE(c.quoted);
  EXPECT_EQ(to_string(value_place(d, c)), "a.yaml:5:9");
}

TEST(Yaml, LeavesScalarsAsTheyAreWritten) {
  const Document d = parse("{version: 0.20, octal: 010, word: no}");
  EXPECT_EQ(d.root.children.at(0).text, "0.20");
  EXPECT_EQ(d.root.children.at(1).text, "010");
  EXPECT_EQ(d.root.children.at(2).text, "no");
}

TEST(Yaml, NothingIsNull) {
  for (const char* const text : {"", "\n\n", "# only a remark\n", "---\n", "null\n", "~\n"}) {
    EXPECT_EQ(parse(text).root.kind, Node::Kind::null) << text;
  }
  EXPECT_EQ(parse("a:\n").root.children.at(0).kind, Node::Kind::null);
}

TEST(Yaml, WindowsLineEndsAndAByteOrderMarkAreText) {
  const Document d = parse(
      "\xEF\xBB\xBF"
      "a: 1\r\nb: 2\r\n");
  EXPECT_EQ(d.root.children.at(0).key, "a");
  EXPECT_EQ(d.root.children.at(1).text, "2");
}

TEST(Yaml, EachTrapIsNamedWithItsPlace) {
  struct Case {
    const char *text, *message;
  };
  for (const Case& c : {
           Case{"a: 1\nb: 2\na: 3\n",
                "a.yaml:3:1: duplicate key `a`\n  expected: each key once\n  got:      the same key again, "
                "first at line 1\n  hint:     remove one of the two"},
           Case{"a: 1\n\tb: 2\n",
                "a.yaml:2:1: a tab in the indentation\n  expected: spaces\n  got:      a tab"},
           Case{"a: &x 1\nb: *x\n",
                "a.yaml:1:4: anchors (`&name`) are not supported\n  expected: the value alone\n  got:      "
                "an anchor\n  hint:     remove it, and write the value out where it was used\n"
                "a.yaml:2:4: aliases (`*name`) are not supported\n  expected: the value itself\n  got:      "
                "an alias\n  hint:     write the value out, or vary it with --set"},
           Case{"<<: {a: 1}\n",
                "a.yaml:1:1: merge keys (`<<`) are not supported\n  expected: the keys themselves\n  got:    "
                "  <<\n  hint:     write the keys out, or vary them with --set"},
           Case{"a: !!int 5\n",
                "a.yaml:1:4: tags are not supported\n  expected: the value alone\n  got:      "
                "tag:yaml.org,2002:int"},
           Case{"a: 1\n---\nb: 2\n",
                "a.yaml:3:1: more text after the end of the document\n  expected: one document\n  got:      "
                "a second one\n  hint:     put it into a file of its own, or check the indentation"},
           Case{"a: 1\nb: \"x\n", "a.yaml:2:4: a quote is not closed\n  expected: a closing quote"},
           Case{"a: 'it''s",
                "a.yaml:1:10: not valid YAML: illegal EOF in scalar\n  hint:     something that was opened "
                "here or earlier is not closed"},
           Case{"[a]: 1\n",
                "a.yaml:1:1: a key must be a word\n  expected: key: value\n  hint:     is a brace or bracket "
                "not closed?"},
           Case{"a: 1\n: 2\n",
                "a.yaml:2:1: a key must be a word\n  expected: key: value\n  hint:     is a brace or bracket "
                "not closed?"},
           Case{"a: \x01\n",
                "a.yaml:1:4: not a text file\n  expected: YAML\n  got:      a control character (0x01)"},
           Case{"a: \xff\n", "a.yaml:1:4: not a text file\n  expected: UTF-8\n  got:      the byte 0xff"},
       }) {
    EXPECT_EQ(complaint(c.text), c.message) << c.text;
  }
}

TEST(Yaml, ABrokenTextIsPlacedWhereItBreaks) {
  EXPECT_EQ(said_by([] { parse("a: 1\nb: [1, 2\nc: 3\n"); }).heads.at(0).substr(0, 9), "a.yaml:3:");
  EXPECT_EQ(said_by([] { parse("a: 1\n b: 2\n"); }).heads.at(0).substr(0, 9), "a.yaml:2:");
}

// yaml-cpp itself says 1:1.
TEST(Yaml, ATextThatEndsTooEarlyIsPlacedAtItsLastValue) {
  EXPECT_EQ(complaint("a: {b: 1"),
            "a.yaml:1:8: not valid YAML: end of map flow not found\n"
            "  hint:     something that was opened here or earlier is not closed");
}

TEST(Yaml, DepthAndSizeHaveLimits) {
  EXPECT_EQ(complaint(std::string(20'000, '[') + std::string(20'000, ']')),
            "a.yaml:1:65: nested too deeply\n  expected: at most 64 levels");
  EXPECT_NE(complaint("a: " + std::string(kMaxYamlBytes, 'x')).find("too large for a scenario"),
            std::string::npos);
}

}  // namespace
}  // namespace blis
