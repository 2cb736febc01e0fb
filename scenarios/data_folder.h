// Where the catalogs lie: the folder with hardware_config.json and model_configs/.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace blis {

// The places looked at, first to last: `flag` (--data-dir), the environment's BLIS_DATA, beside and above
// the executable, ../share/blis of it, the installed folder, the source tree. The first two, if given,
// are not second-guessed.
std::vector<std::string> data_folder_candidates(const std::optional<std::string>& flag);

// The first candidate that holds hardware_config.json. Throws InputError (usage), naming where it looked.
std::string find_data_folder(const std::optional<std::string>& flag);

}  // namespace blis
