#include "scenarios/yaml_documents.h"

#include <gtest/gtest.h>

#include "problems.h"
#include "scenarios/document_text.h"

namespace blis {
namespace {

std::string json_of(const std::string& text) {
  std::string all;
  for (const Document& document : parse_yaml_documents(text, "d.yaml")) {
    EXPECT_TRUE(document.problems.empty());
    all += json_text(document.root) + "\n";
  }
  return all;
}

TEST(YamlDocuments, AreReadOneAfterTheOther) {
  EXPECT_EQ(json_of("a: 1\n---\nb: 2\n---\n"), "{\"a\": 1}\n{\"b\": 2}\nnull\n");
  EXPECT_EQ(json_of(""), "");
  const Document second = parse_yaml_documents("a: 1\n---\nb: 2\n", "d.yaml").at(1);
  EXPECT_EQ(to_string(value_place(second, second.root.children.at(0))), "d.yaml:3:4");
}

TEST(YamlDocuments, AliasesStandForWhatTheyName) {
  EXPECT_EQ(json_of("a: &x [1, 2]\nb: *x\nc: &y w\nd: *y\n"),
            "{\"a\": [1, 2], \"b\": [1, 2], \"c\": w, \"d\": w}\n");
}

TEST(YamlDocuments, MergeKeysFillInWhatIsNotThere) {
  EXPECT_EQ(json_of("a: &x { p: 1, q: 2 }\nb:\n  <<: *x\n  q: 3\n"),
            "{\"a\": {\"p\": 1, \"q\": 2}, \"b\": {\"q\": 3, \"p\": 1}}\n");
  EXPECT_EQ(json_of("x: &x { p: 1 }\ny: &y { q: 2 }\nb: { <<: [*x, *y] }\n"),
            "{\"x\": {\"p\": 1}, \"y\": {\"q\": 2}, \"b\": {\"p\": 1, \"q\": 2}}\n");
}

TEST(YamlDocuments, TagsAreLeftOut) {
  EXPECT_EQ(json_of("a: !secret b\n"), "{\"a\": b}\n");
}

TEST(YamlDocuments, AFewLinesThatStandForBillionsAreRefused) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int k = 1; k < 10; ++k) text += ", " + last;
    text += "]\n";
  }
  EXPECT_NE(said_by([&] { parse_yaml_documents(text, "d.yaml"); }).all.find("stand for too much"),
            std::string::npos);
}

TEST(YamlDocuments, WhatIsNoYamlHasItsPlace) {
  for (const char* const text : {"a: 1\n---\nb: [1\n", ", a\n", "a: 1\n] b\n", "}", "a\n: b\n]"}) {
    EXPECT_EQ(said_by([&] { parse_yaml_documents(text, "d.yaml"); }).kind, ErrorKind::usage) << text;
  }
}

}  // namespace
}  // namespace blis
