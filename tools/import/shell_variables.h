// The variables of a script, as far as they can be known without running it.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "tools/import/shell_words.h"

namespace blis {

// `A=b` or `A+=b`: the length of the name, where the value begins, and whether it adds; 0 for the name of
// anything else.
struct Assignment {
  std::size_t name = 0, value = 0;
  bool adds = false;
};
Assignment assignment_of(std::string_view word);

struct ShellVariable {
  std::string value, other;  // another that it may have, by a branch; empty: none
  ShellCommand words;        // that ${NAME[@]} stands for
  bool is_list = false;
};

class ShellVariables {
 public:
  void set(const std::string& name, const std::string& value, bool adds);
  void set_list(const std::string& name, ShellCommand words, bool adds);  // NAME=(words)
  const ShellVariable* find(std::string_view name) const;

  // `first` is the first word of a command: what `if` and `case` set is set in one case only.
  void count_branches(std::string_view first);

 private:
  void put(const std::string& name, ShellVariable variable);

  std::map<std::string, ShellVariable, std::less<>> all_;
  int branches_ = 0;
};

}  // namespace blis
