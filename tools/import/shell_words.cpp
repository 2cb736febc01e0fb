#include "tools/import/shell_words.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "scenarios/document.h"

namespace blis {
namespace {

bool is_name_start(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}
bool is_name(char c) {
  return is_name_start(c) || std::isdigit(static_cast<unsigned char>(c)) != 0;
}

}  // namespace

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
  Splitter(std::string_view text, std::string name, Pipes pipes)
      : text_(text), name_(std::move(name)), cuts_pipes_(pipes == Pipes::cut) {}

  std::vector<ShellCommand> split() {
    while (true) {
      skip_blanks();
      if (at_end()) break;
      const char c = peek();
      if (c == '\n') {
        advance();
        skip_lines();
        if (peek() != '-') end_command();  // somebody forgot the backslash
      } else if (c == '#') {
        while (!at_end() && peek() != '\n') advance();
      } else if (!operators()) {
        read_word();
      }
    }
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
      refuse(place, "two commands joined by `||`", "one command");
    } else if (c == '|' && cuts_pipes_) {
      while (!at_end() && peek() != '\n' && peek() != ';') advance();
      return true;
    } else if (c == '|') {
      refuse(place, "the output goes into a pipe", "the command before the `|` alone",
             "what follows changes nothing that is simulated");
    } else if (c == '(' || c == ')') {
      refuse(place, "a subshell", "one command, without parentheses");
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
    if (peek(ahead) == '<' && peek(ahead + 1) == '<') refuse(here(), "a here-document", "one command");
    for (std::size_t i = 0; i <= ahead; ++i) advance();
    while (peek() == '>' || peek() == '&') advance();
    skip_blanks();
    if (!at_end() && peek() != '\n') {
      read_word();
      command_.pop_back();
    }
    return true;
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
        expansion();
      } else if (c == '`') {
        substitution("`...`", '`');
      } else {
        word_.text += advance();
      }
    }
    command_.push_back(std::move(word_));
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
        expansion();
      } else if (peek() == '`') {
        substitution("`...`", '`');
      } else {
        word_.text += advance();
      }
    }
    advance();
  }

  // From a `$` on.
  void expansion() {
    const char next = peek(1);
    if (next == '(') return substitution("$(...)", ')');
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
    const Place place = here();
    std::size_t end = to;
    if (braces) {
      end = text_.find('}', to);
      if (end == std::string_view::npos) refuse(place, "`${` without an end", "`}`");
      std::string_view rest = text_.substr(to, end - to);
      if (rest.starts_with(':')) rest.remove_prefix(1);
      if (rest.starts_with('-') || rest.starts_with('=')) fallback = rest.substr(1);
      ++end;
    }
    const auto known = variables_.find(name);
    if (known != variables_.end()) {
      word_.text += known->second;
    } else if (!fallback.empty()) {
      word_.text += fallback;
    } else {
      if (word_.unset.empty()) word_.unset = "$" + name;
      word_.text += text_.substr(at_, end - at_);
    }
    while (at_ < end) advance();
  }
  // `...` or $(...), with others in it.
  void substitution(const char* shown, char last) {
    const Place place = here();
    if (word_.unset.empty()) word_.unset = shown;
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
    std::size_t first = !command_.empty() && command_[0].text == "export" ? 1 : 0;
    bool sets = command_.size() > first;
    for (std::size_t i = first; i < command_.size(); ++i) sets = sets && assigned_name(command_[i].text) > 0;
    if (sets) {
      for (std::size_t i = first; i < command_.size(); ++i) {
        const std::string& word = command_[i].text;
        const std::size_t length = assigned_name(word);
        if (command_[i].unset.empty()) variables_[word.substr(0, length)] = word.substr(length + 1);
      }
      if (first == 1) exported_.insert(exported_.end(), command_.begin() + 1, command_.end());
    } else if (!command_.empty()) {
      // What was exported before is set for it.
      command_.insert(command_.begin(), exported_.begin(), exported_.end());
      commands_.push_back(std::move(command_));
    }
    command_.clear();
  }

  std::string_view text_;
  std::string name_;
  bool cuts_pipes_;
  std::size_t at_ = 0, line_start_ = 0;
  std::int64_t line_ = 1;
  ShellWord word_;
  ShellCommand command_, exported_;
  std::vector<ShellCommand> commands_;
  std::map<std::string, std::string, std::less<>> variables_;
};

}  // namespace

std::vector<ShellCommand> shell_commands(std::string_view text, std::string name, Pipes pipes) {
  require_utf8(text, name);
  return Splitter(text, std::move(name), pipes).split();
}

ShellCommand plain_words(const std::vector<std::string>& texts, const Place& place) {
  ShellCommand words;
  for (const std::string& text : texts) {
    const std::size_t dollar = text.find('$');
    const bool expands =
        dollar != std::string::npos && dollar + 1 < text.size() &&
        (text[dollar + 1] == '(' || text[dollar + 1] == '{' || is_name_start(text[dollar + 1]));
    words.push_back({.text = text, .place = place, .unset = expands ? text.substr(dollar) : ""});
  }
  return words;
}

}  // namespace blis
