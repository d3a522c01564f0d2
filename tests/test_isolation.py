"""A tool that goes wrong costs one document, by name and reason."""

import os
import subprocess
from pathlib import Path

import pytest

from vnnews_bench import BenchError, isolation, load
from vnnews_bench.tools import Settings
from vnnews_bench.worker import Job

HERE = Path(__file__).parent
DOCUMENTS = list(load().documents.values())


@pytest.fixture(autouse=True)
def _found(monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))


def outcomes(name: str, seconds: float = 60, **settings) -> list[isolation.Outcome]:
    return list(isolation.run(Job(f"faulty_systems:{name}", 512), DOCUMENTS, Settings(seconds=seconds, **settings)))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("exits", "ended with exit code 3: no such model"),
        ("segfaults", "ended by SIGSEGV"),
        ("eats_memory", "out of memory"),
        ("eats_memory_in_a_child", "RuntimeError: MemoryError"),
        ("raises", "RuntimeError: a tool with a bug"),
        ("past_the_end", "record[0]: $.entities[0].end: 99999 is past the end of core-001 (3381) [span-outside-text]"),
        ("answers_a_list", "returned list; a system returns a Record"),
    ],
)
def test_a_fault_costs_one_document(name, reason):
    found = outcomes(name)
    assert [o.document for o in found] == [d.id for d in DOCUMENTS]
    assert {o.document: o.lost for o in found if o.lost} == {"core-001": reason}
    assert [o.document for o in found if o.record is None] == ["core-001"]


@pytest.mark.parametrize("name", ["hangs", "hangs_in_a_child"])
def test_a_hang_ends_at_the_limit_with_all_that_it_started(name):
    found = outcomes(name, seconds=5)
    assert {o.document: o.lost for o in found if o.lost} == {"core-001": "no answer within 5 s"}
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "sleep 3607.25" not in running.splitlines()


def test_closed_pipes_are_told():
    assert [o.lost for o in outcomes("closes_its_output") if o.lost] == ["closed its output"]


def test_what_a_tool_prints_is_no_answer(capfd):
    found = outcomes("prints_rubbish")
    assert all(o.record is not None and o.record.entities for o in found)
    assert capfd.readouterr() == ("", "")


def test_one_process_serves_until_a_fault():
    ends = [o.record.entities[0].end if o.record else o.lost for o in outcomes("remembers")]
    assert ends == [1, 2, "ended with exit code 1", 1, 2]


def test_several_processes_keep_the_order():
    found = outcomes("exits", at_once=3)
    assert [o.document for o in found] == [d.id for d in DOCUMENTS]
    assert [o.document for o in found if o.lost] == ["core-001"]


def test_what_is_measured_is_this_process_not_its_parent():
    ballast = bytearray(os.urandom(1)) * (300 << 20)  # in the parent
    peaks = [o.peak for o in outcomes("exits") if o.record]
    assert ballast
    assert all(5 < peak < 300 for peak in peaks)
    assert all(o.seconds > 0 for o in outcomes("exits"))


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("no_such_module:tag", "no_such_module:tag cannot be loaded: ModuleNotFoundError: No module named 'no_such_module'"),
        (
            "faulty_systems:nobody",
            "faulty_systems:nobody cannot be loaded: AttributeError: module 'faulty_systems' has no attribute 'nobody'",
        ),
    ],
)
def test_what_cannot_be_loaded_is_told_before_the_first_document(target, message):
    with pytest.raises(BenchError) as caught:
        next(isolation.run(Job(target), DOCUMENTS, Settings()))
    assert str(caught.value) == message


def test_a_run_that_is_left_early_leaves_no_process():
    run = isolation.run(Job("faulty_systems:exits"), DOCUMENTS, Settings())
    assert next(run).record
    run.close()
    mine = subprocess.run(["ps", "-o", "ppid=", "-e"], capture_output=True, text=True).stdout.split()
    assert mine.count(str(os.getpid())) <= 1  # ps itself
