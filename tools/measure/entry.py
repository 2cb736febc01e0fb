"""One GPU's entry, the file that `blis run --gpu FILE.json` takes, and files that are whole or absent."""
import json
import pathlib


class EntryError(Exception):
    """What is wrong with the file, with its place."""


class Entry:
    """{"NAME": {...}}, or its bare object, which is called after the file."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        try:
            self.document = json.loads(self.path.read_text())
        except (json.JSONDecodeError, UnicodeDecodeError) as problem:
            raise EntryError(f"{path}: {problem}") from None
        is_map = isinstance(self.document, dict)
        if is_map and {"TFlopsPeak", "TFlopsEff", "BwPeakTBs", "BwEffTBs"} & self.document.keys():
            self.name, self.figures = self.path.stem, self.document
        elif is_map and len(self.document) == 1 and isinstance(next(iter(self.document.values())), dict):
            self.name, self.figures = next(iter(self.document.items()))
        else:
            raise EntryError(f'{path}: one entry is expected, as hardware_config.json has them: {{"NAME": {{"TFlopsPeak": ...}}}}')
        if not self.name or "/" in self.name:
            raise EntryError(f"{path}: `{self.name}` cannot begin the name of a table")

    def l2_bytes(self):
        """0 where the file does not say."""
        size = self.figures.get("L2MiB", 0)
        if isinstance(size, bool) or not isinstance(size, (int, float)) or size < 0:
            raise EntryError(f"{self.path}: {self.name}.L2MiB: a size in MiB is expected, got {json.dumps(size)}")
        return size * 2**20

    def save(self):
        write_whole(self.path, lambda file: file.write(json.dumps(self.document, indent=2) + "\n"))


def write_whole(path, write):
    """The file appears when it is complete, or not at all."""
    part = path.with_name(path.name + ".part")
    try:
        with open(part, "w", newline="") as file:
            write(file)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
