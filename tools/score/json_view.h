// A JSON value with its place, so that a wrong one is reported where it stands.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "blis/error.hpp"

namespace blis {

// A missing key and null are the same: unknown. Every getter throws InputError (io) for a value of
// another type; the required ones for a missing value, too.
class JsonView {
 public:
  JsonView(const nlohmann::json& node, Place place, std::string path = "")
      : node_(&node), place_(std::move(place)), path_(std::move(path)) {}

  bool has(std::string_view key) const { return find(key) != nullptr; }
  JsonView object(std::string_view key) const;  // empty if there is none
  std::vector<JsonView> list(std::string_view key) const;
  std::vector<std::string> keys() const;

  std::optional<double> number(std::string_view key) const;
  std::optional<std::int64_t> integer(std::string_view key) const;
  std::optional<bool> boolean(std::string_view key) const;
  std::optional<std::string> text(std::string_view key) const;
  double required_number(std::string_view key) const;
  std::int64_t required_integer(std::string_view key) const;
  std::string required_text(std::string_view key) const;

  const nlohmann::json* find(std::string_view key) const;  // null for null and missing
  [[noreturn]] void reject(std::string_view key, std::string expected) const;

 private:
  const nlohmann::json* node_;
  Place place_;
  std::string path_;
};

}  // namespace blis
