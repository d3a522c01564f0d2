"""Names that no example and no prompt may show: those of the published articles, and those invented for the written ones.

Countries, cities, languages and bodies of a plain kind stand in written articles as anywhere, and anyone may use them.
"""

from test_assignments import ROWS, names

from vnnews_bench import corpus
from vnnews_bench.statistics import mentioned

OWN = {corpus.load().registry[id].name for id in mentioned(corpus.load("test")) if id}
OWN |= {name for row in ROWS for _, name in names(row)}
