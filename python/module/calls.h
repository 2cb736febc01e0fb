// What a call from Python brings along: values as the library has them, Ctrl-C, exceptions.
#pragma once

#include <pybind11/functional.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <atomic>
#include <blis/blis.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace blis::python {

namespace py = pybind11;

// (key, value as YAML has it)
using Pairs = std::vector<std::pair<std::string, std::string>>;
std::vector<Setting> settings_of(const Pairs& pairs);

// InputError of the library as blisim.Error. Called once, when the module is loaded.
void register_errors(py::module_& module);

// How far a call is, written by the thread that works and read by the one that waits.
struct Watched {
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> finished{0};
  std::atomic<std::uint64_t> expected{0};  // 0: nobody knows
};

// Runs `work` on a thread of its own, without Python's lock, and waits for it. About ten times a second
// `show`, if it is not None, is called with (finished, expected). An exception there, or Ctrl-C, sets `stop`,
// waits for the work to end, and goes on to the caller.
void run_interruptibly(Watched& watched, const py::object& show, const std::function<void()>& work);

}  // namespace blis::python
