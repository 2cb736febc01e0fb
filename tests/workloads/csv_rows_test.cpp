#include "workloads/csv_rows.h"

#include <gtest/gtest.h>

#include "tests/workloads/temp_file.h"

namespace blis {
namespace {

std::vector<std::string> split(std::string_view line) {
  CsvLine csv;
  EXPECT_TRUE(csv.split(line, 100)) << line;
  return {csv.fields.begin(), csv.fields.end()};
}

std::string error_of_rows(const std::string& text) {
  const TempFile file(text, ".csv");
  try {
    CsvRows rows{LineReader(file.path())};
    const std::size_t a = rows.column("a");
    while (rows.next()) rows.integer(a, {0, 100});
  } catch (const InputError& error) {
    return to_string(error.problems().front()).substr(file.path().size());
  }
  return {};
}

TEST(CsvLine, FieldsAreSeparatedByCommas) {
  EXPECT_EQ(split("a,b,,c"), (std::vector<std::string>{"a", "b", "", "c"}));
  EXPECT_EQ(split(""), (std::vector<std::string>{""}));
  EXPECT_EQ(split(","), (std::vector<std::string>{"", ""}));
}

TEST(CsvLine, QuotedFieldsMayHoldCommasAndDoubledQuotes) {
  EXPECT_EQ(split(R"("a,b",2,"say ""hi""")"), (std::vector<std::string>{"a,b", "2", "say \"hi\""}));
  EXPECT_EQ(split(R"("",)"), (std::vector<std::string>{"", ""}));
}

TEST(CsvLine, StrayQuotesAreRefused) {
  CsvLine csv;
  for (const char* line : {"\"a", "a\"b\"", "\"a\"b,c", "\""}) EXPECT_FALSE(csv.split(line, 100)) << line;
}

TEST(CsvRows, ColumnsAreFoundByNameInAnyOrderAndCase) {
  const TempFile file("b, A \n1,2\n");
  CsvRows rows{LineReader(file.path())};
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.integer(rows.column("a"), {0, 9}), 2);
  EXPECT_EQ(rows.integer(rows.column("B"), {0, 9}), 1);
  EXPECT_FALSE(rows.next());
}

TEST(CsvRows, BlankLinesAreSkipped) {
  const TempFile file("a\n\n1\n\n");
  CsvRows rows{LineReader(file.path())};
  EXPECT_TRUE(rows.next());
  EXPECT_FALSE(rows.next());
}

TEST(CsvRows, ErrorsSayWhere) {
  EXPECT_EQ(error_of_rows("x,a\n1,2\n1,x\n"),
            ":3:3: bad `a`\n  expected: a whole number from 0 to 100\n  got:      `x`");
  EXPECT_EQ(error_of_rows("x,a\n1,101\n").substr(0, 14), ":2:3: bad `a`\n");
  EXPECT_EQ(error_of_rows("x,a\n1,5 tokens\n").substr(0, 14), ":2:3: bad `a`\n");
  EXPECT_EQ(error_of_rows("x,a\n1,2,3\n"),
            ":2: this row has the wrong number of fields\n  expected: 2 (x, a)\n  got:      3: `1,2,3`");
  EXPECT_EQ(error_of_rows("x,a\n\"1,2\n").substr(0, 13), ":2: a quote i");
  EXPECT_EQ(error_of_rows("a,a\n"), ":1:3: column `a` appears twice");
  EXPECT_EQ(error_of_rows("x,b\n").substr(0, 27), ":1: there is no column `a`\n");
  EXPECT_EQ(error_of_rows(""), ": the file is empty");
}

TEST(CsvRows, AMillionColumnsAreRefusedBriefly) {
  const std::string wide(1'000'000, ',');
  const std::string header_error = error_of_rows(wide + "\n");
  EXPECT_LT(header_error.size(), 400U);
  EXPECT_NE(header_error.find("does not read as a header"), std::string::npos);
  const std::string row_error = error_of_rows("a,b\n" + wide + "\n");
  EXPECT_LT(row_error.size(), 400U);
  EXPECT_NE(row_error.find("1000001"), std::string::npos);
}

}  // namespace
}  // namespace blis
