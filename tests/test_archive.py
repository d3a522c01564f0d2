"""Archives: whatever comes in is tagged or set aside, and what comes out depends on the input alone."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tagging_systems import tag as own

from vnnews_bench import BenchError, evaluate, files, load, systems
from vnnews_bench.archive import local, reading, run, shards
from vnnews_bench.archive.shards import Done, Seen, Shard
from vnnews_bench.archive.tagger import Tagger
from vnnews_bench.archive.worker import framed
from vnnews_bench.records import LAYERS, Document
from vnnews_bench.systems import BASELINES, resolve
from vnnews_bench.tools import Settings
from vnnews_bench.worker import Job

HERE = Path(__file__).parent
CORPUS = load()
SYSTEM = "tagging_systems:tag"
COMMAND = [sys.executable, "-c", "from vnnews_bench.cli import main; main()"]


@pytest.fixture(autouse=True)
def _found(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(HERE))
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    (tmp_path / "loads").mkdir()
    monkeypatch.setenv("LOADS", str(tmp_path / "loads"))


def texts(count: int, danger: dict[int, str] | None = None) -> list[dict]:
    words = "Hôm nay ông Lê Văn Đạt đến Hà Nội. Bà Trần Thị Mai ở Huế."
    return [{"id": f"d{n}", "text": f"Tin {n} {(danger or {}).get(n, '')}. {words}"} for n in range(count)]


def lines(path: Path, rows: list) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def records(folder: Path) -> list[dict]:
    return [row for part in sorted(folder.glob("*.parquet")) for row in pq.read_table(part).to_pylist()]


def aside(folder: Path) -> list[dict]:
    return [json.loads(line) for path in sorted(folder.glob("_set-aside/*")) for line in path.read_text("utf-8").splitlines()]


def tagged(path: Path | str, out: Path, system: str = SYSTEM, workers: int = 1, **settings) -> Done:
    return run.tag([str(path)], out, system, workers=workers, settings=Settings(**settings))


# shards


def test_shards_are_cut_by_number_and_by_size(tmp_path):
    archive = reading.inputs([str(lines(tmp_path / "a.jsonl", texts(10)))])
    assert [len(shard.documents) for shard in shards.cut(archive, documents=4)] == [4, 4, 2]
    length = len(texts(1)[0]["text"])
    assert [len(shard.documents) for shard in shards.cut(archive, size=3 * length)] == [3, 3, 3, 1]
    assert [len(shard.documents) for shard in shards.cut(archive, size=1)] == [1] * 10
    assert [shard.number for shard in shards.cut(archive, size=1)] == list(range(10))


def test_ids_are_remembered():
    seen = Seen()
    ids = [f"document-{n}" for n in range(70_000)]
    assert all(seen.new(id) for id in ids)
    assert not any(seen.new(id) for id in ids[::777])
    assert seen.new("another")
    assert len(seen.runs) <= 3


def test_no_more_shards_are_read_than_workers_need(tmp_path):
    read = 0

    def archive():
        nonlocal read
        for n in range(30):
            read += 1
            yield Shard(number=n, documents=())

    out = tmp_path / "out"
    out.mkdir()
    most = 0
    for ended, _ in enumerate(local.run(archive(), lambda: Tagger(Job(SYSTEM), 60, str(out)), 2), 1):
        most = max(most, read - ended)
    assert read == 30
    assert most <= 3
    assert len(list(out.glob("part-*.parquet"))) == 30


# what becomes of documents


@pytest.mark.parametrize(
    ("system", "danger", "reason"),
    [
        (SYSTEM, "HIỂM exit", "ended with exit code 3"),
        (SYSTEM, "HIỂM raise", "ValueError: a system with a bug"),
        (SYSTEM, "HIỂM hang", "no answer within 3 s"),
        ("tagging_systems:nonsense", "HIỂM", "returned list; a system returns a Record"),
        (
            "tagging_systems:past_the_end",
            "HIỂM",
            "record[0]: $.entities[0].end: 9999 is past the end of d2 (69) [span-outside-text]",
        ),
    ],
)
def test_a_document_that_goes_wrong_is_set_aside_and_the_rest_goes_on(tmp_path, system, danger, reason):
    path = lines(tmp_path / "a.jsonl", texts(5, {2: danger}))
    done = tagged(path, tmp_path / "out", system, seconds=3)
    assert (done.documents, done.aside) == (4, 1)
    assert [row["id"] for row in records(tmp_path / "out")] == ["d0", "d1", "d3", "d4"]
    (lost,) = aside(tmp_path / "out")
    assert (lost["id"], lost["place"]) == ("d2", "a.jsonl:3")
    assert lost["reason"] == reason


def test_a_process_that_dies_from_outside_costs_nothing(tmp_path):
    path = lines(tmp_path / "a.jsonl", texts(5, {2: "HIỂM"}))
    done = tagged(path, tmp_path / "out", "tagging_systems:dies_once")
    assert (done.documents, done.aside) == (5, 0)


def test_a_run_in_which_nothing_could_be_tagged_is_an_error(tmp_path):
    path = lines(tmp_path / "a.jsonl", texts(3, dict.fromkeys(range(3), "HIỂM raise")))
    with pytest.raises(BenchError, match=r"every document was set aside: a\.jsonl:1: ValueError"):
        tagged(path, tmp_path / "out")


def test_a_system_sees_date_zones_and_sentences_and_no_gold(tmp_path):
    row = {"id": "a", "text": "Tít\nMột. Hai.", "dct": "2024-01-01", "source": "báo", "entities": [{"start": 0}]}
    zones = [{"start": 0, "end": 4, "type": "title"}, {"start": 4, "end": 13, "type": "body"}]
    path = lines(tmp_path / "a.jsonl", [row | {"zones": zones}])
    with pytest.raises(BenchError, match=r"2024-01-01 2 \(\(0, 3\), \(4, 8\), \(9, 13\)\) None"):
        tagged(path, tmp_path / "out", "tagging_systems:what_it_sees")


def test_what_cannot_be_loaded_leaves_nothing(tmp_path):
    path = lines(tmp_path / "a.jsonl", texts(2))
    with pytest.raises(BenchError, match="there is no system 'nobody'"):
        tagged(path, tmp_path / "out", "nobody")
    with pytest.raises(BenchError, match="cannot be loaded: ModuleNotFoundError"):
        tagged(path, tmp_path / "out", "no_such_module:tag")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", BASELINES)
def test_baselines_take_any_text(name):
    import unicodedata

    system = resolve(name)
    sentence = "Hôm qua, ông Lê Văn Đạt nói: “Tôi sẽ đến Hà Nội ngày 3/5.” "
    odd = [
        "",
        " \n\t ",
        unicodedata.normalize("NFD", sentence),
        "\x00\x01\x1f\x7f\u200b\ufeff" + sentence + "\u2028\u0301",
        "…!?.",
        "“" * 200,
        sentence * 300,
        "Ông " * 3000,
        sentence.replace(" ", ""),
    ]
    for n, text in enumerate(odd):
        document = framed(Document(id=f"odd-{n}", text=text))
        files.checked([system(document)], {document.id: document}, name)


# the run


def test_output_is_the_same_for_any_number_of_workers_and_one_load_each(tmp_path, monkeypatch):
    path = lines(tmp_path / "a.jsonl", texts(1700, {700: "HIỂM raise"}))
    trees = []
    for workers in (1, 2, 3):
        monkeypatch.setenv("LOADS", str(tmp_path / f"loads{workers}"))
        (tmp_path / f"loads{workers}").mkdir()
        tagged(path, tmp_path / f"out{workers}", workers=workers)
        assert 1 <= len(list((tmp_path / f"loads{workers}").iterdir())) <= workers
        trees.append(tree(tmp_path / f"out{workers}"))
    assert trees[0] == trees[1] == trees[2]
    assert sorted(trees[0]) == [
        "_run.json",
        "_set-aside/part-00001.jsonl",
        *(f"part-0000{n}.parquet" for n in range(4)),
    ]


def test_two_workers_sleep_at_the_same_time(tmp_path):
    path = lines(tmp_path / "a.jsonl", texts(4 * shards.DOCUMENTS))
    seconds = []
    for workers in (1, 2):
        began = time.perf_counter()
        tagged(path, tmp_path / f"out{workers}", "tagging_systems:sleeps", workers)
        seconds.append(time.perf_counter() - began)
    assert seconds[0] / seconds[1] >= 1.35


def test_killed_three_times_and_resumed_the_output_is_that_of_an_undisturbed_run(tmp_path):
    path = lines(tmp_path / "a.jsonl", texts(4000, {1234: "HIỂM raise"}))
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    command = [*COMMAND, "tag", path, "--system", SYSTEM, "--workers", "2", "-o"]
    subprocess.run([*command, undisturbed], check=True, capture_output=True)
    stands: dict[str, int] = {}
    for wanted in (1, 3, 5):
        process = subprocess.Popen([*command, killed], stderr=subprocess.DEVNULL)
        while len(list(killed.glob("part-*.parquet"))) < wanted:
            assert process.poll() is None
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert wanted <= len(list(killed.glob("part-*.parquet")))
        assert all(path.stat().st_mtime_ns == stands[path.name] for path in killed.glob("*.parquet") if path.name in stands)
        stands = {path.name: path.stat().st_mtime_ns for path in killed.glob("part-*.parquet")}
    assert len(stands) < 8
    subprocess.run([*command, killed], check=True, capture_output=True)
    assert tree(killed) == tree(undisturbed)
    assert all((killed / name).stat().st_mtime_ns == at for name, at in stands.items())


def test_an_interrupt_stops_the_workers_and_says_how_to_go_on(tmp_path):
    path = lines(tmp_path / "a.jsonl", texts(2500, {2000: "HIỂM hang"}))
    command = [*COMMAND, "tag", path, "-o", tmp_path / "out", "--system", SYSTEM, "--workers", "2"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    while not (tmp_path / "out" / "part-00003.parquet").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert f"stopped; the same command goes on with the shards that {tmp_path / 'out'} lacks" in said
    assert "Traceback" not in said
    assert not [name for name in os.listdir(tmp_path / "out") if name.startswith(".")]
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert not [line for line in running.splitlines() if "archive.worker" in line and SYSTEM in line]


def test_a_folder_belongs_to_one_run(tmp_path):
    path = lines(tmp_path / "a.jsonl", texts(3))
    out = tmp_path / "out"
    tagged(path, out)
    before = tree(out)
    assert tagged(path, out) == Done()
    assert tree(out) == before
    with pytest.raises(BenchError, match=r"holds another run, which differs in system"):
        tagged(path, out, "capitals")
    with pytest.raises(BenchError, match=r"holds another run, which differs in settings"):
        tagged(path, out, seconds=5)
    lines(path, texts(4))
    with pytest.raises(BenchError, match=r"holds another run, which differs in input \(_run.json\); name another folder"):
        tagged(path, out)
    assert tree(out) == before
    (out / "_run.json").write_text("{")
    with pytest.raises(BenchError, match="cannot be read, so it is not known"):
        tagged(path, out)
    with pytest.raises(BenchError, match=r"is not empty and holds no run; there is a\.jsonl, "):
        tagged(lines(tmp_path.parent / f"{tmp_path.name}.jsonl", texts(1)), tmp_path)
    with pytest.raises(BenchError, match="cannot be written"):
        tagged(path, tmp_path / "no" / "folder")


def test_two_runs_do_not_write_to_one_folder(tmp_path):
    path = lines(tmp_path / "a.jsonl", texts(3))
    with run._held(tmp_path / "out"), pytest.raises(BenchError, match="another run is writing there"):
        tagged(path, tmp_path / "out")


def test_the_output_scores_as_a_prediction_does_and_datasets_loads_it(tmp_path, run):
    from datasets import load_dataset

    from vnnews_bench.hub.fields import arrow, features, fields
    from vnnews_bench.rows import DocumentRow

    rows = [json.loads(line) for line in (files.encoded(CORPUS.documents.values())).splitlines()]
    path, out = lines(tmp_path / "a.jsonl", rows), tmp_path / "out"
    printed = run("tag", path, "-o", out, "--system", "ner-rules", "--workers", 1)
    assert printed.exit_code == 0
    assert printed.stdout.startswith("5 documents, 4,171 syllables, 0 set aside, ")
    assert printed.stderr.strip().endswith("columns passed over: source")
    assert run("tag", path, "-o", out, "--system", "ner-rules").stdout == f"nothing to do: {out} has every shard\n"
    predicted = evaluate(list(systems.run("ner-rules", CORPUS.documents.values())))
    assert evaluate(out / "part-00000.parquet").as_dict() == predicted.as_dict()
    assert evaluate(out).as_dict() == predicted.as_dict()
    loaded = load_dataset("parquet", data_files=str(out / "*.parquet"), split="train")
    assert loaded["id"][:] == list(CORPUS.documents)
    assert loaded.column_names == ["id", *LAYERS]
    assert loaded[0]["entities"][0]["label"]
    every = fields(DocumentRow)
    assert arrow(every).equals(features(every).arrow_schema)


def test_tools_are_run_as_in_predict(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(HERE / "fake_tools"))
    monkeypatch.setenv("FAKE_TOOL_FAILS_ON", "HIỂM")
    path, out = lines(tmp_path / "a.jsonl", [{"text": "Ông Hoà đến."}, {"text": "HIỂM"}]), tmp_path / "out"
    done = tagged(path, out, "underthesea")
    assert (done.documents, done.aside) == (1, 1)
    assert aside(out)[0]["reason"] == "ended with exit code 9: a tool that talks"
    assert json.loads((out / "_notes" / "part-00000.jsonl").read_text("utf-8").splitlines()[0]) == {
        "id": "a-1",
        "note": "1 tags repaired: I- without B-",
    }
    with pytest.raises(BenchError, match="is not installed; pip install"):
        tagged(path, tmp_path / "other", "vinlp")


def test_the_systems_of_these_tests_do_as_they_say():
    assert own(framed(Document(id="a", text="Một câu. Hai câu."))).entities[0].end == 8


def test_without_ray_the_cluster_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(BenchError, match=r"ray is not installed; pip install 'vnnews-bench\[ray\]'"):
        run.tag([str(lines(tmp_path / "a.jsonl", texts(1)))], tmp_path / "out", SYSTEM, engine="ray")
    assert not (tmp_path / "out").exists()
