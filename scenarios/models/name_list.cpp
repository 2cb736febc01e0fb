#include "scenarios/models/name_list.h"

#include <algorithm>

namespace blis {

namespace {

constexpr std::string_view kExperts = ".experts";

// The module that vLLM makes of all experts of a layer; of other names, themselves.
std::string_view with_experts_as_one(std::string_view module) {
  const std::size_t at = module.find(std::string(kExperts) + ".");
  return at == std::string_view::npos ? module : module.substr(0, at + kExperts.size());
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

NameList::NameList(const std::vector<std::string>& entries, NameMatch match) : match_(match) {
  for (const std::string& entry : entries) add(entry);
}

void NameList::add(const std::string& entry) {
  constexpr std::string_view kMark = "re:";
  const bool marked = entry.starts_with(kMark) && (match_ == NameMatch::around || match_ == NameMatch::whole);
  const bool has_globs = match_ == NameMatch::around || match_ == NameMatch::wildcard;
  const bool searches = match_ == NameMatch::ending && entry.find_first_of("*+?^$()[]{}|\\") != entry.npos;
  if (!marked && !searches && match_ != NameMatch::expert_free) {
    if (has_globs && entry.find('*') != std::string::npos) {
      globs_.push_back({entry});
    } else {
      plain_.emplace(entry, false);
    }
    return;
  }
  try {
    const std::string pattern = entry.substr(marked ? kMark.size() : 0);
    patterns_.push_back({entry, std::regex(pattern, std::regex::optimize), !searches});
  } catch (const std::regex_error&) {
    broken_.push_back(entry);
  }
}

template <class Is>
bool NameList::take_all(Is is) {
  bool found = false;
  for (auto& [name, used] : plain_) {
    if (is(name)) used = found = true;
  }
  return found;
}

bool NameList::covers(std::string_view module) {
  const std::string_view one = with_experts_as_one(module);
  const bool experts_are_one =
      match_ == NameMatch::substring || match_ == NameMatch::wildcard || match_ == NameMatch::expert_free;
  if (experts_are_one) module = one;
  bool found = false;
  switch (match_) {
    case NameMatch::around:
      found = take_around(module);
      break;
    case NameMatch::whole:
    case NameMatch::expert_free:
      found = take(module);
      break;
    case NameMatch::any_expert:
      found = one == module ? take(module)
                            : take_all([&](const std::string& entry) { return contains(entry, one); });
      break;
    case NameMatch::substring:
    case NameMatch::wildcard:
      found = take_all([&](const std::string& entry) { return contains(module, entry); });
      break;
    case NameMatch::beginning:
      found = take_all([&](const std::string& entry) { return module.starts_with(entry); });
      break;
    case NameMatch::ending:
      found = take_ending(module);
      if (one != module) found = take_beginning_with(one) || found;
  }
  for (Glob& glob : globs_) {
    if (!is_glob_of(glob.text, module)) continue;
    glob.used = found = true;
  }
  for (Pattern& pattern : patterns_) {
    const auto flags =
        pattern.from_start ? std::regex_constants::match_continuous : std::regex_constants::match_default;
    if (!std::regex_search(module.begin(), module.end(), pattern.regex, flags)) continue;
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

bool NameList::take_around(std::string_view module) {
  bool found = take(module);
  for (std::size_t end = module.find('.'); end != std::string_view::npos; end = module.find('.', end + 1)) {
    found = take(module.substr(0, end)) || found;
  }
  for (std::size_t begin = 0; begin < module.size();) {
    const std::size_t end = std::min(module.find('.', begin), module.size());
    found = take(module.substr(begin, end - begin)) || found;
    begin = end + 1;
  }
  return found;
}

bool NameList::take_ending(std::string_view module) {
  bool found = take(module);
  for (std::size_t dot = module.find('.'); dot != std::string_view::npos; dot = module.find('.', dot + 1)) {
    found = take(module.substr(dot + 1)) || found;
  }
  return found;
}

bool NameList::take_beginning_with(std::string_view beginning) {
  bool found = false;
  for (auto at = plain_.lower_bound(beginning); at != plain_.end() && at->first.starts_with(beginning);
       ++at) {
    at->second = found = true;
  }
  return found;
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
