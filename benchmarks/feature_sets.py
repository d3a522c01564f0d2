"""Leave-one-document-out F1 of `ner-crf` by sets of features, each set added to those before it."""

from itertools import accumulate

from vnnews_baselines import crf, ner_crf
from vnnews_baselines.features import SETS

from vnnews_bench import evaluate, load


def main() -> None:
    """Prints a line per combination."""
    print("| features | strict P | R | F1 |\n|---|---:|---:|---:|")
    for sets in accumulate(([name] for name in SETS), lambda before, name: before + name):
        kind = ner_crf.KIND._replace(sets=tuple(sets))
        records = []
        for document in load().documents.values():
            found = [{"start": a, "end": b, "label": label} for a, b, label in crf.spans(document, kind)]
            records.append({"id": document.id, "entities": found})
        total = evaluate(records).tasks["ner"].metrics["strict"].total
        scores = " | ".join(f"{100 * (score or 0):.1f}" for score in (total.precision, total.recall, total.f1))
        print(f"| {' + '.join(sets)} | {scores} |")


if __name__ == "__main__":
    main()
