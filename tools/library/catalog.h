// The catalogs that the library's functions use.
#pragma once

#include <optional>
#include <string>

#include "scenarios/catalog.h"
#include "scenarios/data_folder.h"

namespace blis {

// Those of `folder`, or, if it is empty, of the folder that is found without one. Throws InputError (usage).
inline Catalog catalog_in(const std::string& folder) {
  return Catalog(find_data_folder(folder.empty() ? std::nullopt : std::optional(folder)));
}

}  // namespace blis
