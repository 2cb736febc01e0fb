#!/usr/bin/env python3
"""The scripts that measure a card, tried on the CPU, and the fit that reads what they write.

  tests/measure/check_measure.py BLIS ROOT        skipped (77) without PyTorch, NumPy or SciPy
"""
import csv
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
BLIS, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
try:
    import numpy as np
    import scipy  # noqa: F401
    import torch  # noqa: F401
except ImportError as missing:
    print(f"skipped: {missing} (tests/nightly_packages.txt)")
    sys.exit(77)
sys.path.insert(0, str(ROOT / "tools/score/fit"))
import kernels  # noqa: E402
import tables  # noqa: E402
from fitting import SPACE  # noqa: E402

ENTRY = {"TFlopsPeak": 300, "BwPeakTBs": 0.9, "NumSMs": 128, "L2MiB": 4, "MemoryGiB": 22, "PcieGBs": 16,
         "ComputeCapability": 8.6, "source": "a test"}
CSVS = {"gemm": ["dtype", "m", "n", "k", "us"],
        "decode_attention": ["batch_size", "ctx", "num_heads", "num_key_value_heads", "head_dim", "us"],
        "prefill_attention": ["batch_size", "isl", "num_heads", "num_key_value_heads", "head_dim", "us"],
        "allreduce": ["backend", "num_gpus", "bytes", "us"],
        "launch": ["kernels", "us"],
        "sampling": ["kind", "rows", "vocab", "us"],
        "duty": ["share", "n", "us", "sm_mhz", "watts"]}


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True)


def measure(*arguments):
    return run(sys.executable, ROOT / "tools/measure/measure", *arguments)


def fit(*arguments):
    return run(sys.executable, ROOT / "tools/score/fit/fit.py", *arguments)


