#!/usr/bin/env python3
"""Opens reports in a real browser and checks what only a browser can tell: that they draw themselves without
errors at desktop and phone width, light, dark and printed, from the keyboard too, and pass axe-core.

check_report.py BLIS SOURCE_DIR BUILD_DIR [--screenshots FOLDER] [--only NAME]

Exit status 77 (skipped) without Chromium and chromedriver. axe-core comes from BLIS_AXE (a path to axe.min.js), or
from npm into BUILD_DIR; without it only our own checks run, and the output says so."""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from webdriver import Browser, find_browser

HERE = pathlib.Path(__file__).parent
HOSTILE = "</script><img src=x onerror=\"document.title='broken'\"><b>&amp;"
SECONDS_TO_DRAW = 1.0
PAPER = (794, 1123)  # A4 at 96 dots an inch
WIDER_THAN_PAPER = """return [...document.querySelectorAll('table, svg')].filter((e) => e.getBoundingClientRect().right > arguments[0])
  .map((e) => `${e.localName} "${(e.caption ?? e.closest('figure') ?? e).textContent.slice(0, 40)}" does not fit`)"""


def find_axe(build):
    if os.environ.get("BLIS_AXE"):
        return pathlib.Path(os.environ["BLIS_AXE"]).read_text()
    folder = pathlib.Path(build) / "axe"
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    if not script.exists() and shutil.which("npm"):
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--prefix", folder, "axe-core@4"], check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
    return script.read_text() if script.exists() else None


