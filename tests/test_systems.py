"""Systems by name and by module:callable, good and bad."""

from pathlib import Path

import pytest

from vnnews_bench import BenchError, load, systems


@pytest.fixture(autouse=True)
def _here(monkeypatch):
    monkeypatch.chdir(Path(__file__).parent)


def run(name: str):
    return list(systems.run(name, load().documents.values()))


def test_a_callable_of_ones_own():
    assert [record.id for record in run("own_systems:first_word")] == list(load().documents)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing", "there is no system 'nothing'; the baselines are capitals, .*events-crf, the tools .*, and your own is"),
        (":", "there is no system ':'"),
        ("own_systems:", "there is no system 'own_systems:'"),
        ("no_such_module:tag", "the module 'no_such_module' cannot be imported: ModuleNotFoundError"),
        ("own_systems:nobody", "own_systems has no callable 'nobody'"),
        ("own_systems:NOT_CALLABLE", "own_systems has no callable 'NOT_CALLABLE'"),
        ("own_systems:as_dict", "own_systems:as_dict returned dict for core-000; a system returns a Record"),
        ("own_systems:crashes", r"failed on core-000: ZeroDivisionError: a model with a bug \(own_systems.py:29\)"),
        ("own_systems:other_id", "returned a record of 'core-999' for core-000"),
        ("own_systems:past_the_end", "99999 is past the end of core-000"),
        ("own_systems:wrong_label", "'CITY' is not one of EVENT, FAC"),
    ],
)
def test_one_line_for_every_mistake(name, message):
    with pytest.raises(BenchError, match=message) as caught:
        run(name)
    assert len(str(caught.value).splitlines()) == 1
