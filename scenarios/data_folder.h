// Where the catalogs lie: the folder with hardware_config.json and model_configs/.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace blis {

// The executable that runs; empty if nobody knows.
std::filesystem::path this_program();

// The places looked at, first to last: `flag` (--data-dir), the environment's BLIS_DATA, beside and above
// the executable, ../share/blis of it, the installed folder, the source tree. The first two, if given,
// are not second-guessed.
std::vector<std::string> data_folder_candidates(const std::optional<std::string>& flag);

// The first candidate that holds hardware_config.json; a list is one. Throws InputError (usage), naming where
// it looked.
std::string find_data_folder(const std::optional<std::string>& flag);

// The folders of a list with `:` between them; at least one, perhaps of no name.
std::vector<std::string> data_folders_in(std::string_view list);

// Throws InputError (usage) unless the folder holds hardware_config.json or model_configs/.
void require_data_folder(const std::string& folder);

// `flags` over what is found without one, as the Catalog takes them: with `:` between. Throws InputError
// (usage) as require_data_folder().
std::string find_data_folders(std::span<const std::string> flags);

}  // namespace blis
