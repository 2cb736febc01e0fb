// What the library takes, the ways in from C and Python take, too: an option that is added there and
// forgotten here is noticed.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace blis {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(BLIS_SOURCE_DIR "/" + path);
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << path;
  return text.str();
}

// The fields of a struct in a header, as their lines declare them.
std::vector<std::string> fields_of(const std::string& name, const std::string& header) {
  const std::string text = text_of("include/blis/" + header);
  const std::size_t begin = text.find("struct " + name + " {");
  EXPECT_NE(begin, std::string::npos) << name;
  std::istringstream lines(text.substr(begin, text.find("\n};", begin) - begin));
  const std::regex field(R"(^  \w[^/(={]*[ >](\w+)(\{\}| = [^;]*)?;.*)");
  const std::regex function_field(R"(^  std::function<.*> (\w+)\{\};.*)");
  std::vector<std::string> fields;
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::smatch match;
    if (std::regex_match(line, match, function_field) || std::regex_match(line, match, field)) {
      fields.push_back(match[1]);
    }
  }
  EXPECT_FALSE(fields.empty()) << name;
  return fields;
}

struct Way {
  const char* file;
  std::string before, after;                 // what stands around a name there
  std::map<std::string, std::string> other;  // names that are others there; empty: it needs none
};

void expect_all(const std::vector<std::string>& fields, const Way& way) {
  const std::string text = text_of(way.file);
  for (const std::string& field : fields) {
    const auto other = way.other.find(field);
    const std::string name = other == way.other.end() ? field : other->second;
    if (name.empty()) continue;
    EXPECT_NE(text.find(way.before + name + way.after), std::string::npos)
        << way.file << " has no " << name << " for the library's " << field;
  }
}

TEST(Forgotten, OptionsAreInTheHeaderForC) {
  // A folder is always resumed; progress cancels.
  const Way c{"include/blis/blis.h",
              "\"",
              "\"",
              {{"steps_for", "detailed"}, {"resume", ""}, {"going_on", ""}, {"progress", ""}}};
  expect_all(fields_of("SimulateOptions", "simulate.hpp"), c);
  expect_all(fields_of("CompareOptions", "compare.hpp"), c);
}

TEST(Forgotten, OptionsAreInThePythonModule) {
  const Way python{"python/src/blisim/__init__.pyi",
                   "    ",
                   ": ",
                   {{"data_folder", "data"},
                    {"steps_for", "detailed"},
                    {"set", "**overrides"},
                    {"resume", "folder"},
                    {"going_on", ""},  // Ctrl-C
                    {"next_request", "requests"},
                    {"choose_replica", "router"}}};
  expect_all(fields_of("SimulateOptions", "simulate.hpp"), python);
  expect_all(fields_of("CompareOptions", "compare.hpp"), python);
  expect_all(fields_of("Plugins", "plugins.hpp"), python);
}

TEST(Forgotten, WhatPartsOfOnesOwnSeeAndGiveIsInThePythonModule) {
  const Way seen{"python/src/blisim/__init__.pyi", "def ", "(self)", {}};
  expect_all(fields_of("PricedWork", "plugins.hpp"), seen);
  expect_all(fields_of("RoutedRequest", "plugins.hpp"), seen);
  expect_all(fields_of("ReplicaState", "plugins.hpp"), seen);
  expect_all(fields_of("SentRequest", "plugins.hpp"), {"python/module/module.cpp", ".", " = ", {}});
}

// The reading of headers above sees every field.
TEST(Forgotten, FieldsAreSeen) {
  EXPECT_EQ(fields_of("SimulateOptions", "simulate.hpp"),
            (std::vector<std::string>{"data_folder", "progress", "steps_for", "detect_warmup"}));
  EXPECT_EQ(fields_of("CompareOptions", "compare.hpp").size(), 13U);
  EXPECT_EQ(fields_of("SentRequest", "plugins.hpp").size(), 5U);
}

}  // namespace
}  // namespace blis
