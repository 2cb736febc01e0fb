#include "blis/version.hpp"

namespace blis {

std::string_view version() {
  return BLIS_VERSION;
}

}  // namespace blis
