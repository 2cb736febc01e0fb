// Which classes of vLLM serve a model: `architectures` of its config decides, not `model_type`.
#pragma once

#include <optional>

#include "scenarios/models/family.h"
#include "scenarios/models/served_classes.h"

namespace blis {

// The class of vLLM that serves the config: of its `architectures` the first that its family has, or the
// family's first if it names none. nullptr if vLLM never had such a class.
const ServedClass* served_class(Section& config, const Family& family);

// What is wrong with the config's class, if it does not generate text or vLLM never had one by its name.
std::optional<Problem> check_architecture(Section& config, const Family& family);
// The same if the class is known, and `code` is from before it came or after it went.
std::optional<Problem> check_release(Section& top, const Family& family, const VllmCode& code);

}  // namespace blis
