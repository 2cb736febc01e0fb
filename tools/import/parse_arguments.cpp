#include "tools/import/parse_arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <utility>

#include "scenarios/document_text.h"
#include "scenarios/human_integer.h"
#include "sim/nearest_name.h"

namespace blis {
namespace {

bool is_option(const ShellWord& word) {
  if (word.text.size() < 2 || word.text[0] != '-') return false;
  const char second = word.text[1];
  return second != '.' && (second < '0' || second > '9');  // -1 is a value
}

// How an argument was called.
struct Called {
  const Argument* argument = nullptr;
  bool negated = false;
  std::string member;                // of its JSON, after the dot
  std::optional<std::string> value;  // after `=`
};

// A member's value: JSON, else a number with a suffix, else text.
Node member_node(const std::string& text) {
  Node node{.kind = Node::Kind::scalar, .text = text};
  try {
    node = parse_json(text, "").root;
  } catch (const InputError&) {
    // no JSON
  }
  if (node.kind == Node::Kind::scalar && !node.quoted && !strict_number(node.text).value) {
    if (const auto number = human_readable_integer(node.text).value) node.text = std::to_string(*number);
  }
  quote_texts(node);
  return node;
}

class Parser {
 public:
  Parser(Arguments table, const ShellCommand& words, std::string_view program)
      : table_(table), words_(words), program_(program) {}

  ParsedArguments parse() {
    bool options = true;
    while (at_ < words_.size()) {
      const ShellWord& word = words_[at_++];
      if (options && word.text == "--") {
        options = false;
      } else if (options && at_ > 1 && may_be_many(word)) {
        problem(word, fmt::format("`{}` may be any number of arguments, and {}", word.text, word.unset),
                "what it stands for");
      } else if (options && is_option(word)) {
        option(word);
      } else {
        result_.positionals.push_back(word);
      }
    }
    for (auto& [argument, members] : members_) add_members(argument, members);
    if (!problems_.empty()) throw InputError(ErrorKind::usage, std::move(problems_));
    return std::move(result_);
  }

 private:
  void problem(const ShellWord& word, std::string message, std::string expected, std::string hint = {}) {
    problems_.push_back({.place = word.place,
                         .message = std::move(message),
                         .expected = std::move(expected),
                         .hint = std::move(hint)});
  }

  void option(const ShellWord& word) {
    const std::optional<Called> called = resolve(word);
    if (!called) {
      // What would be its value is nobody's, either.
      if (word.text.find('=') == std::string::npos && has_value()) ++at_;
      return;
    }
    take_value(word, *called);
  }

  // An unknown variable that a shell makes any number of words of.
  static bool may_be_many(const ShellWord& word) {
    const bool is_list = word.text == "$@" || word.text.ends_with("[@]}");
    return !word.unset.empty() && word.text.starts_with('$') && (!word.quoted || is_list);
  }

  bool has_value() const {
    return at_ < words_.size() && !is_option(words_[at_]) && words_[at_].text != "--";
  }

  // Which argument a word means.
  std::optional<Called> resolve(const ShellWord& word) {
    const bool is_long = word.text.starts_with("--");
    std::string name = word.text.substr(is_long ? 2 : 1);
    Called called;
    if (const std::size_t equals = name.find('='); equals != std::string::npos) {
      called.value = name.substr(equals + 1);
      name.resize(equals);
    }
    if (const std::size_t dot = name.find('.'); dot != std::string::npos) {
      called.member = name.substr(dot + 1);
      name.resize(dot);
    }
    std::ranges::replace(name, '_', '-');
    if (!is_long && short_name(name, called)) return called;
    if (exact(name, called)) return called;
    if (!is_long && name.size() == 1) {
      unknown(word, name);
      return std::nullopt;
    }
    return abbreviated(word, name, called) ? std::optional(called) : std::nullopt;
  }

