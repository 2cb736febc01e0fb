"""Nothing that the program or the library can do is forgotten here, and the stubs are true."""

import inspect
import os
import pathlib
import re
import shutil
import subprocess

import pytest

import blisim
from blisim.settings import key_of

# Flags that are no key of a scenario: the argument, or what stands for it.
COMPARING = {
    "vary": "vary",
    "seeds": "seeds",
    "price": "prices",
    "pareto": "objectives",
    "find": "find",
    "resume": "folder",
    "stop-dominated": "stop_dominated",
    "detect-warmup": "detect_warmup",
    "shard": "executor",
    "merge": "executor",
    "submit": "executor",
    "shards": "shards",
    "yes": "executor",
    "jobs": "threads",
    "result-dir": "folder",
    "no-progress": "progress",
    "disable-tqdm": "progress",
}
RUNNING = {
    "detect-warmup": "detect_warmup",
    "save-detailed": "detailed",
    "no-progress": "progress",
    "disable-tqdm": "progress",
}
# What a Comparison or a Result does: to_json(), save(), meets_slo; and what pandas does.
OF_WHAT_IS_RETURNED = {"output-format", "force", "fail-on-slo", "sort-by", "result-dir"}
# A timeline is a file for Perfetto; the program writes it.
THE_PROGRAMS_ALONE = {"timeline", "timeline-window", "timeline-limit"}


def help_of(command):
    program = os.environ.get("BLIS_PROGRAM")
    if not program:
        pytest.skip("BLIS_PROGRAM does not name the program")
    text = subprocess.run([program, command, "--help"], capture_output=True, text=True, check=True).stdout
    return dict(re.findall(r"^([A-Z][^\n]*):\n((?: +[^\n]*\n)+)", text, re.MULTILINE))


def flags_in(section):
    """Name and description of each."""
    parts = re.split(r"^ +(?:-\w+, )?--(?:\[no-\])?([a-z0-9-]+)", section, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2]))


@pytest.mark.parametrize("command, call, table", [("run", blisim.simulate, RUNNING), ("compare", blisim.compare, COMPARING)])
def test_every_option_of_the_program_is_an_argument(command, call, table):
    sections = help_of(command)
    arguments = inspect.signature(call).parameters
    seen = 0
    for title in ("Output", "Comparison", "Machine"):
        for flag, _ in flags_in(sections.get(title, "")):
            if flag in OF_WHAT_IS_RETURNED | THE_PROGRAMS_ALONE:
                continue
            assert table.get(flag) in arguments, f"blis {command} --{flag} is no argument of blisim.{call.__name__}"
            seen += 1
    assert seen >= len(table) - 1


def test_every_flag_of_a_scenarios_key_is_an_argument_of_that_name():
    keyed = 0
    for title, section in help_of("run").items():
        for flag, says in flags_in(section):
            key = re.search(r"\[([a-z0-9_.]+)\]\s*$", says)
            if key:
                assert key_of(flag.replace("-", "_")) == key[1], f"--{flag}"
                keyed += 1
    assert keyed > 40


def test_the_stubs_say_what_the_module_has(tmp_path):
    if not shutil.which("stubtest"):
        pytest.skip("there is no stubtest (mypy)")
    (tmp_path / "blisim").symlink_to(pathlib.Path(blisim.__file__).parent)
    (tmp_path / "mypy.ini").write_text("[mypy]\n[mypy-pandas.*]\nignore_missing_imports = True\n"
                                       "[mypy-numpy.*]\nfollow_imports = skip\n"
                                       "[mypy-blisim.*]\nignore_errors = True\n")
    # pybind11's classes say nothing of their constructors.
    (tmp_path / "allowed").write_text(r"blisim\.(PricedWork|ReplicaState|RoutedRequest)(\.__init__)?" + "\n")
    (tmp_path / "user.py").write_text(
        "import blisim\n"
        "def slow(work: blisim.PricedWork) -> float:\n    return 1e-3 * work.decodes\n"
        "def first(request: blisim.RoutedRequest, replicas: list[blisim.ReplicaState]) -> int:\n    return 0\n"
        "result = blisim.simulate('a.yaml', step_time=slow, router=first, tp=2)\n"
        "mean: float = result.requests['ttft'].mean()\n"
        "names: list[str] = [point['name'] for point in blisim.compare({}, seeds=range(3)).points]\n")
    environment = {**os.environ, "MYPYPATH": str(tmp_path), "PYTHONPATH": str(tmp_path)}

    def passes(*command):
        run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
        assert run.returncode == 0, run.stdout + run.stderr

    passes("stubtest", "blisim", "--mypy-config-file", "mypy.ini", "--allowlist", "allowed", "--concise")
    passes("mypy", "--strict", "--config-file", "mypy.ini", "--cache-dir", os.devnull, "user.py")
