// Sweep files.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/document_text.h"
#include "scenarios/overrides.h"
#include "scenarios/scenario_paths.h"
#include "scenarios/section.h"
#include "scenarios/traffic_flags.h"
#include "tools/study/compare/sweep.h"
#include "workloads/parse_number.h"

namespace blis {
namespace {

class SweepReader {
 public:
  SweepReader(Document document, std::string folder)
      : sources_{document.sources}, reader_(std::move(document), "sweep"), folder_(std::move(folder)) {}

  Sweep read() {
    Section top = reader_.root();
    top.integer("version", {1, 1});
    read_bases(top);
    sweep_.set = settings(top, "set", "");
    for (Override& limit : settings(top, "slo", "slo.")) sweep_.set.push_back(std::move(limit));
    read_product(top);
    read_zip(top);
    for (const Node& item : items(top, "exclude")) sweep_.exclude.push_back({settings(top, item, "exclude")});
    read_seeds(top);
    for (const Node& item : items(top, "objectives")) {
      if (is_scalar(item, "objectives", "the key of a figure")) {
        sweep_.objectives.push_back({item.text, shown(item)});
      }
    }
    read_prices(top);
    top.finish();
    reader_.check();
    return std::move(sweep_);
  }

 private:
  std::string shown(const Node& node) const {
    return to_string(Place{sources_[node.source], node.line, node.column});
  }
  void problem(const Node& node, std::string message, std::string expected, std::string got = {}) {
    reader_.add({.place = {sources_[node.source], node.line, node.column},
                 .message = std::move(message),
                 .expected = std::move(expected),
                 .got = std::move(got)});
  }
  bool is_scalar(const Node& node, std::string_view key, std::string expected) {
    if (node.kind == Node::Kind::scalar) return true;
    problem(node, fmt::format("this is no item of `{}`", key), std::move(expected));
    return false;
  }

  // A setting as --set would have it, or a traffic flag; paths start at the sweep's folder.
  Override setting(std::string key, const Node& node) {
    Node value = node;
    move_paths(value, key, folder_, "");
    std::string text;
    if (value.kind == Node::Kind::scalar && !value.quoted) {
      text = value.text;
    } else if (value.kind != Node::Kind::null) {
      text = json_text(value);  // which is YAML, too
    }
    return override_named(std::move(key), std::move(text), shown(node));
  }

  // The settings of a map; `slo: { goodput: {...} }` are several with dotted keys.
  std::vector<Override> settings(Section& top, std::string_view key, const std::string& prefix) {
    const Node* const node = top.node(key);
    if (node == nullptr || node->kind == Node::Kind::null) return {};
    return settings(top, *node, key, prefix);
  }
  std::vector<Override> settings(Section&, const Node& node, std::string_view what,
                                 const std::string& prefix = "") {
    std::vector<Override> result;
    if (node.kind != Node::Kind::map || node.children.empty()) {
      problem(node, fmt::format("`{}` needs settings", what),
              fmt::format("a map: {{ engine.max_num_seqs: 128 }}"));
      return result;
    }
    const bool flatten = what == "slo";
    for (const Node& child : node.children) {
      if (flatten && child.kind == Node::Kind::map) {
        for (const Node& leaf : child.children) {
          result.push_back(setting(fmt::format("{}{}.{}", prefix, child.key, leaf.key), leaf));
        }
      } else {
        result.push_back(setting(prefix + child.key, child));
      }
    }
    return result;
  }

  std::vector<Node> items(Section& top, std::string_view key) {
    const Node* const node = top.node(key);
    if (node == nullptr || node->kind == Node::Kind::null) return {};
    if (node->kind == Node::Kind::list) return node->children;
    problem(*node, fmt::format("`{}` is no list", key), "a list: [a, b]");
    return {};
  }

  void read_bases(Section& top) {
    const Node* const base = top.node("base");
    std::vector<Node> files;
    if (base != nullptr && base->kind == Node::Kind::list) files = base->children;
    if (base != nullptr && base->kind == Node::Kind::scalar) files.push_back(*base);
    if (files.empty()) {
      top.problem("base", {.message = "a sweep needs a scenario to start from",
                           .expected = "base: chat.yaml, or a list of scenarios"});
    }
    for (const Node& file : files) {
      if (is_scalar(file, "base", "a scenario file"))
        sweep_.scenarios.push_back(file.text.empty() ? std::string() : located(folder_, file.text));
    }
  }

  static std::vector<std::string> keys_of(const std::vector<Override>& row) {
    std::vector<std::string> keys;
    for (const Override& setting : row) keys.push_back(setting.key);
    return keys;
  }

  void read_product(Section& top) {
    const Node* const product = top.node("product");
    if (product == nullptr || product->kind == Node::Kind::null) return;
    if (product->kind != Node::Kind::map) {
      problem(*product, "`product` is no map", "KEY: [A, B, C] on each line");
      return;
    }
    for (const Node& child : product->children) {
      if (child.kind != Node::Kind::list || child.children.empty()) {
        problem(child, fmt::format("`{}` has no values to vary", child.key), "a list: [1, 2, 4]");
        continue;
      }
      Axis axis;
      for (const Node& value : child.children) axis.rows.push_back({setting(child.key, value)});
      axis.keys = keys_of(axis.rows.front());
      add_axis(sweep_, std::move(axis));
    }
  }

