"""One GPU's entry: the file that `blis run --gpu FILE.json` takes."""
import json
import pathlib
from dataclasses import dataclass


class EntryError(Exception):
    """What is wrong with the file, with its place."""


@dataclass(frozen=True)
class Entry:
    name: str
    l2_bytes: float  # 0: the file does not say


def read(path):
    """The entry of `path`, {"NAME": {...}} or its bare object, which is called after the file."""
    try:
        document = json.loads(pathlib.Path(path).read_text())
    except (json.JSONDecodeError, UnicodeDecodeError) as problem:
        raise EntryError(f"{path}: {problem}") from None
    bare = isinstance(document, dict) and ("TFlopsPeak" in document or "TFlopsEff" in document)
    if not bare and not (isinstance(document, dict) and len(document) == 1
                         and isinstance(next(iter(document.values())), dict)):
        raise EntryError(f'{path}: one entry is expected, as hardware_config.json has them: {{"NAME": {{"TFlopsPeak": ...}}}}')
    name, figures = (pathlib.Path(path).stem, document) if bare else next(iter(document.items()))
    if not name or "/" in name:
        raise EntryError(f"{path}: `{name}` cannot begin the name of a table")
    l2 = figures.get("L2MiB", 0)
    if isinstance(l2, bool) or not isinstance(l2, (int, float)) or l2 < 0:
        raise EntryError(f"{path}: {name}.L2MiB: a size in MiB is expected, got {json.dumps(l2)}")
    return Entry(name, l2 * 2**20)
