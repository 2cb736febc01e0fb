#include "scenarios/scenario_keys.h"

#include <algorithm>

#include "scenarios/scenario_fields.h"

namespace blis {
namespace {

// Goes through described fields as a writer does, and notes the keys of values.
class KeyFields final : public Fields {
 public:
  std::vector<std::string> take() && { return std::move(keys_); }

  bool numbers(std::string_view key, std::vector<double>&, Range<double>) override { return note(key); }
  void texts(std::string_view key, std::vector<std::string>&) override { note(key); }
  void skip_rest() override {}
  bool reading() const override { return false; }
  bool has(std::string_view) const override { return false; }
  void check(bool, std::string_view, Problem) override {}

 private:
  void integer_field(std::string_view key, std::optional<std::int64_t>&, Range<std::int64_t>, Need) override {
    note(key);
  }
  void number_field(std::string_view key, std::optional<double>&, Range<double>, Need) override { note(key); }
  void boolean_field(std::string_view key, std::optional<bool>&, Need) override { note(key); }
  bool text_field(std::string_view key, std::optional<std::string>&, Names, Need) override {
    return note(key);
  }
  bool enter(std::string_view key, bool, Need) override {
    open_.push_back(dotted(key));
    return true;
  }
  void leave() override { open_.pop_back(); }
  std::size_t enter_list(std::string_view key, std::size_t) override {
    open_.push_back(dotted(key));
    return 0;
  }
  void enter_item(std::size_t) override { open_.push_back(""); }
  void leave_list() override { leave(); }

  std::string dotted(std::string_view key) const {
    return open_.empty() ? std::string(key) : open_.back() + "." + std::string(key);
  }
  bool note(std::string_view key) {
    std::string name = dotted(key);
    if (std::ranges::find(keys_, name) == keys_.end()) keys_.push_back(std::move(name));
    return true;
  }

  std::vector<std::string> keys_;
  std::vector<std::string> open_;  // dotted keys of the sections being described, outermost first
};

}  // namespace

std::vector<std::string> scenario_keys() {
  KeyFields fields;
  ScenarioSettings of_trace, synthetic;
  synthetic.workload.spec.kind.emplace<SyntheticSpec>();
  for (ScenarioSettings* const scenario : {&of_trace, &synthetic})
    describe(fields, *scenario, Scope::simulation);
  return std::move(fields).take();
}

}  // namespace blis
