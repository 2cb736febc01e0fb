// The catalogs that the library's functions use.
#pragma once

#include <optional>
#include <string>

#include "scenarios/catalog.h"
#include "scenarios/data_folder.h"

namespace blis {

// Those of `folder`, which may be a list, or, if it is empty, of the folder that is found without one. Throws
// InputError (usage).
inline Catalog catalog_in(const std::string& folder) {
  if (folder.empty()) return Catalog(find_data_folder(std::nullopt));
  for (const std::string& one : data_folders_in(folder)) require_data_folder(one);
  return Catalog(folder);
}

}  // namespace blis
