#include "tools/output/json_writer.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace blis {
namespace {

TEST(JsonWriter, WritesNestedValues) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("a", 1).member("b", "x").member("c", true);
  json.key("d").begin_list(true).value(1.5).value(2).begin_list().value(3).end_list().end_list();
  json.key("e").begin_object().end_object();
  json.key("f").begin_list().value("y").end_list();
  json.end_object();
  EXPECT_EQ(text,
            "{\n  \"a\": 1,\n  \"b\": \"x\",\n  \"c\": true,\n  \"d\": [1.5, 2, [3]],\n  \"e\": {},\n"
            "  \"f\": [\n    \"y\"\n  ]\n}");
}

TEST(JsonWriter, ANumberThatIsNoneIsNull) {
  std::string text;
  JsonWriter json(text);
  json.begin_list(true);
  json.value(std::numeric_limits<double>::quiet_NaN()).value(std::numeric_limits<double>::infinity());
  json.value(std::optional<double>()).end_list();
  EXPECT_EQ(text, "[null, null, null]");
}

TEST(JsonWriter, NumbersComeBackToTheLastBit) {
  for (const double number : {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, -2.5, 1e21, 0.0}) {
    std::string text;
    JsonWriter(text).value(number);
    EXPECT_EQ(nlohmann::json::parse(text).get<double>(), number) << text;
  }
}

TEST(JsonWriter, EscapesWhatJsonCannotHold) {
  std::string text;
  JsonWriter(text).value("a\"b\\c\n\t\x01 é");
  EXPECT_EQ(text, "\"a\\\"b\\\\c\\n\\t\\u0001 é\"");
  EXPECT_EQ(nlohmann::json::parse(text).get<std::string>(), "a\"b\\c\n\t\x01 é");
}

}  // namespace
}  // namespace blis
