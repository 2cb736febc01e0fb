#include "tools/import/shell_words.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "scenarios/document.h"
#include "tools/import/shell_variables.h"
#include "tools/import/unknown_words.h"

namespace blis {

std::size_t assigned_name(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos || equals == 0 || !is_name_start(word[0])) return 0;
  for (const char c : word.substr(0, equals)) {
    if (!is_name(c)) return 0;
  }
  return equals;
}

namespace {

// What separates words. A line's end also ends a command.
bool is_space(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}
bool is_blank(char c) {
  return c != '\n' && is_space(c);
}

class Splitter {
 public:
  Splitter(std::string_view text, std::string name, Pipes pipes, std::span<const ShellWord> environment)
      : text_(text), name_(std::move(name)), cuts_pipes_(pipes == Pipes::cut) {
    for (const ShellWord& word : environment) {
      const std::size_t length = assigned_name(word.text);
      if (length > 0 && word.unset.empty())
        variables_.set(word.text.substr(0, length), word.text.substr(length + 1), false);
    }
  }

  std::vector<ShellCommand> split() {
    while (true) {
      skip_blanks();
      if (at_end()) break;
      const char c = peek();
      if (c == '\n') {
        advance();
        for (const std::string& delimiter : std::exchange(here_documents_, {})) skip_here_document(delimiter);
        skip_lines();
        if (peek() != '-') end_command();  // somebody forgot the backslash
      } else if (c == '#') {
        while (!at_end() && peek() != '\n') advance();
      } else if (!list_assignment() && !operators()) {
        read_word();
      }
    }
    if (!here_documents_.empty()) skip_here_document(here_documents_[0]);
    end_command();
    return std::move(commands_);
  }

 private:
  bool at_end(std::size_t ahead = 0) const { return at_ + ahead >= text_.size(); }
  char peek(std::size_t ahead = 0) const { return at_end(ahead) ? '\0' : text_[at_ + ahead]; }
  char advance() {
    const char c = text_[at_++];
    if (c == '\n') {
      ++line_;
      line_start_ = at_;
    }
    return c;
  }
  Place here() const { return {name_, line_, static_cast<std::int64_t>(at_ - line_start_) + 1}; }
  [[noreturn]] void refuse(Place place, std::string message, std::string expected, std::string hint = {}) {
    throw InputError(ErrorKind::usage, Problem{.place = std::move(place),
                                               .message = std::move(message),
                                               .expected = std::move(expected),
                                               .hint = std::move(hint)});
  }

  // What matters only if the command does.
  void note_flaw(Place place, std::string message, std::string expected, std::string hint = {}) {
    if (flaw_) return;
    flaw_ = Problem{.place = std::move(place),
                    .message = std::move(message),
                    .expected = std::move(expected),
                    .hint = std::move(hint)};
  }

  // A backslash before an end of line, with blanks between them too: what was meant is plain.
  bool continues() const {
    if (peek() != '\\') return false;
    std::size_t ahead = 1;
    while (is_blank(peek(ahead))) ++ahead;
    return peek(ahead) == '\n' || at_end(ahead);
  }
  void skip_blanks() {
    while (!at_end()) {
      if (is_blank(peek())) {
        advance();
      } else if (continues()) {
        while (!at_end() && advance() != '\n') {
        }
      } else {
        return;
      }
    }
  }
  void skip_lines() {
    while (!at_end() && is_space(peek())) advance();
  }

