"""Runs these tests with the module in the folder that is given; status 77 says why they are skipped.

    run.py FOLDER PROGRAM
"""

import importlib.util
import os
import pathlib
import subprocess
import sys

folder, program = sys.argv[1:3]
if not list(pathlib.Path(folder).glob("blisim/_core*.so")):
    print(f"skipped: there is no module in {folder} (cmake -DBLIS_PYTHON=ON)")
    sys.exit(77)
for needed in ("numpy", "pytest"):
    if importlib.util.find_spec(needed) is None:
        print(f"skipped: {sys.executable} has no {needed}")
        sys.exit(77)
sys.exit(subprocess.run(
    [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", pathlib.Path(__file__).parent],
    env={**os.environ, "BLISIM_PATH": folder, "BLIS_PROGRAM": program}).returncode)
