#include "sim/utf8.h"

#include <gtest/gtest.h>

#include <random>

namespace blis {
namespace {

struct Echo {
  const char *what, *given, *shown;
};

TEST(Printable, ShowsWhatIsTextAndSpellsOutTheRest) {
  const Echo echoes[] = {
      {"plain text", "chat 7B", "chat 7B"},
      {"other scripts and emoji", "Grüße 你好 🚀", "Grüße 你好 🚀"},
      {"an escape sequence", "\x1b[31mred\x07", "\\x1b[31mred\\x07"},
      {"a line end", "two\nlines\r", "two\\x0alines\\x0d"},
      {"a delete", "a\x7f", "a\\x7f"},
      {"a C1 control", "\xc2\x9b", "\\x9b"},
      {"an override of direction",
       "a\xe2\x80\xae"
       "b",
       "a\\u202eb"},
      {"a stray continuation", "\x80", "\\x80"},
      {"a lead without its tail", "\xe2\x82", "\\xe2\\x82"},
      {"an overlong slash", "\xc0\xaf", "\\xc0\\xaf"},
      {"a surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
      {"beyond Unicode", "\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80"},
      {"nothing", "", ""},
  };
  for (const Echo& echo : echoes) EXPECT_EQ(printable(echo.given), echo.shown) << echo.what;
  EXPECT_EQ(printable_lines("a\n\tb\x1b"), "a\n\tb\\x1b");
}

bool is_harmless(std::string_view text) {
  while (!text.empty()) {
    const Utf8Character c = first_character(text);
    if (!c.valid || acts_on_its_reader(c.code)) return false;
    text.remove_prefix(c.bytes);
  }
  return true;
}

TEST(Printable, MakesAnyBytesHarmlessAndChangesNothingTwice) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 random(seed);
    std::string bytes;
    for (int i = 0; i < 200; ++i)
      bytes += static_cast<char>(random() % 3 == 0 ? random() : 'a' + random() % 26);
    const std::string shown = printable(bytes);
    EXPECT_TRUE(is_harmless(shown)) << "seed " << seed;
    EXPECT_EQ(printable(shown), shown) << "seed " << seed;
  }
}

TEST(FirstBytes, CutNoCharacterInTwo) {
  EXPECT_EQ(first_bytes("aé", 3), "aé");
  EXPECT_EQ(first_bytes("aé", 2), "a");
  EXPECT_EQ(first_bytes("🚀", 3), "");
  EXPECT_EQ(first_bytes("abc", 2), "ab");
}

}  // namespace
}  // namespace blis
