"""Runs these tests with the module in the folder that is given; status 77 says why they are skipped.

    run.py PROGRAM [FOLDER]
"""

import importlib.util
import os
import pathlib
import subprocess
import sys

program, *folder = sys.argv[1:]
if not folder:
    print("skipped: the module was not built (cmake -DBLIS_PYTHON=ON; ./test does so where pybind11-dev is installed)")
    sys.exit(77)
for needed in ("numpy", "pytest"):
    if importlib.util.find_spec(needed) is None:
        print(f"skipped: {sys.executable} has no {needed}")
        sys.exit(77)
sys.exit(subprocess.run(
    [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", pathlib.Path(__file__).parent],
    env={**os.environ, "BLISIM_PATH": folder[0], "BLIS_PROGRAM": program}).returncode)
