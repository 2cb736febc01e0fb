// A request that is kept: what a source hands out is valid for one call only.
#pragma once

#include <vector>

#include "sim/request.h"

namespace blis {

class HeldRequest {
 public:
  HeldRequest() = default;
  explicit HeldRequest(const RequestSpec& request)
      : spec_(request),
        prompt_(request.prompt.begin(), request.prompt.end()),
        items_(request.items.begin(), request.items.end()) {}

  // Valid as long as this is, where it is.
  const RequestSpec& spec() {
    spec_.prompt = prompt_;
    spec_.items = items_;
    return spec_;
  }

 private:
  RequestSpec spec_;
  std::vector<ContentRun> prompt_;
  std::vector<MultimodalItem> items_;
};

}  // namespace blis