class Folder(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        self.entry = self.folder / "card.json"
        self.entry.write_text(json.dumps({"MY-CARD": ENTRY}))

    def table(self, kernel, text):
        (self.folder / f"MY-CARD_{kernel}.csv").write_text(text)


class Measuring(Folder):
    def test_every_kernel_has_its_table_which_the_fit_reads_and_blis_runs_on(self):
        done = measure(self.entry, "-o", self.folder, "--device", "cpu", "--grid", "least", "--seconds", "0.001")
        self.assertEqual(done.returncode, 0, done.stderr)
        for kernel, columns in CSVS.items():
            with open(self.folder / f"MY-CARD_{kernel}.csv", newline="") as file:
                header, *rows = csv.reader(file)
            self.assertEqual(header, columns)
            self.assertTrue(rows, kernel)
            self.assertTrue(all(float(row[columns.index("us")]) > 0 for row in rows), kernel)
        self.assertEqual(json.loads((self.folder / "MY-CARD_machine.json").read_text())["device"], "CPU")
        self.assertFalse(list(self.folder.glob("*.part")))

        fitted = fit(self.folder, "--gpu", self.entry)
        self.assertEqual(fitted.returncode, 0, fitted.stderr)
        self.assertIn("measured on a CPU", fitted.stderr)
        self.assertIn("all_reduce: left to the general constants", fitted.stderr)
        calibrated = json.loads(self.entry.read_text())["MY-CARD"]["calibrated"]
        self.assertLessEqual({"source", "gemm", "decode", "prefill"}, set(calibrated))
        shown = run(BLIS, "run", "--data-dir", ROOT, "--model", "llama-3.1-8b-instruct", "--gpu", self.entry, "--input-len", "100",
                    "--output-len", "20", "--request-rate", "1", "--num-prompts", "10", "--max-model-len", "4096")
        self.assertEqual(shown.returncode, 0, shown.stderr)

    def test_what_cannot_be_measured_is_said(self):
        for arguments, words in [
                ((self.entry, "--only", "gem", "--device", "cpu"), "no such kernel"),
                ((self.entry, "--seconds", "0", "--device", "cpu"), "more than 0"),
                ((self.folder / "none.json", "--device", "cpu"), "none.json"),
        ] + ([] if torch.cuda.is_available() else [((self.entry,), "finds no GPU")]):
            done = measure(*arguments, "-o", self.folder)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(words, done.stderr)
            self.assertNotIn("Traceback", done.stderr)


class Fitting(Folder):
    def test_constants_that_made_a_table_come_back(self):
        """Each group's table is computed from its first guesses, with 3 % of noise."""
        gpu = tables.gpu_of("MY-CARD", ENTRY, "MY-CARD")
        guesses = {group: {name: first for name, first, *_ in rows} for group, rows in SPACE.items()}
        noise = np.random.default_rng(7)
        sizes = [(m, n, k) for m in (1, 16, 64, 256, 1024, 4096) for n, k in ((4096, 4096), (14336, 4096), (4096, 14336), (6144, 4096))]
        lines = ["dtype,m,n,k,us"] + [
            f"bfloat16,{m},{n},{k},{kernels.gemm(guesses['gemm'], m, n, k, gpu) * noise.normal(1, 0.03):.3f}" for m, n, k in sizes]
        self.table("gemm", "\n".join(lines) + "\n")
        batches = [(b, c) for b in (1, 8, 32, 128) for c in (512, 2048, 8192, 32768)]
        lines = ["batch_size,ctx,num_heads,num_key_value_heads,head_dim,us"] + [
            f"{b},{c},32,8,128,{kernels.decode_attention(guesses['decode'], b, c, 8, 128, gpu) * noise.normal(1, 0.03):.3f}"
            for b, c in batches]
        self.table("decode_attention", "\n".join(lines) + "\n")
        done = fit(self.folder, "--gpu", self.entry)
        self.assertEqual(done.returncode, 0, done.stderr)
        found = json.loads(self.entry.read_text())["MY-CARD"]["calibrated"]
        for m, n, k in sizes:
            self.assertAlmostEqual(kernels.gemm(found["gemm"], m, n, k, gpu) / kernels.gemm(guesses["gemm"], m, n, k, gpu), 1, delta=0.06)
        for b, c in batches:
            self.assertAlmostEqual(kernels.decode_attention(found["decode"], b, c, 8, 128, gpu)
                                   / kernels.decode_attention(guesses["decode"], b, c, 8, 128, gpu), 1, delta=0.06)
        self.assertEqual(set(found), {"source", "gemm", "decode"})

    def test_a_broken_table_is_refused_with_its_place_and_the_entry_stays(self):
        header = "dtype,m,n,k,us\n"
        before = self.entry.read_text()
        for text, words in [
                (header + "bfloat16,1,4096,4096,\n", "MY-CARD_gemm.csv:2: `us`: a number is expected"),
                (header + "bfloat16,1,4096,4096,5\nbfloat16,x,4096,4096,5\n", "gemm.csv:3: `m`"),
                (header + "bfloat16,1,4096,4096,5,6\n", "gemm.csv:2: another number of columns"),
                (header + "bfloat16,1,4096\n", "gemm.csv:2: another number of columns"),
                (header + "bfloat16,1,4096,4096,inf\n", "gemm.csv:2: `us`"),
                ("dtype,m,n,us\nbfloat16,1,4096,5\n", "gemm.csv:1: no column `k`"),
                (header, "no rows"),
                (header + "bfloat16,1,4096,4096,500\n", "1 rows for 7 constants, 21 at least"),
        ]:
            self.table("gemm", text)
            done = fit(self.folder, "--gpu", self.entry)
            self.assertNotEqual(done.returncode, 0, text)
            self.assertIn(words, done.stderr)
            self.assertNotIn("Traceback", done.stderr)
            self.assertEqual(self.entry.read_text(), before)

    def test_an_entry_that_is_none_or_lacks_what_the_formula_needs_is_refused(self):
        self.table("gemm", "dtype,m,n,k,us\n" + "".join(f"bfloat16,{m},4096,4096,{40 + m}\n" for m in range(1, 30)))
        for text, words in [("[]", "one entry is expected"), ("{", "card.json"), ('{"A": {}, "B": {}}', "one entry is expected"),
                            (json.dumps({"MY-CARD": {k: v for k, v in ENTRY.items() if k != "NumSMs"}}), "does not say `NumSMs`")]:
            self.entry.write_text(text)
            done = fit(self.folder, "--gpu", self.entry)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(words, done.stderr)
            self.assertNotIn("Traceback", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
