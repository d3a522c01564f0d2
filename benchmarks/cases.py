"""What is compared with what, and what it must show."""

from typing import Literal, NamedTuple

import corpora
from measuring import Contestant

from vnnews_bench.systems import BASELINES
from vnnews_bench.text import syllables

By = Literal["cpu", "wall", "peak", "cost"]  # cost: CPU seconds per unit


class Shown(NamedTuple):
    """A figure of one contestant, or by how much it is that of another, with the target that it is held to, if any."""

    of: str
    over: str | None = None
    by: By = "cpu"
    least: float | None = None
    most: float | None = None


class Case(NamedTuple):
    """Contestants that take turns for some rounds. `unit` is what they work on, `about` what is compared and checked."""

    name: str
    about: str
    contestants: tuple[Contestant, ...]
    shown: tuple[Shown, ...]
    rounds: int = 3
    unit: str = ""


def _scorers(size: int) -> Case:
    """Two files of columns."""
    return Case(
        f"conll-{size}",
        f"Two CoNLL files of {size:,} sentences of 25 tokens. `scoring.evaluate` reads and checks them, tokens included, and "
        "counts all metrics by label and document; the peer splits lines into lists of tags and takes `f1_score`. F1 is the "
        "same.",
        (
            Contestant("evaluate", "of_columns", (size,), size),
            Contestant("Python parse + seqeval f1_score", "seqeval_of_columns", (size,), size),
        ),
        (
            Shown("Python parse + seqeval f1_score", "evaluate", least=10),
            Shown("evaluate", by="peak", most=600),
        ),
        unit="sentences",
    )


def _archives(name: str, times: int, target: float) -> Case:
    """One worker and two, and underthesea in a loop over less of the same text."""
    workers = [Contestant(f"{n} worker{'s' * (n > 1)}", "archived", (times, name, n), times * ARTICLES) for n in (1, 2)]
    return Case(
        f"tag-{name}",
        f"`vnnews-bench tag` with `{name}` on the articles {times} times over, the whole process from start to end. One "
        "worker and two write the same bytes. Underthesea is called in a loop, on the articles "
        f"{TIMES} times over.",
        (*workers, Contestant("underthesea", "adapted", (TIMES, "underthesea"), TIMES * ARTICLES)),
        (Shown("underthesea", "1 worker", by="cost", least=target), Shown("1 worker", "2 workers", by="wall", least=1.7)),
        unit="syllables",
    )


ARTICLES = sum(len(syllables(document.text)) for document in corpora.articles(1))  # syllables
LARGE, MIDDLE = 1_000_000, 100_000
SIZES = (1_000, 10_000, MIDDLE, LARGE)
TIMES = 10
NER_RULES = "baselines/results/predictions/test/ner-rules.jsonl"

