#include "scenarios/model_index.h"

#include <algorithm>

#include "scenarios/section.h"
#include "sim/letter_case.h"

namespace blis {
namespace {

// The last part of an id, whatever its case.
bool ends_in(std::string_view id, std::string_view name) {
  const std::string_view last = id.substr(id.find_last_of('/') + 1);
  return lower_case(last) == name;
}

}  // namespace

std::vector<IndexedModel> read_model_index(const std::string& path) {
  std::vector<IndexedModel> models;
  if (!is_file(path)) return models;
  DocumentReader reader(parse_json(read_file(path, "index of models"), path), "index of models");
  Section root = reader.root();
  for (const std::string& folder : root.keys()) {
    auto entry = root.required_section(folder);
    if (!entry) continue;
    models.push_back({.folder = folder,
                      .id = entry->text("id"),
                      .billions = entry->maybe_number("billions", kPositive),
                      .also = entry->texts("also"),
                      .waits_for = entry->maybe_text("waits_for").value_or("")});
    entry->finish();
  }
  reader.check();
  return models;
}

const IndexedModel* find_indexed(const std::vector<IndexedModel>& index, std::string_view name) {
  const auto found = std::ranges::find_if(index, [&](const IndexedModel& model) {
    return model.folder == name || ends_in(model.id, name) ||
           std::ranges::any_of(model.also, [&](const std::string& id) { return ends_in(id, name); });
  });
  return found == index.end() ? nullptr : &*found;
}

}  // namespace blis