class Reports:
    """Makes the results to look at, with the program under test."""

    def __init__(self, blis, source, folder):
        self.blis, self.source, self.folder = blis, pathlib.Path(source), pathlib.Path(folder)

    def _blis(self, *arguments):
        done = subprocess.run([self.blis, *map(str, arguments)], capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            raise RuntimeError(f"blis {arguments[0]}: {done.stderr}")

    def _report(self, name):
        self._blis("report", self.folder / name, "-q")
        return self.folder / name / "report.html"

    def run(self, name, scenario, *flags):
        self._blis("run", self.source / scenario, "--data-dir", self.source, "-q", "-o", self.folder / name, *flags)
        return self._report(name)

    def beside_measured(self, name, scenario, *flags):
        """A prediction drawn beside another run of the scenario, as if that had been measured."""
        self.run(f"{name}-real", scenario, "--set", "latency.host.step_us=900", *flags)
        self.run(name, scenario, *flags)
        self._blis("report", self.folder / name, "-q", "--measured", self.folder / f"{name}-real" / "requests.csv")
        return self.folder / name / "report.html"

    def calibrated(self, name, scenario, *flags):
        """A run beside the one before its calibration, and a third that stands for a measurement of other traffic."""
        constants = self.folder / f"{name}.yaml"
        constants.write_text("version: 1\nlatency: { host: { step_us: 1500 } }\n")
        self.run(f"{name}-before", scenario, *flags)
        self.run(f"{name}-real", scenario, "--set", "latency.host.step_us=1400", *flags, "--set", "workload.limit=80")
        self.run(name, scenario, *flags, "--set", f"latency.calibration={constants}")
        self._blis("report", self.folder / name, "-q", "--before", self.folder / f"{name}-before",
                   "--measured", self.folder / f"{name}-real" / "requests.csv")
        return self.folder / name / "report.html"

    def compare(self, name, scenario, *flags):
        self._blis("compare", self.source / scenario, "--data-dir", self.source, "-q", "-o", self.folder / name, *flags)
        return self._report(name)

    def hand_made_comparison(self, name):
        """A comparison as `blis compare` leaves it: two GPUs, three rates, one point that cannot exist."""
        points = []
        for index, (gpu, rate) in enumerate([(g, r) for g in ("H100", HOSTILE) for r in (1, 2, 4)]):
            feasible = index != 5
            points.append({
                "index": index, "label": f"{gpu}, {rate} req/s", "status": "ok" if feasible else "infeasible",
                "settings": {"hardware.gpu": gpu, "workload.arrival.request_rate": rate},
                "feasible": feasible, "reason": None if feasible else f"does not fit {HOSTILE}",
                "verdict": ("meets" if rate < 4 else "misses") if feasible else None, "pareto": index in (0, 1), "slo":
                [{"key": "p99_ttft_ms", "limit": 500, "met": rate < 4}] if feasible else [], "confidence": {},
                "p99_ttft_ms": 100 * rate + index if feasible else None, "gpus": 1 + index // 3 if feasible else None,
                "output_throughput": 1000.0 * rate / (1 + index) if feasible else None})
        document = {"schema": "blis-compare/1", "goal": "compare", "interrupted": False, "scenarios": ["a/chat.yaml"],
                    "varied": ["hardware.gpu", "workload.arrival.request_rate"], "seeds": [], "warnings": [HOSTILE],
                    "objectives": [{"key": "gpus", "better": "less"}, {"key": "p99_ttft_ms", "better": "less"}],
                    "confidence": {"level": 0.95, "method": ""}, "sorted_by": "gpus", "order": [1, 0, 2, 3, 4, 5],
                    "advice": {"text": f"Take {HOSTILE}", "point": 0, "runner_up": 1}, "points": points}
        (self.folder / name).mkdir()
        (self.folder / name / "compare.json").write_text(json.dumps(document))
        return self._report(name)

    def all(self):
        yield "chat", self.run("chat", "scenarios/chat.yaml"), 11
        yield "overload", self.run("overload", "scenarios/overload.yaml"), 12
        yield "hostile", self.run("hostile", "scenarios/chat.yaml", "--set", f"name={json.dumps(HOSTILE)}",
                                  "--set", "workload.limit=40"), 11
        yield "nothing", self.run("nothing", "scenarios/chat.yaml", "--set", "engine.max_model_len=2",
                                  "--set", "workload.limit=40"), 0
        yield "fleet", self.beside_measured("fleet", "scenarios/chat.yaml", "--replicas", "3", "--slo", "p99_ttft_ms=60",
                                            "--set", "workload.limit=100"), 17
        yield "calibrated", self.calibrated("calibrated", "scenarios/chat.yaml", "--set", "workload.limit=100"), 17
        yield "large-fleet", self.run("large-fleet", "scenarios/chat.yaml", "--replicas", "18", "--set", "workload.limit=100"), 12
        yield "search", self.compare("search", "scenarios/chat.yaml", "--find", "max-rate", "--slo", "p99_ttft_ms=200",
                                     "--seeds", "0,1", "--set", "workload.limit=60"), 2
        yield "grid", self.compare("grid", "scenarios/chat.yaml", "--vary", "gpu=H100,L40S", "--vary", "tp=1,3",
                                   "--vary", "workload.time_scale=1,2", "--set", "workload.limit=100"), 2
        yield "comparison", self.hand_made_comparison("comparison"), 2


class Checker:
    def __init__(self, browser, axe, screenshots):
        self.browser, self.axe, self.screenshots = browser, axe, screenshots
        self.passed, self.problems = 0, []

    def check(self, what, wrong):
        if wrong:
            self.problems += [f"{what}: {sentence}" for sentence in wrong]
        else:
            self.passed += 1

    def look_at(self, name, path, least_drawings):
        for width, height in ((1280, 900), (390, 844)):
            for dark in (False, True):
                what = f"{name} {width} {'dark' if dark else 'light'}"
                self.browser.show_as(width, height, dark)
                self.browser.open(path)
                self.wait_until_drawn()
                self.check(f"{what}: console", self.browser.console_errors())
                self.check(f"{what}: page", self.browser.run((HERE / "page_checks.js").read_text(), width))
                self.check(f"{what}: axe", self.axe_violations())
                if self.screenshots:
                    self.browser.screenshot(f"{self.screenshots}/{name}-{width}-{'dark' if dark else 'light'}.png")
        drawings = self.browser.run("return document.querySelectorAll('.plot').length")
        self.check(f"{name}: drawings", [] if drawings >= least_drawings else [f"{drawings}, not {least_drawings}"])
        self.check(f"{name}: time", self.too_slow())
        self.check(f"{name}: keys", self.keyboard(least_drawings > 0))
        self.browser.show_as(*PAPER, False, media="print")
        self.browser.open(path)
        self.wait_until_drawn()
        self.check(f"{name}: fits paper", self.browser.run(WIDER_THAN_PAPER, PAPER[0]))
        if self.screenshots:
            self.browser.screenshot(f"{self.screenshots}/{name}-print.png")
        self.browser.show_as(1280, 900, False)
        self.browser.open(path)
        self.wait_until_drawn()
        self.check(f"{name}: print", [] if self.browser.pdf().startswith(b"%PDF") else ["no PDF"])
        self.check(f"{name}: pages of points", self.pages_of_points(path))
        title = self.browser.run("return document.title")
        self.check(f"{name}: console", self.browser.console_errors())
        self.check(f"{name}: title", ["a name in the data was run"] if title == "broken" else [])

    def pages_of_points(self, path):
        """Each point has a page of its own: reached from the table and from a mark, at an address that can be sent, and left again."""
        links = self.browser.run("return [...document.querySelectorAll('#points tbody th a')].map((a) => a.getAttribute('href'))")
        if not links:
            return []
        heading = "return document.querySelector('h1').textContent"
        overview, wrong = self.browser.run(heading), []
        for width, height in ((1280, 900), (390, 844)):
            self.browser.show_as(width, height, width < 600)
            for link in links:
                self.browser.open(f"{path}{link}")
                self.wait_until_drawn()
                wrong += self.browser.run((HERE / "page_checks.js").read_text(), width) + self.axe_violations()
                if self.browser.run("return [document.getElementById('points'), document.querySelector('main').id]") != [None, f"{link[1:]}-main"]:
                    wrong.append(f"{link} does not open the page of its point")
                lost = self.browser.run("return [...document.querySelectorAll('nav a')].filter((a) => !document.getElementById(a.hash.slice(1))).length")
                if lost:
                    wrong.append(f"{link}: {lost} links to its sections lead nowhere")
            if self.screenshots:
                self.browser.screenshot(f"{self.screenshots}/{pathlib.Path(path).parent.name}-{links[-1][1:]}-{width}.png")
        follow = """return new Promise((done) => { arguments[0] ? document.querySelector(arguments[0]).click() : history.back();
          setTimeout(() => done(document.querySelector('h1').textContent), 100); })"""
        self.browser.open(path)
        self.wait_until_drawn()
        if self.browser.run(follow, "#points tbody th a") == overview:
            wrong.append("the table's link leads nowhere")
        if self.browser.run("return document.activeElement.localName") != "h1":
            wrong.append("who goes to a point's page is not put at its heading")
        if self.browser.run(follow, "header a") != overview:
            wrong.append("a point's page has no way back")
        self.browser.run(follow, None)
        if self.browser.run(follow, None) != overview:
            wrong.append("the browser's way back does not lead to all points")
        return wrong + self.mark_opens_page(overview, heading)

    def mark_opens_page(self, overview, heading):
        if not self.browser.run("const plot = document.querySelector('#trade .plot'); plot?.focus(); return plot !== null"):
            return []
        right, enter = "\ue014", "\ue007"
        self.browser.press(right)
        self.browser.press(enter)
        self.browser.run("return new Promise((done) => setTimeout(done, 100))")
        return [] if self.browser.run(heading) != overview else ["Enter on a mark does not open the page of its point"]

    def wait_until_drawn(self):
        self.browser.run("""return new Promise((done) => {
          const drawn = () => [...document.querySelectorAll('.plot')].every((plot) => plot.querySelector('svg'));
          const look = (left) => (drawn() || left === 0 ? done() : setTimeout(look, 20, left - 1));
          look(100);
        })""")

    def axe_violations(self):
        if not self.axe:
            return []
        self.browser.run(self.axe + "; return null")
        found = self.browser.run("return axe.run(document, {resultTypes: ['violations']}).then((r) => r.violations)")
        return [f"{v['id']}: {v['help']} ({len(v['nodes'])}): {v['nodes'][0]['html'][:160]}" for v in found]

    def too_slow(self):
        took = []
        for _ in range(3):  # the machine may be busy
            self.browser.run("location.reload()")
            self.wait_until_drawn()
            took.append(self.browser.run("return performance.getEntriesByType('navigation')[0].loadEventEnd / 1000"))
        took = min(took)
        return [f"{took:.2f} s until it is loaded"] if took > SECONDS_TO_DRAW else []

    def keyboard(self, has_drawings):
        """The skip link comes first; a drawing can be reached, read with arrows and left."""
        tab, right, end = "\ue004", "\ue014", "\ue010"
        self.browser.run("document.activeElement.blur(); window.scrollTo(0, 0)")
        self.browser.press(tab)
        wrong = []
        if "skip" not in self.browser.run("return document.activeElement.className"):
            wrong.append("the first stop is not the skip link")
        for _ in range(40 if has_drawings else 0):
            self.browser.press(tab)
            if self.browser.run("return document.activeElement.getAttribute('role')") == "slider":
                break
        else:
            return wrong + ["no drawing is reached"] if has_drawings else wrong
        says = "return document.activeElement.getAttribute('aria-valuetext')"
        first = self.browser.run(says)
        self.browser.press(right)
        second = self.browser.run(says)
        self.browser.press(end)
        last = self.browser.run(says)
        if first == second or second == last and self.browser.run(
                "return Number(document.activeElement.getAttribute('aria-valuemax'))") > 2:
            wrong.append(f"arrow keys do not read values: {first!r}, {second!r}, {last!r}")
        return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("blis")
    parser.add_argument("source")
    parser.add_argument("build")
    parser.add_argument("--screenshots")
    parser.add_argument("--only")
    arguments = parser.parse_args()
    browser, driver = find_browser()
    if not browser or not driver:
        print("SKIPPED: Chromium and chromedriver are not installed (Debian: chromium, chromium-driver)")
        return 77
    axe = find_axe(arguments.build)
    print("axe-core checks, too" if axe else "axe-core is not to be had: only our own checks")
    if arguments.screenshots:
        os.makedirs(arguments.screenshots, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="blis-reports-") as folder, Browser(browser, driver) as window:
        checker = Checker(window, axe, arguments.screenshots)
        for name, path, least_drawings in Reports(arguments.blis, arguments.source, folder).all():
            if arguments.only in (None, name):
                checker.look_at(name, path, least_drawings)
    for problem in checker.problems:
        print(f"FAILED {problem}")
    print(f"{checker.passed} passed, {len(checker.problems)} failed")
    return 1 if checker.problems else 0


if __name__ == "__main__":
    sys.exit(main())