  // Whether something else than a word stood here.
  bool operators() {
    const Place place = here();
    const char c = peek(), next = peek(1);
    if (c == '|' && next == '|') {
      note_flaw(place, "two commands joined by `||`", "one command");
      advance();
      advance();
      end_command();
      return true;
    } else if (c == '|' && cuts_pipes_) {
      while (!at_end() && peek() != '\n' && peek() != ';') advance();
      return true;
    } else if (c == '|') {
      note_flaw(place, "the output goes into a pipe", "the command before the `|` alone",
                "what follows changes nothing that is simulated");
      advance();
      end_command();
      return true;
    } else if (c == '(' || c == ')') {
      note_flaw(place, "a subshell", "one command, without parentheses");
      advance();
      return true;
    } else if (c == ';' || c == '&') {
      if (c == '&' && next == '>') return redirection();
      advance();
      if (peek() == c) advance();
      end_command();
      return true;
    }
    return redirection();
  }
  // `> file`, `2>&1`, `&> file`: the file's name is left out with it.
  bool redirection() {
    std::size_t ahead = 0;
    if (peek() == '&') ++ahead;
    while (std::isdigit(static_cast<unsigned char>(peek(ahead))) != 0) ++ahead;
    if (peek(ahead) != '>' && peek(ahead) != '<') return false;
    if (placeholder_length(text_.substr(at_)) > 0) return false;
    const bool is_here_document = peek(ahead) == '<' && peek(ahead + 1) == '<' && peek(ahead + 2) != '<';
    for (std::size_t i = 0; i <= ahead; ++i) advance();
    while (peek() == '>' || peek() == '<' || peek() == '&' || (is_here_document && peek() == '-')) advance();
    skip_blanks();
    if (!at_end() && peek() != '\n') {
      const std::size_t before = command_.size();
      read_word();
      if (is_here_document && command_.size() > before) here_documents_.push_back(command_[before].text);
      command_.resize(std::min(before, command_.size()));
    }
    return true;
  }

  // NAME=(words), over any number of lines.
  bool list_assignment() {
    const std::string_view rest = text_.substr(at_);
    const Assignment list = assignment_of(rest);
    const std::size_t bracket = list.value;
    if (list.name == 0 || bracket >= rest.size() || rest[bracket] != '(') return false;
    const Place place = here();
    const std::string name(rest.substr(0, list.name));
    for (std::size_t i = 0; i <= bracket; ++i) advance();
    ShellCommand around = std::exchange(command_, {});
    while (!at_end() && peek() != ')') {
      const std::size_t before = at_;
      skip_blanks();
      skip_lines();
      if (peek() == '#') {
        while (!at_end() && peek() != '\n') advance();
      } else if (!at_end() && peek() != ')') {
        read_word();
      }
      if (at_ == before) advance();
    }
    if (at_end()) refuse(place, "a list without an end", "`)`");
    advance();
    variables_.set_list(name, std::exchange(command_, std::move(around)), list.adds);
    return true;
  }
  // Lines up to one that is the delimiter alone.
  void skip_here_document(const std::string& delimiter) {
    const Place place = here();
    while (!at_end()) {
      const std::size_t end = std::min(text_.find('\n', at_), text_.size());
      std::string_view line = text_.substr(at_, end - at_);
      while (!line.empty() && is_space(line.front())) line.remove_prefix(1);
      while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
      while (at_ < end) advance();
      if (!at_end()) advance();
      if (line == delimiter) return;
    }
    refuse(place, "a here-document without an end", fmt::format("a line `{}`", delimiter));
  }

  // What word processors make of quotes and dashes.
  void refuse_typography() {
    constexpr std::array<std::string_view, 4> kQuotes{"\u201c", "\u201d", "\u2018", "\u2019"};
    constexpr std::array<std::string_view, 3> kDashes{"\u2013", "\u2014", "\u2212"};
    const std::string_view rest = text_.substr(at_);
    const auto begins = [&](std::string_view mark) { return rest.starts_with(mark); };
    if (std::ranges::any_of(kQuotes, begins)) {
      refuse(here(), "a typographic quote, which is no quote to a shell", "' or \"");
    }
    if (std::ranges::any_of(kDashes, begins)) {
      refuse(here(), "a typographic dash, which begins no argument", "-- or -");
    }
  }

