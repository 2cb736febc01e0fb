"""One run from Python: the bytes of the program, arrays, errors."""

import json
import pathlib
import pickle
import signal
import threading
import time

import pytest

import blisim

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_result_is_the_golden_one_byte_for_byte(path):
    assert blisim.simulate(path).to_json() == path.with_suffix(".json").read_text()


def test_every_key_of_the_result_is_there(chat):
    result = blisim.simulate(chat, num_prompts=40)
    document = json.loads(result.to_json())
    assert list(result.keys()) == list(document)
    for key, value in document.items():
        assert result[key] == value
    assert result.figures()["p99_ttft_ms"] == document["p99_ttft_ms"]
    with pytest.raises(KeyError):
        result["p42_ttft_ms"]


def test_a_dict_is_a_scenario_and_overrides_go_by_name(small):
    result = blisim.simulate(small, max_num_seqs=3, tp=2, request_rate=2, **{"engine.block_size": 32})
    engine = result.document["scenario"]["engine"]
    assert (engine["max_num_seqs"], engine["tensor_parallel_size"], engine["block_size"]) == (3, 2, 32)
    assert result.document["scenario"]["workload"]["arrival"]["request_rate"] == 2


def test_sections_and_keys_of_other_workloads_are_overrides_too(chat, small):
    spec = {"method": "ngram", "num_speculative_tokens": 2, "acceptance": [0.5, 0.2]}
    result = blisim.simulate(chat, limit=20, max_concurrency=2, speculative=spec, router={"policy": "random"})
    scenario = result.document["scenario"]
    assert result["completed"] == 20
    assert scenario["engine"]["speculative"]["num_speculative_tokens"] == 2
    assert scenario["router"]["policy"] == "random" and scenario["workload"]["max_concurrency"] == 2
    bursty = blisim.simulate(small, arrival={"process": "gamma", "burstiness": 0.5})
    assert bursty.document["scenario"]["workload"]["arrival"]["burstiness"] == 0.5


def test_a_warmup_is_found_where_none_is_said(small):
    small["workload"].update(num_requests=600, arrival={"process": "poisson", "request_rate": 40})
    result = blisim.simulate(small, max_num_seqs=16, detect_warmup=True)
    assert any("warm-up" in warning for warning in result.warnings)


def test_requests_of_ones_own_have_sessions_and_priorities(small):
    rows = [(0.0, 10, 40, 0, 5), (0.0, 10, 40, 0, 1), (0.0, 10, 40, 0, 3)]
    result = blisim.simulate(small, max_num_seqs=1, scheduling_policy="priority", requests=rows)
    first = result.requests["first_token_ns"]
    assert first[1] < first[2]


def test_requests_are_an_array_over_the_runs_own_memory(small):
    numpy = pytest.importorskip("numpy")
    result = blisim.simulate(small)
    rows = result.requests
    assert len(rows) == 60 and not rows.flags.writeable
    assert rows.__array_interface__["data"] == result.requests.__array_interface__["data"]
    assert rows.strides == (128,)
    first = rows["first_token_ns"] - rows["arrival_ns"]
    assert result["mean_ttft_ms"] == pytest.approx(first.mean() / 1e6)
    del result
    assert numpy.all(rows["first_token_ns"] > rows["arrival_ns"]), "the array keeps its memory"


def test_requests_are_a_frame_where_pandas_is(small):
    pytest.importorskip("pandas")
    result = blisim.simulate(small)
    frame = result.frame()
    assert len(frame) == 60
    assert frame["ttft_ms"].mean() == pytest.approx(result["mean_ttft_ms"])
    assert frame["e2el_ms"].median() == pytest.approx(result["median_e2el_ms"])
    assert frame["tpot_ms"].mean() == pytest.approx(result["mean_tpot_ms"])
    assert set(frame["outcome"]) == {"completed"}


def test_a_mistake_has_its_file_line_and_hint(tmp_path, chat):
    path = tmp_path / "wrong.yaml"
    path.write_text(chat.read_text().replace("engine:", "engin:"))
    with pytest.raises(blisim.Error) as raised:
        blisim.simulate(path)
    assert raised.value.kind == "usage"
    assert raised.value.file == str(path)
    assert raised.value.line > 1
    assert "did you mean `engine`" in raised.value.hint
    copy = pickle.loads(pickle.dumps(raised.value))
    assert str(copy) == str(raised.value) and copy.line == raised.value.line


@pytest.mark.parametrize(
    "overrides, kind, says",
    [
        ({"max_num_sqs": 1}, "usage", "did you mean `max_num_seqs`"),
        ({"max_num_seqs": "many"}, "usage", "an integer from 1"),
        ({"gpu": "H1000"}, "usage", "unknown GPU"),
        ({"model": "llama-3.1-405b-instruct"}, "infeasible", "GiB"),
        ({"distribution": "constant"}, "usage", "is several keys"),
    ],
)
def test_a_mistake_in_an_override_is_said(chat, overrides, kind, says):
    with pytest.raises(blisim.Error) as raised:
        blisim.simulate(chat, **overrides)
    assert raised.value.kind == kind
    assert says in str(raised.value)


