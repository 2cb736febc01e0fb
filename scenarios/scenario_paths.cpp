#include "scenarios/scenario_paths.h"

#include <filesystem>
#include <vector>

#include "scenarios/catalog.h"
#include "scenarios/scenario_fields.h"

namespace blis {
namespace {

namespace fs = std::filesystem;

// `pools.0.latency.profile` as `latency.profile`.
std::string_view without_pool(std::string_view key) {
  constexpr std::string_view kPools = "pools.";
  if (!key.starts_with(kPools)) return key;
  const std::size_t dot = key.find('.', kPools.size());
  return dot == std::string_view::npos ? key : key.substr(dot + 1);
}

bool is_path(std::string_view dotted, std::string_view text) {
  const std::string_view key = without_pool(dotted);
  if (key == "model" || key == "hardware.gpu") return looks_like_path(text);
  if (key == "latency.profile" || key == "latency.calibration" || key == "router.config") return true;
  return key.starts_with("workload.") && (key.ends_with(".path") || key.ends_with(".lengths_path"));
}

// Goes through described fields as a writer does, and shows the paths among their texts.
class PathFields final : public Fields {
 public:
  explicit PathFields(const PathVisitor& visit) : visit_(visit) {}

  bool numbers(std::string_view, std::vector<double>&, Range<double>) override { return true; }
  void texts(std::string_view, std::vector<std::string>&) override {}
  void skip_rest() override {}
  bool reading() const override { return false; }
  bool has(std::string_view) const override { return false; }
  void check(bool, std::string_view, Problem) override {}

 private:
  void integer_field(std::string_view, std::optional<std::int64_t>&, Range<std::int64_t>, Need) override {}
  void number_field(std::string_view, std::optional<double>&, Range<double>, Need) override {}
  void boolean_field(std::string_view, std::optional<bool>&, Need) override {}
  bool text_field(std::string_view key, std::optional<std::string>& field, Names, Need) override {
    if (field && !field->empty() && is_path(dotted(key), *field)) visit_(*field);
    return true;
  }
  bool enter(std::string_view key, bool present, Need) override {
    if (present) open_.push_back(dotted(key));
    return present;
  }
  void leave() override { open_.pop_back(); }
  std::size_t enter_list(std::string_view key, std::size_t size) override {
    open_.push_back(dotted(key));
    return size;
  }
  void enter_item(std::size_t i) override { open_.push_back(dotted(std::to_string(i))); }
  void leave_list() override { leave(); }

  std::string dotted(std::string_view key) const {
    return open_.empty() ? std::string(key) : open_.back() + "." + std::string(key);
  }

  const PathVisitor& visit_;
  std::vector<std::string> open_;  // dotted keys of the sections being described, outermost first
};

std::string moved(const std::string& path, const std::string& from, const std::string& to) {
  if (path.empty() || path == "-" || fs::path(path).is_absolute()) return path;
  const auto whole = [](const fs::path& folder) {
    return fs::absolute(folder.empty() ? "." : folder).lexically_normal();
  };
  const fs::path target = (whole(from) / path).lexically_normal();
  return target.lexically_relative(whole(to)).string();
}

}  // namespace

void move_paths(Node& node, std::string_view key, const std::string& from, const std::string& to) {
  if (node.kind == Node::Kind::scalar) {
    if (!is_path(key, node.text)) return;
    std::string path = moved(node.text, from, to);
    // The name of a model or GPU is a path by its beginning; it must stay one.
    if ((key == "model" || key == "hardware.gpu") && !looks_like_path(path)) path.insert(0, "./");
    node.text = std::move(path);
    return;
  }
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    Node& child = node.children[i];
    const std::string name = node.kind == Node::Kind::list ? std::to_string(i) : child.key;
    move_paths(child, key.empty() ? name : std::string(key) + "." + name, from, to);
  }
}

void for_each_path(ScenarioSettings& scenario, const PathVisitor& visit) {
  PathFields fields(visit);
  describe(fields, scenario, Scope::traffic);
}

void for_each_path(WorkloadSpec& workload, const PathVisitor& visit) {
  PathFields fields(visit);
  fields.section("workload", [&] { describe(fields, workload); });
}

std::string located(const std::string& folder, const std::string& path) {
  if (path == "-" || folder.empty() || fs::path(path).is_absolute()) return path;
  return (fs::path(folder) / path).lexically_normal().string();
}

std::string located(const ScenarioSettings& scenario, const std::string& path) {
  return located(scenario.folder, path);
}

}  // namespace blis
