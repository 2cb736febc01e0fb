#include "workloads/json_elements.h"

#include <gtest/gtest.h>

#include "tests/workloads/temp_file.h"

namespace blis {
namespace {

// The elements, parted by `|`, or what was said against the document.
std::string elements(const std::string& text, std::string_view key) {
  const TempFile file(text);
  JsonElements list(LineReader(file.path()), key);
  std::string all;
  try {
    simdjson::dom::element one;
    while (list.next(one)) all += (all.empty() ? "" : "|") + simdjson::minify(one);
  } catch (const InputError& error) {
    const Problem& problem = error.problems().front();
    return all + " !" + std::to_string(problem.place.line) + ":" + std::to_string(problem.place.column) +
           " " + problem.message;
  }
  return list.found_list() ? all : "no list";
}

TEST(JsonElements, AreHandedOutOneByOne) {
  struct Case {
    const char *text, *key, *all;
  };
  for (const Case& c : {
           Case{"[]", "", ""},
           Case{" [ 1 , \"a,]\" ,true,null ] ", "", "1|\"a,]\"|true|null"},
           Case{R"([{"a":[1,{"b":"}]\""}]},[2],"x\\"])", "", R"({"a":[1,{"b":"}]\""}]}|[2]|"x\\")"},
           Case{"\n\n[\n{\"a\":1},\n{\"a\":2}]\n", "", R"({"a":1}|{"a":2})"},
           Case{R"({"n":1,"list":"no","e":[{"list":[1,[2]]},{"list":[]},{"list":[{"list":[3]}]}]})", "list",
                R"(1|[2]|{"list":[3]})"},
           Case{R"({"other":[1,2]})", "list", "no list"},
           Case{"5", "", "no list"},
           Case{R"({"list":{"a":[1]}})", "list", "no list"},
       })
    EXPECT_EQ(elements(c.text, c.key), c.all) << c.text;
}

TEST(JsonElements, WhatIsNoJsonIsSaidWithItsPlace) {
  struct Case {
    const char *text, *said;
  };
  const std::string comma = "this is not JSON (elements of a list are parted by one comma each)";
  for (const Case& c : {
           Case{"[1,\n{\"a\":}]", "1 !2:1 this is not JSON"},
           Case{"[{\"a\":1}\n {\"a\":2}]", "{\"a\":1} !2:2 this is not JSON (elements"},
           Case{"[1,]", "1 !1:4 this is not JSON (elements"},
           Case{"[,1]", " !1:2 this is not JSON (elements"},
           Case{"[1", " !1:2 this is not JSON (it ends within a list or a map)"},
           Case{"[{\"a\":[1}]", " !1:9 this is not JSON (a bracket closes what is not open)"},
           Case{"[1] x", "1 !1:5 this is not JSON (something follows the document)"},
       })
    EXPECT_TRUE(elements(c.text, "").starts_with(c.said)) << c.text << "\n" << elements(c.text, "");
}

TEST(JsonElements, MayLieAcrossPieces) {
  constexpr int kMany = 60'000;  // more than a buffer of the reader
  std::string text = "[";
  for (int i = 0; i < kMany; ++i)
    text += (i ? "," : "") + std::string("{\"i\":") + std::to_string(i) + ",\"t\":\"\\\\\"}";
  const TempFile file(text + "]");
  JsonElements list(LineReader(file.path()), "");
  simdjson::dom::element one;
  for (std::int64_t i = 0; i < kMany; ++i) {
    ASSERT_TRUE(list.next(one));
    ASSERT_EQ(one["i"].get_int64().value(), i);
  }
  EXPECT_FALSE(list.next(one));
  EXPECT_EQ(list.count(), kMany);
}

}  // namespace
}  // namespace blis
