"""The arrays of the dates task against its plain definition, and what they cost."""

import random
import time
from datetime import date, timedelta
from itertools import combinations, pairwise

import msgspec
import numpy as np
import plain_dates
import pytest
from edtf import EDTFParseException, parse_edtf
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import WILD_EVENTS, dated_pairs

from vnnews_bench import timex3
from vnnews_bench.batches import of_records
from vnnews_bench.counting import Frame, score
from vnnews_bench.counts import UNIT, tally
from vnnews_bench.pairs import by_overlap, components, flattened, united
from vnnews_bench.records import Bounds, Event, Record, Timex
from vnnews_bench.tasks import dates

TASK = dates.TASK


def tables(gold, predicted):
    return [dates.table(side, [None] * len(side)) for side in (gold, predicted)]


@settings(max_examples=100)
@given(dated_pairs())
@pytest.mark.parametrize("metric", TASK.metrics)
def test_every_metric_has_the_counts_of_the_plain_definition(metric, pair):
    found = tally(*TASK.metrics[metric].atoms(*tables(*pair)), len(pair[0]))
    assert (found == plain_dates.units(metric, *pair)).all()


@settings(max_examples=200)
@given(dated_pairs())
def test_granularities_meet_as_in_the_plain_definition(pair):
    assert dates.granularities(*tables(*pair)) == plain_dates.granularities(*pair)


# of triggers that are all alike, many pairings are equally good, and the solver's own choice must come out
ALIKE = st.builds(
    Event, type=st.just("MEET"), mentions=st.sampled_from([((0, 1),), ((0, 2),), ((5, 6),), ((5, 7),), ((9, 9),)])
)
TRIGGERS = st.lists(WILD_EVENTS, max_size=7) | st.lists(ALIKE, max_size=7)


@settings(max_examples=200)
@given(TRIGGERS, TRIGGERS)
def test_pairs_by_overlap_are_those_of_the_plain_definition(left, right):
    assert by_overlap(left, right) == plain_dates.by_overlap(left, right)


@given(st.lists(WILD_EVENTS))
def test_united_spans_hold_each_code_point_once(events):
    runs = list(zip(*(column.tolist() for column in united(*flattened(events, "mentions"))), strict=True))
    assert [(n, at) for n, start, end in runs for at in range(start, end)] == [
        (n, at) for n, event in enumerate(events) for at in plain_dates.points(event)
    ]
    assert all(one[0] < other[0] or one[2] < other[1] for one, other in pairwise(runs))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), unique=True).map(sorted))
def test_components_are_what_chains_join(pairs):
    a, b = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    first = list(range(len(pairs)))
    for _ in pairs:
        for n, m in combinations(range(len(pairs)), 2):
            if pairs[n][0] == pairs[m][0] or pairs[n][1] == pairs[m][1]:
                first[n] = first[m] = min(first[n], first[m])
    assert components(a, b).tolist() == first


def test_an_event_of_all_days_is_one_row():
    always = Bounds(earliest=date.min, latest=date.max)
    rows = dates.table([Record(id="d", events=(Event(type="MEET", mentions=((0, 1),), begin=always, end=always),))], [None])
    for name in ("anchored", "timeline", "exact"):
        left, right = TASK.metrics[name].atoms(rows, rows)
        assert len(left.row) <= 2
        assert tally(left, right, 1).sum(axis=(0, 1)).tolist() == [UNIT] * 3


def generated(documents, seed):
    """Records of both layers; seed 0 is the gold, any other a prediction that misses, moves, cuts and doubles some of it."""
    truth, noise = random.Random(0), random.Random(seed)
    records = []
    for n in range(documents):
        timexes, events, at = [], [], 0
        for _ in range(truth.randint(4, 12)):
            at += truth.randint(20, 200)
            size, day = truth.randint(3, 20), date(2031, 1, 1) + timedelta(truth.randint(0, 700))
            cut = [(at, at + size)] if not seed else noise.choice(6 * [[(at, at + size)]] + [[], [(at + 2, at + size)]])
            cut = [(at, at + 2), (at + 2, at + size)] if seed and noise.random() < 0.05 else cut
            timexes += [Timex(start=start, end=end, type="DATE", value=str(day)) for start, end in cut]
        for at in sorted(truth.sample(range(3000), truth.randint(3, 9))):
            day = date(2031, 1, 1) + timedelta(truth.randint(0, 700))
            until = day + timedelta(truth.choice([0, 0, 0, 0, 0, 30, 364]))
            spans = tuple((at + 400 * k, at + 400 * k + truth.randint(2, 12)) for k in range(truth.choice([1, 1, 1, 2, 3])))
            begin, end = Bounds(earliest=day, latest=day), Bounds(earliest=until, latest=until)
            made = [Event(type=truth.choice(dates.TYPES), mentions=spans, begin=begin, end=end)]
            events += made * noise.choice([1, 1, 1, 1, 1, 0, 2]) if seed else made
        records.append(Record(id=f"d{n}", timexes=tuple(timexes), events=tuple(events)))
    return records