CASES = {
    case.name: case
    for case in (
        Case(
            "tags",
            "Lists of BIO tags of 100,000 sentences in memory. `strict` is `tags.decode`, `counts.whole` and "
            "`counts.tally`; nervaluate does its four schemes at once. Counts are the same: F1 of all, gold, precision and "
            "recall by label of the report, gold, predicted and correct of nervaluate.",
            (
                Contestant("strict", "strict", (MIDDLE,), MIDDLE),
                Contestant("seqeval f1_score", "seqeval_f1", (MIDDLE,), MIDDLE),
                Contestant("seqeval f1_score, strict", "seqeval_strict", (MIDDLE,), MIDDLE),
                Contestant("seqeval classification_report", "seqeval_report", (MIDDLE,), MIDDLE),
                Contestant("nervaluate", "nervaluate", (MIDDLE,), MIDDLE),
            ),
            (
                Shown("seqeval classification_report", "strict", least=40),
                Shown("seqeval f1_score", "strict", least=9),
                Shown("seqeval f1_score, strict", "strict"),
                Shown("nervaluate", "strict"),
            ),
            unit="sentences",
        ),
        _scorers(MIDDLE),
        _scorers(LARGE),
        Case(
            "jsonl",
            "Two JSONL files of 50,000 records with 1.5 million entities a side, in the same order. `scoring.evaluate` "
            "against what msgspec needs to decode both into `records.Record`, line by line. Both find as many entities.",
            (
                Contestant("evaluate", "of_records", (LARGE,), LARGE),
                Contestant("msgspec decodes", "decoded", (LARGE,), LARGE),
            ),
            (Shown("evaluate", "msgspec decodes", most=3), Shown("evaluate", by="peak")),
            unit="sentences",
        ),
        Case(
            "statistics",
            "Two systems on 1,000 documents, from their counts: the swap test with its jackknife, and the interval. The "
            "product is 10 times 1,000 × 1,000 random bits by 1,000 × 3 integers, what 10,000 swaps are at the least.",
            (
                Contestant("10,000 swaps", "swaps", (1_000,)),
                Contestant("interval", "intervals", (1_000,)),
                Contestant("numpy product", "product", (1_000,)),
            ),
            (Shown("10,000 swaps", most=0.2), Shown("10,000 swaps", "numpy product"), Shown("interval")),
            rounds=5,
        ),
        Case(
            "command",
            "The whole process from start to end: `vnnews-bench --help`, `vnnews-bench evaluate` of the predictions of "
            "`ner-rules` on the test split, and Python doing nothing. (Peaks below that of the measuring process, 40 MB, "
            "are not seen.)",
            (
                Contestant("--help", "command", ("--help",)),
                Contestant("evaluate", "command", ("evaluate", NER_RULES)),
                Contestant("python -c pass", "python", ("pass",)),
            ),
            (
                Shown("--help", by="wall", most=0.2),
                Shown("evaluate", by="wall", most=0.6),
                Shown("--help", "python -c pass", by="wall"),
                Shown("evaluate", "python -c pass", by="wall"),
            ),
            rounds=5,
        ),
        Case(
            "taggers",
            f"The corpus's articles {TIMES} times over, each system in a loop on one core, models loaded or trained before. "
            "The same text goes to all, to the tools sentence by sentence; what adapters do with their words afterwards is "
            "left out. Nothing is the same in what they find: scores are in [baselines](../baselines/README.md#tools).",
            (
                Contestant("ner-rules", "tagged", (TIMES, "ner-rules"), TIMES * ARTICLES),
                Contestant("ner-crf", "tagged", (TIMES, "ner-crf"), TIMES * ARTICLES),
                Contestant("underthesea", "adapted", (TIMES, "underthesea"), TIMES * ARTICLES),
                Contestant("ViNLP", "adapted", (TIMES, "vinlp"), TIMES * ARTICLES),
                Contestant("regular expression", "scanned", (TIMES,), TIMES * ARTICLES),
            ),
            (
                Shown("underthesea", "ner-rules", least=15),
                Shown("underthesea", "ner-crf", least=5),
                Shown("ViNLP", "ner-rules"),
                Shown("ViNLP", "ner-crf"),
                Shown("underthesea", "regular expression"),
            ),
            unit="syllables",
        ),
        Case(
            "baselines",
            f"Every baseline in a loop on one core over the corpus's articles {TIMES} times over, trained before.",
            tuple(Contestant(name, "tagged", (TIMES, name), TIMES * ARTICLES) for name in BASELINES),
            (),
            rounds=2,
            unit="syllables",
        ),
        _archives("ner-rules", 400, 15),
        _archives("ner-crf", 400, 5),
        Case(
            "growth",
            "`scoring.evaluate` of files of 1,000 to 1,000,000 sentences: what a sentence costs must not grow "
            "([plot](growth.svg)). The columns and the records of one size hold the same entities, and the counts are the "
            "same.",
            tuple(
                Contestant(f"{form} {size:,}", function, (size,), size)
                for form, function in (("CoNLL", "of_columns"), ("JSONL", "of_records"))
                for size in SIZES
            ),
            tuple(Shown(f"{form} {LARGE:,}", f"{form} {MIDDLE:,}", "cost", most=1.25) for form in ("CoNLL", "JSONL")),
            unit="sentences",
        ),
    )
}
