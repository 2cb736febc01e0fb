#include "tools/import/shell_words.h"

#include <gtest/gtest.h>

#include "tests/scenarios/problems.h"

namespace blis {
namespace {

// Words joined by `|`, commands by ` ; `.
std::string split(std::string_view text) {
  std::string joined;
  for (const ShellCommand& command : shell_commands(text, "pasted")) {
    if (!joined.empty()) joined += " ; ";
    for (std::size_t i = 0; i < command.size(); ++i) joined += (i > 0 ? "|" : "") + command[i].text;
  }
  return joined;
}

TEST(ShellWords, AreSplitAndQuotedAsAShellDoes) {
  struct Case {
    const char *text, *words;
  };
  for (const Case& c :
       {Case{"a b  c\td", "a|b|c|d"}, Case{"a 'b c' d", "a|b c|d"},
        Case{R"(a "b 'c' \"d\" \n")", R"(a|b 'c' "d" \n)"}, Case{R"(a b\ c \'d)", "a|b c|'d"},
        Case{"a'b'\"c\"d", "abcd"}, Case{"a ''", "a|"}, Case{"a \\\n  --b \\\n --c", "a|--b|--c"},
        Case{"a \\ \n --b", "a|--b"}, Case{"a\n--b 1\n--c", "a|--b|1|--c"}, Case{"a # b\nc", "a ; c"},
        Case{"a b#c", "a|b#c"}, Case{"cd /x && a; b & c", "cd|/x ; a ; b ; c"}, Case{"a > out.log 2>&1", "a"},
        Case{"a 2>/dev/null --b", "a|--b"}, Case{"a &> log", "a"}, Case{"\r\na \\\r\n b\r\n", "a|b"},
        Case{"a\fb \v c", "a|b|c"}, Case{"", ""}}) {
    EXPECT_EQ(split(c.text), c.words) << c.text;
  }
}

TEST(ShellWords, VariablesOfTheTextArePutIn) {
  EXPECT_EQ(split("M=Qwen/Qwen3-8B\nvllm serve $M"), "vllm|serve|Qwen/Qwen3-8B");
  EXPECT_EQ(split("M='a b'; x \"$M\" ${M}c"), "x|a b|a|bc");
  EXPECT_EQ(split("x ${PORT:-8000} ${A-b}"), "x|8000|b");
  EXPECT_EQ(split("x 5$ $"), "x|5$|$");
  EXPECT_EQ(split("export A=1 B=2\nx"), "A=1|B=2|x") << "they are set for what follows";
  EXPECT_EQ(split("A=1 x $A"), "A=1|x|$A") << "set for the command, and not for its words";
}

TEST(ShellWords, WhatNobodyHasSetIsKeptAndNamed) {
  const auto word = [](std::string_view text) { return shell_commands(text, "pasted").at(0).at(1); };
  EXPECT_EQ(word("x $KEY").unset, "nobody has set $KEY");
  EXPECT_EQ(word("x a${KEY}b").text, "a${KEY}b");
  EXPECT_EQ(word("x $(date +%s)").unset, "nobody has set $(...)");
  EXPECT_EQ(word("x 800$((i+1)) y").text, "800$((i+1))");
  EXPECT_EQ(word("x `date`").unset, "nobody has set `...`");
  EXPECT_EQ(word("x '$KEY'").unset, "");
}

TEST(ShellWords, APipeOfAContainerIsItsOwnBusiness) {
  const std::vector<ShellCommand> commands = shell_commands("a b 2>&1 | tee log\nc", "pasted", Pipes::cut);
  ASSERT_EQ(commands.size(), 2u);
  EXPECT_EQ(commands[0].size(), 2u);
}

TEST(ShellWords, OfHereDocumentsAreLeftOut) {
  const std::vector<ShellCommand> commands =
      shell_commands("cat > p.jsonl << 'EOF'\n{\"it's\": 1}\nEOF\ncat <<< text; a b", "pasted");
  ASSERT_EQ(commands.size(), 3u);
  EXPECT_EQ(commands[0].size(), 1u);
  EXPECT_EQ(commands[2].at(1).text, "b");
}

// Guides leave open what is between < and >; a shell would read and write files.
TEST(ShellWords, ThatAreLeftOpenAreNotKnown) {
  const ShellCommand words =
      shell_commands("vllm serve <your model> --port <port> --host http://<host>:80 ... <in >out", "pasted")
          .at(0);
  ASSERT_EQ(words.size(), 8u);
  EXPECT_EQ(words[2].text, "<your model>");
  EXPECT_EQ(words[2].unset, "`<your model>` is a placeholder");
  EXPECT_EQ(words[6].text, "http://<host>:80");
  EXPECT_EQ(words[6].unset, "`<host>` is a placeholder");
  EXPECT_EQ(words[7].unset, "`...` is a placeholder");
}

TEST(ShellWords, ThatBranchesSetDifferentlyAreNotKnown) {
  const char* const text =
      "A=x\nif [ $B = 1 ]; then\n  T=fp8\n  S=1\nelse\n  T=auto\n  S=1\nfi\nserve $A $T $S\nT=auto\nserve $T";
  const std::vector<ShellCommand> commands = shell_commands(text, "pasted");
  const ShellCommand& first = commands.at(commands.size() - 2);
  EXPECT_EQ(first.at(1).text, "x");
  EXPECT_EQ(first.at(2).unset, "$T is `fp8` in one branch and `auto` in another");
  EXPECT_EQ(first.at(3).text, "1");
  EXPECT_EQ(commands.back().at(1).text, "auto");
}

TEST(ShellWords, OfListsAndUnquotedVariablesAreSplit) {
  EXPECT_EQ(split("A=(-tp 2 \\\n  # so many\n 'x y')\nA+=(--eager)\nserve m \"${A[@]}\" -z"),
            "serve|m|-tp|2|x y|--eager|-z");
  EXPECT_EQ(split("A='--a 1  --b'; A+=' 2'\nserve $A \"$A\" x$A"),
            "serve|--a|1|--b|2|--a 1  --b 2|x--a|1|--b|2");
  EXPECT_EQ(split("A=\nB=()\nserve $A m \"${B[@]}\" ${B[*]} n \"\""), "serve|m|n|");
  EXPECT_EQ(split("A='x y'\nB=$A\nlocal C=$B\nserve \"$B\" \"$C\""), "serve|x y|x y")
      << "what is assigned is not split";
  const ShellCommand open =
      shell_commands("A=(a)\nif x; then\n A+=(b)\nfi\nserve \"${A[@]}\" $@", "pasted").back();
  EXPECT_EQ(open.at(1).unset, "$A is `a` in one branch and `a b` in another");
  EXPECT_EQ(open.at(2).unset, "nobody has set $@");
}

TEST(ShellWords, HavePlaces) {
  const ShellCommand words = shell_commands("vllm serve \\\n  --port 'x'", "pasted").at(0);
  EXPECT_EQ(to_string(words.at(2).place), "pasted:2:3");
  EXPECT_EQ(to_string(words.at(3).place), "pasted:2:10");
}

TEST(ShellWords, WhatIsNoSingleCommandIsRefusedAtItsPlace) {
  struct Case {
    const char *text, *said;
  };
  for (const Case& c :
       {Case{"a 'b", "pasted:1:3: a quote without an end"},
        Case{"a \"b", "pasted:1:3: a quote without an end"}, Case{"a ${b", "pasted:1:3: `${` without an end"},
        Case{"a $(b", "pasted:1:3: $(...) without an end"},
        Case{"a “b”", "pasted:1:3: a typographic quote, which is no quote to a shell"},
        Case{"a –b", "pasted:1:3: a typographic dash, which begins no argument"},
        Case{"a <<EOF\nb", "pasted:2:1: a here-document without an end"}}) {
    const Said said = said_by([&] { shell_commands(c.text, "pasted"); });
    EXPECT_EQ(said.kind, ErrorKind::usage);
    EXPECT_EQ(said.heads.at(0), c.said) << c.text;
  }
}

// Scripts pipe and branch for their own ends; of a command that matters it is refused.
TEST(ShellWords, AFlawIsOfItsCommandAlone) {
  struct Case {
    const char *text, *said;
  };
  for (const Case& c : {Case{"a b | tee log", "pasted:1:5: the output goes into a pipe"},
                        Case{"a b || c", "pasted:1:5: two commands joined by `||`"},
                        Case{"(a b)", "pasted:1:1: a subshell"}}) {
    const std::vector<ShellCommand> commands = shell_commands(c.text, "pasted");
    const std::optional<Problem>& flaw = commands.at(0).at(0).flaw;
    ASSERT_TRUE(flaw) << c.text;
    EXPECT_EQ(to_string(flaw->place) + ": " + flaw->message, c.said);
  }
  const std::vector<ShellCommand> commands = shell_commands("curl x | jq . || exit 1\na b", "pasted");
  ASSERT_EQ(commands.size(), 4u);
  EXPECT_TRUE(commands[0][0].flaw && commands[1][0].flaw);
  EXPECT_FALSE(commands[2][0].flaw || commands[3][0].flaw);
}

}  // namespace
}  // namespace blis
