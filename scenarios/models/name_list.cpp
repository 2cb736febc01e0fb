#include "scenarios/models/name_list.h"

#include <algorithm>

namespace blis {

NameList::NameList(const std::vector<std::string>& entries) {
  for (const std::string& entry : entries) add(entry);
}

void NameList::add(const std::string& entry) {
  if (!entry.starts_with("re:")) {
    if (entry.find('*') != std::string::npos) {
      globs_.push_back({entry});
    } else {
      plain_.emplace(entry, false);
    }
    return;
  }
  try {
    patterns_.push_back({entry, std::regex(entry.substr(3), std::regex::optimize)});
  } catch (const std::regex_error&) {
    broken_.push_back(entry);
  }
}

bool NameList::covers(std::string_view module) {
  bool found = take(module);
  for (std::size_t end = module.find('.'); end != std::string_view::npos; end = module.find('.', end + 1)) {
    found = take(module.substr(0, end)) || found;
  }
  for (std::size_t begin = 0; begin < module.size();) {
    const std::size_t end = std::min(module.find('.', begin), module.size());
    found = take(module.substr(begin, end - begin)) || found;
    begin = end + 1;
  }
  for (Glob& glob : globs_) {
    if (!is_glob_of(glob.text, module)) continue;
    glob.used = found = true;
  }
  for (Pattern& pattern : patterns_) {
    if (!std::regex_search(module.begin(), module.end(), pattern.regex,
                           std::regex_constants::match_continuous)) {
      continue;
    }
    pattern.used = found = true;
  }
  return found;
}

std::vector<std::string> NameList::unused() const {
  std::vector<std::string> result = broken_;
  for (const auto& [name, used] : plain_) {
    if (!used) result.push_back(name);
  }
  for (const Glob& glob : globs_) {
    if (!glob.used) result.push_back(glob.text);
  }
  for (const Pattern& pattern : patterns_) {
    if (!pattern.used) result.push_back(pattern.entry);
  }
  return result;
}

bool NameList::take(std::string_view name) {
  const auto found = plain_.find(name);
  if (found == plain_.end()) return false;
  return found->second = true;
}

bool is_glob_of(std::string_view glob, std::string_view text) {
  std::size_t at = 0, star = std::string_view::npos, resume = 0, i = 0;
  while (i < text.size()) {
    if (at < glob.size() && glob[at] == '*') {
      star = at++;
      resume = i;
    } else if (at < glob.size() && glob[at] == text[i]) {
      ++at;
      ++i;
    } else if (star != std::string_view::npos) {  // the last `*` takes one character more
      at = star + 1;
      i = ++resume;
    } else {
      return false;
    }
  }
  while (at < glob.size() && glob[at] == '*') ++at;
  return at == glob.size();
}

}  // namespace blis
