// Names of a checkpoint's modules as configs list them: "lm_head", "model.layers.3.self_attn*",
// "re:.*mlp\.(gate|up)_proj.*".
#pragma once

#include <functional>
#include <map>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace blis {

class NameList {
 public:
  NameList() = default;
  explicit NameList(const std::vector<std::string>& entries);

  // With `*` for anything, or `re:` and a regular expression that must match from the start, or plain.
  void add(const std::string& entry);

  // Whether an entry covers the module: its name, that of a module around it, one of its parts, a pattern.
  bool covers(std::string_view module);

  // Entries that covered nothing so far, and those that are no patterns at all.
  std::vector<std::string> unused() const;

 private:
  struct Glob {
    std::string text;
    bool used = false;
  };
  struct Pattern {
    std::string entry;
    std::regex regex;
    bool used = false;
  };
  bool take(std::string_view name);

  std::map<std::string, bool, std::less<>> plain_;  // and whether it was used
  std::vector<Glob> globs_;
  std::vector<Pattern> patterns_;
  std::vector<std::string> broken_;
};

// Whether `text` is `glob`, in which `*` stands for anything, also nothing.
bool is_glob_of(std::string_view glob, std::string_view text);

}  // namespace blis
