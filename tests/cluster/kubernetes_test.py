"""The Indexed Job that `--submit kubernetes` writes: every key and type is one that the API has (Debian's client
knows them), and its pods, started here one by one in a copy of the folder, some of them twice, give the bytes of one machine.

    kubernetes_test.py PROGRAM
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import kubernetes.client.models as models
import yaml

HERE = pathlib.Path(__file__).resolve().parent
PLAIN = {"str": str, "int": int, "bool": bool, "float": (int, float)}


def check(value, kind, place):
    """Raises unless `value` is what the API calls `kind`."""
    of_list = re.fullmatch(r"list\[(.*)\]", kind)
    of_dict = re.fullmatch(r"dict\(str, (.*)\)", kind)
    if of_list:
        assert isinstance(value, list), f"{place} is no list"
        for i, item in enumerate(value):
            check(item, of_list[1], f"{place}[{i}]")
    elif of_dict:
        assert isinstance(value, dict), f"{place} is no object"
        for key, item in value.items():
            assert isinstance(key, str)
            check(item, of_dict[1], f"{place}.{key}")
    elif kind in PLAIN:
        assert isinstance(value, PLAIN[kind]), f"{place} is no {kind}: {value!r}"
    else:
        model = getattr(models, kind)
        fields = {name: model.openapi_types[field] for field, name in model.attribute_map.items()}
        assert isinstance(value, dict), f"{place} is no object"
        for key, item in value.items():
            assert key in fields, f"{place} has no key {key}, but {', '.join(fields)}"
            check(item, fields[key], f"{place}.{key}")
        model(**{field: value[name] for field, name in model.attribute_map.items() if name in value})  # what is required


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    environment = {"PATH": f"{program.parent}:{os.environ['PATH']}", "BLIS_DATA": str(HERE.parents[1])}

    def run(command, folder, **more):
        subprocess.run(command, cwd=folder, env={**environment, **more}, check=True, stdout=subprocess.DEVNULL)

    with tempfile.TemporaryDirectory() as work:
        there = pathlib.Path(work, "there")
        there.mkdir()
        for name in ("sweep.yaml", "scenario.yaml"):
            shutil.copy(HERE / name, there / ("mine.yaml" if name == "sweep.yaml" else name))
        run(["blis", "compare", "mine.yaml", "--submit", "kubernetes", "--shards", "8", "-o", "."], there)
        text = (there / "job.yaml").read_text()
        job = yaml.safe_load(text)
        check(job, "V1Job", "job")
        assert (job["apiVersion"], job["kind"]) == ("batch/v1", "Job")
        spec = job["spec"]
        assert spec["completionMode"] == "Indexed" and spec["completions"] == 8
        pod = spec["template"]["spec"]
        container = pod["containers"][0]
        assert pod["restartPolicy"] in ("OnFailure", "Never"), "a Job's pods are not restarted for ever"
        assert {m["name"] for m in container["volumeMounts"]} == {v["name"] for v in pod["volumes"]}
        assert container["workingDir"] == container["volumeMounts"][0]["mountPath"]
        run(["blis", "compare", "sweep.yaml", "-o", "whole", "-j", "1", "-q"], there)
        whole = pathlib.Path(work, "whole")
        shutil.move(there / "whole", whole)

        volume = pathlib.Path(work, "volume")
        shutil.copytree(there, volume)
        shutil.rmtree(there)
        for index in [*range(8), 3, 0]:
            run(container["command"], volume, JOB_COMPLETION_INDEX=str(index))
        merge = re.search(r"^#   (blis compare .*)$", text, re.MULTILINE)[1]
        run(merge.split(), volume)
        for name in ("compare.json", "points.csv"):
            assert (volume / name).read_bytes() == (whole / name).read_bytes(), name
        points = sorted(path.name for path in (whole / "points").iterdir())
        assert len(points) == 500 and points == sorted(path.name for path in (volume / "points").iterdir())
        for name in points:
            assert (volume / "points" / name).read_bytes() == (whole / "points" / name).read_bytes(), name
    print("kubernetes_test: a manifest of the API's keys, 8 pods and 2 of them again: the bytes of one machine")


if __name__ == "__main__":
    main()
