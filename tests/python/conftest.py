"""The module as it was built: the folder is in BLISIM_PATH, or it is installed."""

import os
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
if os.environ.get("BLISIM_PATH"):
    sys.path.insert(0, os.environ["BLISIM_PATH"])


@pytest.fixture(scope="session", autouse=True)
def catalogs():
    os.environ["BLIS_DATA"] = str(ROOT)


@pytest.fixture
def root():
    return ROOT


@pytest.fixture
def chat():
    return ROOT / "scenarios" / "chat.yaml"


@pytest.fixture
def small():
    """A scenario that runs in a millisecond."""
    return {
        "model": "llama-3.1-8b-instruct",
        "hardware": {"gpu": "H100"},
        "engine": {"max_model_len": 4096},
        "latency": {"model": "blackbox", "coefficients": {"step_us": 10000, "prefill_token_us": 50}},
        "workload": {
            "kind": "synthetic",
            "num_requests": 60,
            "arrival": {"process": "poisson", "request_rate": 10},
            "input_tokens": {"distribution": "uniform", "min": 50, "max": 400},
            "output_tokens": {"distribution": "uniform", "min": 2, "max": 20},
        },
    }