  void read_zip(Section& top) {
    Axis axis;
    for (const Node& item : items(top, "zip")) {
      std::vector<Override> row = settings(top, item, "zip");
      if (row.empty()) continue;
      if (axis.keys.empty()) axis.keys = keys_of(row);
      // In the order of the first row.
      std::ranges::stable_sort(row, {}, [&](const Override& setting) {
        return std::ranges::find(axis.keys, setting.key) - axis.keys.begin();
      });
      if (keys_of(row) != axis.keys) {
        problem(item, "the rows of `zip` vary together, so each must set the same keys",
                fmt::format("{}", fmt::join(axis.keys, ", ")),
                fmt::format("{}", fmt::join(keys_of(row), ", ")));
        continue;
      }
      axis.rows.push_back(std::move(row));
    }
    if (!axis.rows.empty()) add_axis(sweep_, std::move(axis));
  }

  void read_seeds(Section& top) {
    std::string text;
    const Node* const node = top.node("seeds");
    if (node == nullptr || node->kind == Node::Kind::null) return;
    if (node->kind == Node::Kind::scalar) text = node->text;
    for (const Node& item : node->children) {
      if (is_scalar(item, "seeds", "a whole number")) text += (text.empty() ? "" : ",") + item.text;
    }
    try {
      sweep_.seeds = parse_seeds(text, shown(*node));
    } catch (const InputError& error) {
      Problem first = error.problems().front();
      first.place = {sources_[node->source], node->line, node->column};
      reader_.add(std::move(first));
    }
  }

  void read_prices(Section& top) {
    auto prices = top.section("prices");
    if (!prices) return;
    for (const std::string& gpu : prices->keys()) {
      sweep_.prices.push_back({gpu, prices->number(gpu, kNotNegative), to_string(prices->place(gpu))});
    }
  }

  const std::vector<std::string> sources_;
  DocumentReader reader_;
  const std::string folder_;
  Sweep sweep_;
};

// Quotes the texts that YAML would take for something else.
void quote_where_needed(Node& node) {
  for (Node& child : node.children) quote_where_needed(child);
  if (node.kind != Node::Kind::scalar) return;
  const bool dash = node.text.starts_with('-') && !parse_real(node.text);
  if (dash || node.text.find_first_of(":#{}[],&*!|>'\"%@`") != std::string::npos) node.quoted = true;
}

// A setting's value as YAML in a file of `folder`.
std::string value_text(const Override& setting, const std::string& folder) {
  Node value = parse_value(setting);
  move_paths(value, setting.key, "", folder);
  quote_where_needed(value);
  return json_text(value);
}

// Settings as YAML in braces.
std::string flow_map(const std::vector<Override>& settings, const std::string& folder) {
  std::string text = "{ ";
  for (const Override& setting : settings) {
    if (text.size() > 2) text += ", ";
    text += fmt::format("{}: {}", name_of(setting), value_text(setting, folder));
  }
  return text + " }";
}

}  // namespace

bool is_sweep(std::string_view text, const std::string& name) {
  return parse_yaml(text, name).root.find("base") != nullptr;
}

Sweep parse_sweep(std::string_view text, const std::string& name, const std::string& folder) {
  return SweepReader(parse_yaml(text, name), folder).read();
}

std::string to_yaml(const Sweep& sweep, const std::string& folder) {
  const auto moved_path = [&](const std::string& path) -> std::string {
    if (path.empty()) return R"("")";  // no file: settings alone
    Node node{.kind = Node::Kind::scalar, .text = path};
    move_paths(node, "workload.path", "", folder);
    return json_text({.kind = Node::Kind::scalar, .quoted = true, .text = node.text});
  };
  std::string text = "version: 1\nbase: [";
  for (const std::string& file : sweep.scenarios) {
    text += (text.ends_with('[') ? "" : ", ") + moved_path(file);
  }
  text += "]\n";
  if (!sweep.set.empty()) text += "set:\n";
  for (const Override& setting : sweep.set) {
    text += fmt::format("  {}: {}\n", name_of(setting), value_text(setting, folder));
  }
  std::string product, zip;
  for (const Axis& axis : sweep.axes) {
    if (axis.keys.size() == 1) {
      std::string values;
      for (const std::vector<Override>& row : axis.rows) {
        values += (values.empty() ? "" : ", ") + value_text(row[0], folder);
      }
      product += fmt::format("  {}: [{}]\n", name_of(axis.rows[0][0]), values);
    } else {
      for (const std::vector<Override>& row : axis.rows) zip += "  - " + flow_map(row, folder) + "\n";
    }
  }
  if (!product.empty()) text += "product:\n" + product;
  if (!zip.empty()) text += "zip:\n" + zip;
  if (!sweep.exclude.empty()) text += "exclude:\n";
  for (const Exclusion& exclusion : sweep.exclude) {
    text += "  - " + flow_map(exclusion.settings, folder) + "\n";
  }
  if (!sweep.seeds.empty()) text += fmt::format("seeds: [{}]\n", fmt::join(sweep.seeds, ", "));
  if (!sweep.objectives.empty()) text += "objectives: [";
  for (const Objective& objective : sweep.objectives) {
    text += (text.ends_with('[') ? "" : ", ") + objective.key;
  }
  if (!sweep.objectives.empty()) text += "]\n";
  if (!sweep.prices.empty()) text += "prices:\n";
  for (const Price& price : sweep.prices) text += fmt::format("  {}: {}\n", price.gpu, price.usd_per_hour);
  return text;
}

}  // namespace blis
