#include <gtest/gtest.h>

#include "problems.h"
#include "scenarios/document.h"

namespace blis {
namespace {

Document parse(std::string_view text) {
  return parse_json(text, "a.json");
}

std::string refusal(std::string_view text) {
  const Said said = said_by([&] { parse(text); });
  EXPECT_EQ(said.kind, ErrorKind::usage);
  return said.all;
}

TEST(Json, KeepsKeysValuesAndTheirPlaces) {
  const Document d = parse("{\n  \"a\": 1.5,\n  \"b\": [true, \"x\", null]\n}\n");
  ASSERT_EQ(d.root.kind, Node::Kind::map);
  const Node& a = d.root.children.at(0);
  EXPECT_EQ(a.key, "a");
  EXPECT_EQ(a.text, "1.5");
  EXPECT_FALSE(a.quoted);
  EXPECT_EQ(to_string(value_place(d, a)), "a.json:2:8");
  EXPECT_EQ(to_string(key_place(d, a)), "a.json:2:3");
  const Node& b = d.root.children.at(1);
  ASSERT_EQ(b.children.size(), 3u);
  EXPECT_TRUE(b.children[1].quoted);
  EXPECT_EQ(b.children[2].kind, Node::Kind::null);
  EXPECT_EQ(to_string(value_place(d, b.children[1])), "a.json:3:15");
}

TEST(Json, ReadsEscapes) {
  EXPECT_EQ(parse(R"("\"\\\/\b\f\n\r\t")").root.text, "\"\\/\b\f\n\r\t");
  EXPECT_EQ(parse(R"("\u0041\u00e9\u20ac\ud83d\ude00")").root.text, "A\u00e9\u20ac\U0001F600");
}

TEST(Json, AnEmptyTextHasANullRoot) {
  EXPECT_EQ(parse("").root.kind, Node::Kind::null);
  EXPECT_EQ(parse(" \n").root.kind, Node::Kind::null);
  EXPECT_EQ(parse("\xEF\xBB\xBF{}").root.kind, Node::Kind::map);
}

TEST(Json, SaysWhereAndWhatIsWrong) {
  struct Case {
    const char *text, *message;
  };
  for (const Case& c : {
           Case{"{\"a\": 1,}",
                "a.json:1:9: not valid JSON: a key is missing\n  expected: a key in quotes\n  got:      `}`"},
           Case{"{\"a\" 1}",
                "a.json:1:6: not valid JSON: a key without a value\n  expected: `:`\n  got:      `1`"},
           Case{"{\n\"a\": 1\n",
                "a.json:3:1: not valid JSON: an object is not closed\n  expected: `,` or `}`\n  got:      "
                "the end of the file"},
           Case{"[1 2]",
                "a.json:1:4: not valid JSON: a list is not closed\n  expected: `,` or `]`\n  got:      `2`"},
           Case{"{} x",
                "a.json:1:4: not valid JSON: more text after the end of the document\n  expected: nothing "
                "more\n  got:      `x`"},
           Case{"'a'",
                "a.json:1:1: not valid JSON: a value is missing\n  expected: a number, text in quotes, true, "
                "false, null, `{` or `[`\n  got:      `'`"},
           Case{"\"a\nb\"",
                "a.json:1:3: not valid JSON: text is not closed on its line\n  expected: `\"`\n  got:      "
                "the byte 0x0a"},
           Case{"\"\\q\"",
                "a.json:1:3: not valid JSON: an unknown escape\n  expected: one of \\\" \\\\ \\/ \\b \\f \\n "
                "\\r \\t \\u\n  got:      `q`"},
           Case{"\"\\u12g4\"",
                "a.json:1:6: not valid JSON: a broken \\u escape\n  expected: four hexadecimal digits\n  "
                "got:      `g`"},
           Case{"\"\\ud800x\"",
                "a.json:1:8: not valid JSON: half a surrogate pair\n  expected: \\uDC00 to \\uDFFF\n  got:   "
                "   `x`"},
           Case{"\"\\udc00\"",
                "a.json:1:8: not valid JSON: half a surrogate pair\n  expected: \\uD800 to \\uDBFF first\n  "
                "got:      `\"`"},
       }) {
    EXPECT_EQ(refusal(c.text), c.message) << c.text;
  }
}

TEST(Json, RefusesBytesThatAreNoText) {
  EXPECT_EQ(refusal("{\n \"a\": \"\xff\"}"),
            "a.json:2:8: not a text file\n  expected: UTF-8\n  got:      the byte 0xff");
  EXPECT_EQ(refusal("\"\xc3"), "a.json:1:2: not a text file\n  expected: UTF-8\n  got:      the byte 0xc3");
}

TEST(Json, RefusesDepthsThatNobodyNeeds) {
  EXPECT_EQ(parse(std::string(kMaxDepth, '[') + std::string(kMaxDepth, ']')).root.kind, Node::Kind::list);
  EXPECT_NE(refusal(std::string(100'000, '[')).find("nested too deeply"), std::string::npos);
}

TEST(Json, NotesDuplicateKeysAndGoesOn) {
  const Document d = parse("{\"a\": 1,\n \"b\": 2,\n \"a\": 3}");
  ASSERT_EQ(d.problems.size(), 1u);
  EXPECT_EQ(to_string(d.problems[0]),
            "a.json:3:2: duplicate key `a`\n  expected: each key once\n  got:      the same key again, first "
            "at line 1\n"
            "  hint:     remove one of the two");
}

}  // namespace
}  // namespace blis
