#include "sim/request.h"

namespace blis {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::unfinished:
      return "unfinished";
    case Outcome::completed:
      return "completed";
    case Outcome::length_capped:
      return "length_capped";
    case Outcome::too_long:
      return "too_long";
    case Outcome::never_fits:
      return "never_fits";
    case Outcome::dropped:
      return "dropped";
    case Outcome::aborted:
      return "aborted";
    case Outcome::rejected:
      return "rejected";
    case Outcome::failed:
      return "failed";
    case Outcome::refused:
      return "refused";
    case Outcome::expired:
      return "expired";
  }
  return "?";
}

}  // namespace blis
