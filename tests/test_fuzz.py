"""A slice of the fuzzing of `fuzz.py`; the whole is `make fuzz`."""

import fuzz
import pytest


@pytest.mark.parametrize("seed", range(4))
def test_mutated_inputs_are_read_or_refused_and_nothing_is_dropped(seed):
    tallies = fuzz.run(150, seed)
    assert set(tallies) == set(fuzz.formats.FORMATS)
    assert sum(tally["inputs"] for tally in tallies.values()) == 150
    assert 0 < sum(tally["refused"] for tally in tallies.values()) < 150


def test_sound_files_lose_nothing_that_is_not_counted():
    documents = {id: fuzz.Document(id=id, text=fuzz.TEXT) for id in ("d", "e")}
    for name, files in fuzz.seeds().items():
        for file, raw in files:
            if name == "brat" or name == "records":
                continue  # they read a file beside them
            counts = fuzz.checked(name, fuzz.Source(raw=raw, path=fuzz.Path(file), documents=documents), fuzz.random.Random(2))
            assert counts is not None, file
            assert counts[0] <= counts[1] + counts[2]