  // -tp 4, -tp4, -O3, -q awq.
  bool short_name(const std::string& name, Called& called) const {
    for (const Argument& argument : table_) {
      if (argument.alias.empty() || !name.starts_with(argument.alias)) continue;
      const std::string rest = name.substr(argument.alias.size());
      const bool attached = !rest.empty() && rest.find_first_not_of("0123456789") == std::string::npos;
      if (!rest.empty() && !attached) continue;
      called.argument = &argument;
      if (attached) called.value = rest;
      return true;
    }
    return false;
  }
  bool exact(std::string_view name, Called& called) const {
    for (const Argument& argument : table_) {
      if (argument.name == name || (argument.alias.size() > 1 && argument.alias == name)) {
        called.argument = &argument;
        return true;
      }
      if (argument.reads == Reads::boolean && name.starts_with("no-") && name.substr(3) == argument.name) {
        called.argument = &argument;
        called.negated = true;
        return true;
      }
    }
    return false;
  }
  // What vLLM has today is meant rather than what it once had.
  bool abbreviated(const ShellWord& word, const std::string& name, Called& called) {
    for (const bool gone : {false, true}) {
      std::vector<std::string> matches;
      for (const Argument& argument : table_) {
        if (argument.last_seen.empty() == gone) continue;
        const bool negative =
            argument.reads == Reads::boolean && fmt::format("no-{}", argument.name).starts_with(name);
        if (!argument.name.starts_with(name) && !negative) continue;
        called.argument = &argument;
        called.negated = negative;
        matches.push_back(fmt::format("--{}{}", negative ? "no-" : "", argument.name));
      }
      if (matches.size() == 1) return true;
      if (matches.size() > 1) {
        problem(word, fmt::format("`{}` may be several arguments", word.text),
                fmt::format("one of {}", fmt::join(matches, ", ")));
        return false;
      }
    }
    unknown(word, name);
    return false;
  }
  void unknown(const ShellWord& word, const std::string& name) {
    std::vector<std::string> names;
    for (const Argument& argument : table_) names.emplace_back(argument.name);
    std::vector<std::string> near = nearest_names(name, names, 2);
    for (std::string& one : near) one = fmt::format("`--{}`", one);
    problem(word,
            fmt::format("`{}` has no argument `{}`", program_, word.text.substr(0, word.text.find('='))), {},
            near.empty() ? "" : fmt::format("did you mean {}?", fmt::join(near, " or ")));
  }

  void take_value(const ShellWord& word, Called called) {
    const Argument& argument = *called.argument;
    GivenArgument given;
    given.argument = &argument;
    given.shown = word.text;
    given.unset = word.unset;
    given.place = word.place;
    const auto take = [&] {
      const ShellWord& value = words_[at_++];
      given.shown += " " + value.text;
      if (given.unset.empty()) given.unset = value.unset;
      return value.text;
    };
    if (called.member.empty() && (argument.reads == Reads::flag || argument.reads == Reads::boolean)) {
      // Older releases took --enable-chunked-prefill=False, and as two words.
      std::string text = called.value.value_or("");
      if (!called.value && argument.reads == Reads::boolean && !called.negated && has_value() &&
          is_truth(words_[at_].text)) {
        text = take();
      }
      if (!text.empty() && !is_truth(text)) {
        problem(word, fmt::format("`--{}` takes no value", argument.name), {});
        return;
      }
      const bool no = called.negated || text == "False" || text == "false";
      given.value = no ? "false" : "true";
      return add(std::move(given));
    }
    if (called.value) {
      given.value = *called.value;
      given.values = {*called.value};
    } else if (argument.reads == Reads::list && called.member.empty()) {
      while (has_value()) given.values.push_back(take());
      given.value = fmt::format("{}", fmt::join(given.values, " "));
    } else if (has_value()) {
      given.value = take();
      given.values = {given.value};
    }
    if (given.value.empty() && argument.reads != Reads::maybe && !called.value) {
      problem(word, fmt::format("`{}` needs a value", word.text), {});
      return;
    }
    if (!called.member.empty()) {
      members_[&argument].push_back({std::move(called.member), std::move(given)});
      return;
    }
    if (check(word, given)) add(std::move(given));
  }

  static bool is_truth(std::string_view text) {
    return text == "True" || text == "true" || text == "False" || text == "false";
  }

