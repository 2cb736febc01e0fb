#include "tools/output/version.h"

namespace blis {

std::string_view version() {
  return BLIS_VERSION;
}

}  // namespace blis
