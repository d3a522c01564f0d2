"""CPU seconds and peak memory of scoring two files of columns, against a plain parse and seqeval's f1_score, in one run.

Each scorer gets the same generated files, in a process of its own. Usage: python benchmarks/columns_against_seqeval.py
[sentences [separator]], where the separator is `tab` or `space`.
"""

import json
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SEPARATORS = {"tab": "\t", "space": " "}
AT_ONCE = 10_000  # sentences


def written(folder: Path, count: int, separator: str) -> list[Path]:
    """Gold and predicted files of random syllables with about 1.5 entities a sentence."""
    from strict_against_seqeval import TOKENS, sentences  # it imports seqeval, which is no cost of ours

    draw = random.Random(7)
    onsets = [*"bcdghklmnprstvx", "đ", "ch", "gi", "kh", "nh", "ng", "ngh", "ph", "qu", "th", "tr", ""]
    rhymes = [v + c for v in "aáàảãạăắằâấầậeéèêếềệiíìoóòôốồộơớờợuúùưứừữ" for c in ("", "", "n", "ng", "nh", "t", "c", "m", "i")]
    syllables = [draw.choice(onsets) + draw.choice(rhymes) for _ in range(6000)]
    paths = [folder / "gold.conll", folder / "predicted.conll"]
    with paths[0].open("w", encoding="utf-8") as gold, paths[1].open("w", encoding="utf-8") as predicted:
        for seed, start in enumerate(range(0, count, AT_ONCE)):
            for rows in zip(*sentences(min(AT_ONCE, count - start), seed), strict=True):
                tokens = draw.choices(syllables, k=TOKENS)
                for file, tags in zip((gold, predicted), rows, strict=True):
                    file.write("".join(f"{token}{separator}{tag}\n" for token, tag in zip(tokens, tags, strict=True)) + "\n")
    return paths


def lists(path: Path, separator: str) -> list[list[str]]:
    """The tags of every sentence, as a plain loop over lines reads them."""
    found: list[list[str]] = [[]]
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line == "\n":
                found.append([])
            else:
                found[-1].append(line.rstrip("\n").split(separator)[-1])
    return [tags for tags in found if tags]


def score(scorer: str, gold: Path, predicted: Path, separator: str) -> float | None:
    """F1 by one of the two scorers, which is imported here, so that its time and memory count."""
    if scorer == "seqeval":
        from seqeval.metrics import f1_score

        value: float = f1_score(lists(gold, separator), lists(predicted, separator))
        return value
    from vnnews_bench import evaluate

    return (
        evaluate(predicted, gold=gold, tags="strict" if scorer == "strict" else "repair")
        .tasks["ner"]
        .metrics["strict"]
        .total.f1
    )


def main() -> None:
    """Prints time, memory and F1 of each scorer, and the ratios of the times."""
    count, kind = int((sys.argv[1:] or ["100000"])[0]), (sys.argv[2:] or ["tab"])[0]
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        paths = written(Path(folder), count, SEPARATORS[kind])
        for scorer in ("repair", "strict", "seqeval"):
            command = [sys.executable, __file__, "--run", scorer, *map(str, paths), SEPARATORS[kind]]
            found[scorer] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    for scorer, (f1, seconds, peak) in found.items():
        ratio = found["seqeval"][1] / seconds
        print(f"{count} sentences, {kind}, {scorer}: {seconds:.2f} CPU s, {peak} MB, F1 {f1:.6f}, ratio {ratio:.1f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        f1 = score(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), sys.argv[5])
        peak = re.search(
            r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii")
        )  # unlike ru_maxrss not inherited
        print(json.dumps([f1, time.process_time(), int(peak[1]) // 1024 if peak else None]))
    else:
        main()