  void read_word() {
    refuse_typography();
    word_ = {.text = {}, .place = here(), .unset = {}};
    while (!at_end()) {
      const char c = peek();
      if (const std::size_t length = placeholder_length(text_.substr(at_)); length > 0) {
        note_unset(is_placeholder(text_.substr(at_, length)));
        for (std::size_t i = 0; i < length; ++i) word_.text += advance();
        continue;
      }
      if (is_space(c) || c == ';' || c == '|' || c == '&' || c == '>' || c == '<' || c == '(' || c == ')' ||
          continues()) {
        break;
      }
      if (c == '\'') {
        single_quoted();
      } else if (c == '"') {
        double_quoted();
      } else if (c == '\\') {
        advance();
        word_.text += advance();
      } else if (c == '$') {
        expansion(/*in_quotes=*/false);
      } else if (c == '`') {
        substitution("`...`", '`');
      } else {
        word_.text += advance();
      }
    }
    if (word_.text == "..." || word_.text == "\u2026") note_unset(is_placeholder(word_.text));
    push_word();
  }
  // A variable without a value leaves no word.
  void push_word() {
    if (!word_.text.empty() || word_.quoted) command_.push_back(word_);
  }
  // What an expansion stands for: the first goes on the word that is being read, and each other begins one.
  void add_words(const ShellCommand& words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (i > 0) {
        push_word();
        word_ = {.text = {}, .place = word_.place, .unset = {}};
      }
      word_.text += words[i].text;
      word_.quoted = word_.quoted || words[i].quoted;
      if (!words[i].unset.empty()) note_unset(words[i].unset);
    }
  }
  // A shell splits what is not in quotes, but for values of assignments.
  void add_value(const std::string& value, bool in_quotes) {
    if (in_quotes || assigned_name(word_.text) > 0 || value.find_first_of(" \t\n") == std::string::npos) {
      word_.text += value;
      return;
    }
    ShellCommand words;
    std::string_view rest = value;
    while (true) {
      const std::size_t begin = rest.find_first_not_of(" \t\n");
      if (begin == std::string_view::npos) break;
      const std::size_t end = std::min(rest.find_first_of(" \t\n", begin), rest.size());
      words.push_back(
          {.text = std::string(rest.substr(begin, end - begin)), .place = word_.place, .unset = {}});
      rest.remove_prefix(end);
    }
    add_words(words);
  }
  void note_unset(std::string why) {
    if (word_.unset.empty()) word_.unset = std::move(why);
  }

  void single_quoted() {
    const Place place = here();
    word_.quoted = true;
    advance();
    while (peek() != '\'') {
      if (at_end()) refuse(place, "a quote without an end", "another `'`");
      word_.text += advance();
    }
    advance();
  }
  void double_quoted() {
    const Place place = here();
    word_.quoted = true;
    advance();
    while (peek() != '"') {
      if (at_end()) refuse(place, "a quote without an end", "another `\"`");
      if (peek() == '\\' && std::string_view("$`\"\\\n").find(peek(1)) != std::string_view::npos) {
        advance();
        const char c = advance();
        if (c != '\n') word_.text += c;
      } else if (peek() == '$') {
        expansion(/*in_quotes=*/true);
      } else if (peek() == '`') {
        substitution("`...`", '`');
      } else {
        word_.text += advance();
      }
    }
    advance();
  }