  // Whether the value can be read; numbers are left in the form that scenarios have.
  bool check(const ShellWord& word, GivenArgument& given) {
    if (!given.unset.empty() || given.value == "None") return true;
    const auto wrong = [&](const char* expected) {
      problem(word, fmt::format("`{}` has a wrong value", word.text.substr(0, word.text.find('='))), expected,
              fmt::format("got {}", given.value));
      return false;
    };
    switch (given.argument->reads) {
      case Reads::integer: {
        std::string_view digits = given.value;
        if (digits.starts_with('-')) digits.remove_prefix(1);
        return strict_integer(digits).value ? true : wrong("a whole number");
      }
      case Reads::number: {
        char* end = nullptr;
        const double number = std::strtod(given.value.c_str(), &end);
        if (given.value.empty() || *end != '\0' || std::isnan(number)) return wrong("a number");
        given.value = std::isinf(number) ? "inf" : to_text(number);
        return true;
      }
      case Reads::tokens:
        return given.value == "auto" || given.value == "-1" || human_readable_integer(given.value).value
                   ? true
                   : wrong("a whole number, as in 32768, 32k or 32K");
      default:
        return true;
    }
  }

  void add(GivenArgument given) {
    for (char& c : given.shown) {
      if (static_cast<unsigned char>(c) < ' ') c = ' ';  // on one line, whatever was pasted
    }
    const auto before = std::ranges::find(result_.given, given.argument, &GivenArgument::argument);
    if (before != result_.given.end()) {
      if (given.argument->reads == Reads::again) {
        given.values.insert(given.values.begin(), before->values.begin(), before->values.end());
        given.shown = before->shown + " " + given.shown;
      }
      result_.given.erase(before);
    }
    result_.given.push_back(std::move(given));
  }

  struct Member {
    std::string path;
    GivenArgument given;
  };
  void add_members(const Argument* argument, const std::vector<Member>& members) {
    Node top{.kind = Node::Kind::map};
    GivenArgument all = members.front().given;
    all.shown.clear();
    for (const Member& member : members) {
      Node* node = &top;
      std::string_view path = member.path;
      const bool appends = path.ends_with('+');
      if (appends) path.remove_suffix(1);
      while (true) {
        const std::size_t dot = path.find('.');
        const std::string key(path.substr(0, dot));
        node->kind = Node::Kind::map;
        const auto found = std::ranges::find(node->children, key, &Node::key);
        node = found != node->children.end() ? &*found : &node->children.emplace_back(Node{.key = key});
        if (dot == std::string_view::npos) break;
        path.remove_prefix(dot + 1);
      }
      Node value = member_node(member.given.value);
      if (appends) {
        node->kind = Node::Kind::list;
        value.key.clear();
        node->children.push_back(std::move(value));
      } else {
        value.key = node->key;
        *node = std::move(value);
      }
      all.shown += (all.shown.empty() ? "" : " ") + member.given.shown;
      if (all.unset.empty()) all.unset = member.given.unset;
    }
    all.argument = argument;
    all.value = json_text(top);
    add(std::move(all));
  }

  Arguments table_;
  const ShellCommand& words_;
  std::string_view program_;
  std::size_t at_ = 0;
  ParsedArguments result_;
  std::map<const Argument*, std::vector<Member>> members_;
  std::vector<Problem> problems_;
};

}  // namespace

void quote_texts(Node& node) {
  for (Node& child : node.children) quote_texts(child);
  if (node.kind != Node::Kind::scalar || node.quoted) return;
  node.quoted = !strict_number(node.text).value && node.text != "true" && node.text != "false";
}

const GivenArgument* ParsedArguments::find(std::string_view name) const {
  const auto found =
      std::ranges::find_if(given, [&](const GivenArgument& one) { return one.argument->name == name; });
  return found == given.end() ? nullptr : &*found;
}

std::string ParsedArguments::value_of(std::string_view name, std::string_view fallback) const {
  const GivenArgument* const one = find(name);
  return one ? one->value : std::string(fallback);
}

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    if (space != 0) words.emplace_back(text.substr(0, space));
    text = space == std::string_view::npos ? std::string_view{} : text.substr(space + 1);
  }
  return words;
}

ParsedArguments parse_arguments(Arguments table, const ShellCommand& words, std::string_view program) {
  return Parser(table, words, program).parse();
}

}  // namespace blis