def test_a_file_that_is_not_there_is_an_io_error(tmp_path):
    with pytest.raises(blisim.Error) as raised:
        blisim.simulate(tmp_path / "nowhere.yaml")
    assert raised.value.kind == "io"


def _long(small):
    small["workload"]["num_requests"] = 2_000_000
    return small


def test_ctrl_c_ends_a_run_soon(small):
    # Who starts tests in the background has it ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.3, lambda: signal.pthread_kill(threading.main_thread().ident, signal.SIGINT))
    timer.start()
    started = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            blisim.simulate(_long(small))
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - started < 5


def test_other_threads_go_on_while_one_simulates(small):
    small["workload"]["num_requests"] = 300_000
    ticks = []
    done = threading.Event()

    def tick():
        while not done.wait(0.005):
            ticks.append(1)

    other = threading.Thread(target=tick)
    other.start()
    blisim.simulate(small)
    done.set()
    other.join()
    assert len(ticks) >= 3


def test_progress_is_told_and_may_stop_the_run(small):
    class Enough(Exception):
        pass

    seen = []

    def watch(finished, expected):
        seen.append((finished, expected))
        if len(seen) == 2:
            raise Enough

    with pytest.raises(Enough):
        blisim.simulate(_long(small), progress=watch)
    assert seen[1][1] == 2_000_000


def test_a_result_shows_itself_as_the_report(small, tmp_path):
    result = blisim.simulate(small)
    assert "p99" in repr(result).lower()
    assert result.to_html().startswith("<!doctype html><!-- blis report -->")
    assert result._repr_html_().startswith("<iframe srcdoc=")
    result.save(tmp_path / "out")
    assert (tmp_path / "out" / "result.json").read_text() == result.to_json()
    with pytest.raises(blisim.Error, match="result"):
        result.save(tmp_path / "out")
    result.save(tmp_path / "out", force=True)


def test_steps_models_and_traces_answer_without_a_run(root):
    step = blisim.step(model="llama-3.1-8b-instruct", gpu="H100", prefill=[(512, 0)], decode=[(32, 1024)])
    assert step["step_us"] == pytest.approx(sum(step["parts_us"].values()))
    with pytest.raises(blisim.Error, match="empty"):
        blisim.step(model="llama-3.1-8b-instruct", gpu="H100")
    card = blisim.model("llama-3.1-8b-instruct", gpu="H100", sequence_lengths=[8192])
    assert "8.03 B" in card["summary"]
    trace = blisim.Trace(root / "scenarios" / "traces" / "chat.csv", limit=50)
    assert trace.inspect()["requests"] == 50
    assert blisim.simulate(trace.scenario("llama-3.1-8b-instruct", "H100"))["completed"] == 50


def test_a_latency_model_a_source_and_a_router_may_be_python(small):
    works, loads = [], []

    def step_time(work):
        works.append(work.prefill_tokens + work.decode_tokens)
        return 0.010 + 1e-6 * work.prefill_tokens

    def router(request, replicas):
        loads.append([replica.requests for replica in replicas])
        return min(range(len(replicas)), key=lambda i: replicas[i].requests)

    requests = [(0.5 * i, 100 + i, 5) for i in range(20)]
    result = blisim.simulate(small, replicas=2, step_time=step_time, requests=requests, router=router)
    assert result["completed"] == 20 and result["total_output_tokens"] == 100
    assert result["total_input_tokens"] == sum(100 + i for i in range(20))
    assert result["mean_tpot_ms"] == pytest.approx(10)
    assert len(loads) == 20 and sum(works) >= 2000
    assert sum("plugged in" in warning for warning in result.warnings) == 3


def test_what_a_function_of_ones_own_raises_comes_back(small):
    def broken(work):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        blisim.simulate(small, step_time=broken)
    for wrong in ({"step_time": lambda work: "soon"}, {"replicas": 2, "router": lambda request, replicas: None},
                  {"requests": [(1.0, 2)]}):
        with pytest.raises(blisim.Error, match="wrong type"):
            blisim.simulate(small, **wrong)
    with pytest.raises(blisim.Error, match="out of range"):
        blisim.simulate(small, step_time=lambda work: -1.0)
    with pytest.raises(blisim.Error, match="out of range"):
        blisim.simulate(small, replicas=2, router=lambda request, replicas: 7)
    with pytest.raises(blisim.Error, match="out of range"):
        blisim.simulate(small, requests=[(1.0, 5, 5), (0.5, 5, 5)])
