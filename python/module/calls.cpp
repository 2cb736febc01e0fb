#include "python/module/calls.h"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

namespace blis::python {

std::vector<Setting> settings_of(const Pairs& pairs) {
  std::vector<Setting> settings;
  for (const auto& [key, value] : pairs) settings.push_back({.key = key, .value = value});
  return settings;
}

void register_errors(py::module_& module) {
  static py::object error = module.attr("Error");
  static py::object problem = module.attr("Problem");
  py::register_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const InputError& input) {
      py::list problems;
      for (const Problem& p : input.problems()) {
        problems.append(problem(p.place.file, p.place.line, p.place.column, p.message, p.expected, p.got,
                                p.hint, to_string(p)));
      }
      PyErr_SetObject(error.ptr(), error(static_cast<int>(input.kind()), problems).ptr());
    }
  });
}

void run_interruptibly(Watched& watched, const py::object& show, const std::function<void()>& work) {
  std::mutex mutex;
  std::condition_variable changed;
  bool ended = false;
  std::exception_ptr failure;
  std::thread worker([&] {
    try {
      work();
    } catch (...) {
      failure = std::current_exception();
    }
    const std::lock_guard lock(mutex);
    ended = true;
    changed.notify_one();
  });
  std::optional<py::error_already_set> stopped;
  for (bool waiting = true; waiting;) {
    {
      const py::gil_scoped_release release;
      std::unique_lock lock(mutex);
      waiting = !changed.wait_for(lock, std::chrono::milliseconds(stopped ? 5 : 100), [&] { return ended; });
    }
    if (stopped || !waiting) continue;
    try {
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();
      if (!show.is_none()) show(watched.finished.load(), watched.expected.load());
    } catch (py::error_already_set& error) {
      stopped.emplace(error);
      watched.stop = true;
    }
  }
  {
    const py::gil_scoped_release release;
    worker.join();
  }
  if (stopped) throw py::error_already_set(*stopped);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace blis::python
