// In which releases vLLM has the classes that serve the families of models.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "scenarios/vllm_code.h"

namespace blis {

struct ServedClass {
  std::string_view name;
  VllmRelease first;       // with it
  std::string_view since;  // the day on which mainline got it, ISO form
  int last_minor = 0;      // of the last release 0.N with it; 0: it is still there
  // Where V1 of releases that have it lacked the class, or left it to V0 unasked: the first release, and the
  // day of mainline, that runs it on V1.
  VllmRelease first_on_v1 = {0, 0};
  std::string_view on_v1_since = {};
};

std::span<const ServedClass> served_classes();
const ServedClass* find_served_class(std::string_view name);  // nullptr if there is none

// Whether the class came after the code, or went before it.
bool came_after(const ServedClass& served, const VllmCode& code);
bool went_before(const ServedClass& served, const VllmCode& code);
// Whether that code runs the class on its engine V0.
bool runs_on_v0(const ServedClass& served, const VllmCode& code);

// "0.19", "0.11.1".
std::string first_release(const ServedClass& served);
std::string first_release_on_v1(const ServedClass& served);
// "0.19 and later", "0.8.3 to 0.23".
std::string releases_with(const ServedClass& served);

}  // namespace blis