  // From a `$` on.
  void expansion(bool in_quotes) {
    const char next = peek(1);
    if (next == '(') return substitution("$(...)", ')');
    if (next == '@' || next == '*') {
      word_.text += advance();
      word_.text += advance();
      return note_unset(nobody_has_set(std::string("$") + next));
    }
    const bool braces = next == '{';
    const std::size_t from = at_ + (braces ? 2 : 1);
    std::size_t to = from;
    while (to < text_.size() && is_name(text_[to])) ++to;
    const std::string name(text_.substr(from, to - from));
    if (name.empty() && !braces) {  // a lone dollar
      word_.text += advance();
      return;
    }
    std::string fallback;
    bool whole_list = false;
    const Place place = here();
    std::size_t end = to;
    if (braces) {
      end = text_.find('}', to);
      if (end == std::string_view::npos) refuse(place, "`${` without an end", "`}`");
      std::string_view rest = text_.substr(to, end - to);
      whole_list = rest == "[@]" || rest == "[*]";
      if (rest.starts_with(':')) rest.remove_prefix(1);
      if (rest.starts_with('-') || rest.starts_with('=')) fallback = rest.substr(1);
      ++end;
    }
    const ShellVariable* const known = variables_.find(name);
    if (known && known->other.empty()) {
      if (whole_list) {
        // An empty list in quotes leaves no word, either.
        if (known->words.empty() && word_.text.empty()) word_.quoted = false;
        add_words(known->words);
      } else {
        add_value(known->value, in_quotes);
      }
    } else if (!known && !fallback.empty()) {
      add_value(fallback, in_quotes);
    } else {
      note_unset(!known ? nobody_has_set("$" + name)
                        : fmt::format("${} is `{}` in one branch and `{}` in another", name, known->value,
                                      known->other));
      word_.text += text_.substr(at_, end - at_);
    }
    while (at_ < end) advance();
  }
  // `...` or $(...), with others in it.
  void substitution(const char* shown, char last) {
    const Place place = here();
    note_unset(nobody_has_set(shown));
    int open = 0;
    if (last == ')') word_.text += advance();
    do {
      if (at_end()) refuse(place, fmt::format("{} without an end", shown), std::string(1, last));
      if (peek() == '(' && last == ')') ++open;
      if (peek() == ')' && last == ')') --open;
      if (peek() == '`' && last == '`') open = open == 0 ? 1 : 0;
      word_.text += advance();
    } while (open > 0);
  }

  // Commands that only set variables are over with it.
  void end_command() {
    if (!command_.empty()) variables_.count_branches(command_[0].text);
    constexpr std::array<std::string_view, 4> kDeclare{"export", "local", "readonly", "declare"};
    const bool declares = !command_.empty() && std::ranges::count(kDeclare, command_[0].text) > 0;
    const std::size_t first = declares ? 1 : 0;
    bool sets = command_.size() > first;
    for (std::size_t i = first; i < command_.size(); ++i)
      sets = sets && assignment_of(command_[i].text).name > 0;
    if (sets) {
      for (std::size_t i = first; i < command_.size(); ++i) {
        const std::string& word = command_[i].text;
        const Assignment one = assignment_of(word);
        if (command_[i].unset.empty())
          variables_.set(word.substr(0, one.name), word.substr(one.value), one.adds);
      }
      if (declares && command_[0].text == "export")
        exported_.insert(exported_.end(), command_.begin() + 1, command_.end());
    } else if (!command_.empty()) {
      // What was exported before is set for it.
      command_.insert(command_.begin(), exported_.begin(), exported_.end());
      command_.front().flaw = flaw_;
      commands_.push_back(std::move(command_));
    }
    flaw_.reset();
    command_.clear();
  }

  std::string_view text_;
  std::string name_;
  bool cuts_pipes_;
  std::size_t at_ = 0, line_start_ = 0;
  std::int64_t line_ = 1;
  ShellWord word_;
  std::optional<Problem> flaw_;  // of the command that is being read
  ShellCommand command_, exported_;
  std::vector<ShellCommand> commands_;
  std::vector<std::string> here_documents_;  // delimiters of those that begin on the next line
  ShellVariables variables_;
};

}  // namespace

std::vector<ShellCommand> shell_commands(std::string_view text, std::string name, Pipes pipes,
                                         std::span<const ShellWord> environment) {
  require_utf8(text, name);
  return Splitter(text, std::move(name), pipes, environment).split();
}

std::vector<ShellCommand> shell_commands_within(const ShellWord& text, Pipes pipes,
                                                std::span<const ShellWord> environment) {
  const auto put = [&](Problem& problem) { problem.place = text.place; };
  try {
    std::vector<ShellCommand> commands = shell_commands(text.text, text.place.file, pipes, environment);
    for (ShellCommand& words : commands) {
      for (ShellWord& word : words) {
        word.place = text.place;
        if (word.flaw) put(*word.flaw);
      }
    }
    return commands;
  } catch (const InputError& error) {
    std::vector<Problem> problems = error.problems();
    std::ranges::for_each(problems, put);
    throw InputError(error.kind(), std::move(problems));
  }
}

}  // namespace blis
