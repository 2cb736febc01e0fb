#include "tools/import/shell_variables.h"

#include <utility>

#include "tools/import/unknown_words.h"

namespace blis {
Assignment assignment_of(std::string_view word) {
  if (word.empty() || !is_name_start(word[0])) return {};
  std::size_t name = 1;
  while (name < word.size() && is_name(word[name])) ++name;
  const bool adds = name < word.size() && word[name] == '+';
  const std::size_t equals = name + (adds ? 1 : 0);
  if (equals >= word.size() || word[equals] != '=') return {};
  return {.name = name, .value = equals + 1, .adds = adds};
}

void ShellVariables::set(const std::string& name, const std::string& value, bool adds) {
  const ShellVariable* const before = adds ? find(name) : nullptr;
  std::string whole = before ? before->value + value : value;
  put(name, {.value = whole, .other = {}, .words = {ShellWord{.text = whole, .place = {}, .unset = {}}}});
}

void ShellVariables::set_list(const std::string& name, ShellCommand words, bool adds) {
  if (const ShellVariable* const before = adds ? find(name) : nullptr)
    words.insert(words.begin(), before->words.begin(), before->words.end());
  std::string value;
  for (const ShellWord& word : words) value += (value.empty() ? "" : " ") + word.text;
  put(name, {.value = std::move(value), .other = {}, .words = std::move(words), .is_list = true});
}

void ShellVariables::put(const std::string& name, ShellVariable variable) {
  const auto [known, is_new] = all_.try_emplace(name, variable);
  if (is_new) return;
  if (branches_ > 0 && known->second.value != variable.value) {
    known->second.other = variable.value.empty() ? "nothing" : variable.value;
  } else {
    known->second = std::move(variable);
  }
}

const ShellVariable* ShellVariables::find(std::string_view name) const {
  const auto found = all_.find(name);
  return found == all_.end() ? nullptr : &found->second;
}

void ShellVariables::count_branches(std::string_view first) {
  if (first == "if" || first == "case") ++branches_;
  if ((first == "fi" || first == "esac") && branches_ > 0) --branches_;
}

}  // namespace blis
