"""The site of 100 systems: how long it takes to write, and what its files weigh. They are the stored rows, under other names.

Run from the root of a checkout: `python benchmarks/site_of_100.py`.
"""

import tempfile
import time
from pathlib import Path

import msgspec

from vnnews_bench import results
from vnnews_bench.site import pages

ROWS = Path("baselines/results")
SYSTEMS = 100
FIRST = ("index.html", "style.css", "site.js", "words.js")  # what the first page loads


def copies(folder: Path) -> None:
    """Rows and predictions of as many systems, each a stored one in turn."""
    rows = results.read(ROWS)
    names = list(dict.fromkeys(row.system for row in rows))
    for n in range(SYSTEMS):
        name = names[n % len(names)]
        new = f"{name}-{n:03}"
        results.prepared(new, folder).write_bytes(results.predictions(name, ROWS).read_bytes())
        renamed = [msgspec.structs.replace(row, system=new) for row in rows if row.system == name]
        results.write([results.sealed(row) for row in renamed], folder)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as there:
        copies(Path(there) / "rows")
        start, used = time.perf_counter(), time.process_time()
        written = pages.build([Path(there) / "rows"], Path(there) / "site")
        seconds, used = time.perf_counter() - start, time.process_time() - used
        first = sum((Path(there) / "site" / name).stat().st_size for name in FIRST)
        whole = sum(path.stat().st_size for path in written)
        print(
            f"{SYSTEMS} systems: {seconds:.1f} s ({used:.1f} s of processor), {len(written)} files of {whole / 2**20:.1f} MiB"
        )
        print(f"the first page: {first / 1000:.0f} kB")
