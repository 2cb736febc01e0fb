"""The notebooks run from their first cell to the last."""

import json
import pathlib

import pytest

NOTEBOOKS = pathlib.Path(__file__).resolve().parents[2] / "python" / "notebooks"


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_runs(path, monkeypatch):
    pytest.importorskip("pandas")
    monkeypatch.chdir(path.parent)
    notebook = json.loads(path.read_text())
    needs = notebook["metadata"].get("needs")
    if needs and not (NOTEBOOKS.parents[1] / needs).exists():
        pytest.skip(f"{needs} is not there")
    names = {"__name__": "__main__"}
    for number, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "code":
            assert not cell["outputs"], "notebooks are kept without what they print"
            exec(compile("".join(cell["source"]), f"{path.name} cell {number}", "exec"), names)
