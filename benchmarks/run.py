"""Measures every case, or those that are named, and writes `results.json`, `RESULTS.md` and `growth.svg` beside this file.

Usage: python benchmarks/run.py [CASE …]. It takes twenty minutes. `make bench` runs it in an environment that has the peers.
"""

import sys
import tempfile
from pathlib import Path

import report
from cases import CASES, Case
from measuring import differing, rounds


def outcome(case: Case, folder: Path, setting: report.Setting) -> report.Outcome:
    """What a case has shown. Raises `SystemExit` when contestants counted differently."""
    found = []
    for contestant, figures in rounds(case.contestants, case.rounds, folder):
        found.append((contestant, figures))
        print(f"{case.name}: {contestant.name}: {figures.error or f'{figures.cpu:.3f} s, {figures.peak:.0f} MB'}", flush=True)
    if wrong := differing(found):
        sys.exit(f"{case.name}: counts differ\n" + "\n".join(wrong))
    by_name = {c.name: tuple(figures for other, figures in found if other == c) for c in case.contestants}
    return report.Outcome(case=case.name, setting=setting, figures=by_name)


def main() -> None:
    """Each case is written down as soon as it is measured; the exit code is 1 when anybody failed."""
    names = sys.argv[1:] or list(CASES)
    if strange := [name for name in names if name not in CASES]:
        sys.exit(f"there is no case {strange[0]!r}; there are {', '.join(CASES)}")
    setting, failed = report.here(), []
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            found = outcome(CASES[name], Path(folder), setting)
            done = {**report.stored(report.HERE), name: found}
            report.write([done[name] for name in CASES if name in done], report.HERE)
            failed += [name for figures in found.figures.values() if figures[-1].error]
    if failed:
        sys.exit(f"not everybody arrived in {', '.join(dict.fromkeys(failed))}")


if __name__ == "__main__":
    main()