def test_scoring_costs_about_what_decoding_the_records_costs():
    """Measured: 7 times, with some 14 annotations to a document of either side; twice that is a regression."""
    sides = [[msgspec.json.encode(record) for record in generated(3000, seed)] for seed in (0, 1)]
    decoder = msgspec.json.Decoder(Record)
    spent = []
    for _ in range(5):
        began = time.process_time()
        gold, predicted = ([decoder.decode(line) for line in side] for side in sides)
        decoded = time.process_time()
        score(TASK, of_records(gold, predicted, {}), Frame(), None)
        spent.append((decoded - began, time.process_time() - decoded))
    decoding, scoring = map(min, zip(*spent, strict=True))
    assert scoring <= 14 * decoding


@pytest.mark.parametrize(
    ("value", "first", "last", "sound"),
    [
        ("2031-02", "2031-01-23", "2031-02-20", True),  # the first lunar month of 2031
        ("2031-01", "2031-01-23", "2031-02-20", False),  # most of its days lie in February
        ("2031-02", "2031-01-23", "2031-02-25", False),
        ("2031", "2031-01-23", "2032-02-10", True),  # năm Tân Hợi, with a month more
        ("2032", "2031-01-23", "2032-02-10", False),
        ("2031", "2031-01-23", "2031-12-31", False),
        ("2031-05 START", "2031-05-01", "2031-05-15", True),  # nửa đầu tháng 5
        ("2031-05 END", "2031-05-16", "2031-05-31", True),
        ("2031-05 END", "2031-05-15", "2031-05-31", False),
        ("2031-05 MID", "2031-05-16", "2031-05-31", False),
        ("2031 END", "2031-07-01", "2031-12-31", False),  # that is 2031-H2
        ("2031-01 END cuối tháng Chạp", "2031-01-14", "2031-01-22", True),
        ("2031-01 END cuối tháng", "2031-01-14", "2031-01-22", False),
        ("2023-01-17 đêm thứ hai", "2023-01-17", "2023-01-17", True),  # a Tuesday: the night is counted
        ("2023-01-17 tối thứ hai", "2023-01-17", "2023-01-17", False),
    ],
)
def test_lunar_months_and_years_and_halves_of_months_have_bounds_of_their_own(value, first, last, sound):
    value, *words = value.split(" ", 2)
    mod = words.pop(0) if words and words[0].isupper() else None
    text = " ".join(words)
    first, last = map(date.fromisoformat, (first, last))
    timex = Timex(id="t1", start=0, end=1, text=text, type="DATE", value=value, mod=mod, earliest=first, latest=last)
    assert (list(timex3.check(timex, "$", {"t1"})) == []) is sound


DAYS = st.one_of(
    st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(str),
    st.sampled_from(["2031", "2031-05", "2031-13", "2031-02-30", "0000", "2031-00-01", "20", "x", ".."]),
)


EDTF_FORMS = ["{}", "{}/{}", "{}/..", "../{}", "../..", "[{}..{}]", "[..{}]", "[{}..]", "[{}]", "{{{}..{}}}"]


@settings(max_examples=60)
@given(st.sampled_from(EDTF_FORMS), DAYS, DAYS)
def test_what_is_edtf_is_what_the_parser_says(form, first, last):
    value = form.format(first, last)
    try:
        parse_edtf(value)
        parsed = True
    except (EDTFParseException, TypeError):
        parsed = False
    assert timex3.is_edtf(value) is parsed
