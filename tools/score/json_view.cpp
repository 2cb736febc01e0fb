#include "tools/score/json_view.h"

#include <fmt/core.h>

#include <cmath>

namespace blis {
namespace {

const nlohmann::json kEmpty = nlohmann::json::object();

template <class T>
T required(const JsonView& view, std::string_view key, std::optional<T> value, const char* what) {
  if (!value) view.reject(key, what);
  return *std::move(value);
}

}  // namespace

const nlohmann::json* JsonView::find(std::string_view key) const {
  const auto it = node_->find(std::string(key));
  return it == node_->end() || it->is_null() ? nullptr : &*it;
}

void JsonView::reject(std::string_view key, std::string expected) const {
  const nlohmann::json* value = find(key);
  throw InputError(ErrorKind::io, Problem{.place = place_,
                                          .message = fmt::format("`{}{}` is not usable", path_, key),
                                          .expected = std::move(expected),
                                          .got = value ? value->dump().substr(0, 80) : "nothing"});
}

JsonView JsonView::object(std::string_view key) const {
  const nlohmann::json* value = find(key);
  if (value && !value->is_object()) reject(key, "an object");
  return {value ? *value : kEmpty, place_, path_ + std::string(key) + "."};
}

std::vector<JsonView> JsonView::list(std::string_view key) const {
  std::vector<JsonView> items;
  const nlohmann::json* value = find(key);
  if (!value) return items;
  if (!value->is_array()) reject(key, "a list");
  for (std::size_t i = 0; i < value->size(); ++i) {
    items.emplace_back((*value)[i], place_, fmt::format("{}{}[{}].", path_, key, i));
    if (!(*value)[i].is_object()) reject(key, "a list of objects");
  }
  return items;
}

std::vector<std::string> JsonView::keys() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : node_->items()) {
    if (!value.is_null()) names.push_back(name);
  }
  return names;
}

std::optional<double> JsonView::number(std::string_view key) const {
  const nlohmann::json* value = find(key);
  if (!value) return std::nullopt;
  if (!value->is_number()) reject(key, "a number");
  return value->get<double>();
}

std::optional<std::int64_t> JsonView::integer(std::string_view key) const {
  const std::optional<double> value = number(key);
  if (!value) return std::nullopt;
  if (std::floor(*value) != *value || std::abs(*value) > 1e15) reject(key, "a whole number");
  return static_cast<std::int64_t>(*value);
}

std::optional<bool> JsonView::boolean(std::string_view key) const {
  const nlohmann::json* value = find(key);
  if (!value) return std::nullopt;
  if (!value->is_boolean()) reject(key, "true or false");
  return value->get<bool>();
}

std::optional<std::string> JsonView::text(std::string_view key) const {
  const nlohmann::json* value = find(key);
  if (!value) return std::nullopt;
  if (!value->is_string()) reject(key, "a string");
  return value->get<std::string>();
}

double JsonView::required_number(std::string_view key) const {
  return required(*this, key, number(key), "a number");
}
std::int64_t JsonView::required_integer(std::string_view key) const {
  return required(*this, key, integer(key), "a whole number");
}
std::string JsonView::required_text(std::string_view key) const {
  return required(*this, key, text(key), "a string");
}

}  // namespace blis
