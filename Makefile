# Everything runs in .venv, which is made and kept up to date as needed.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: leaderboard test coverage browser verify tools ray gold format manifest tables curves bench fuzz compat compat-3.6 compat-4 compat-5 clean

leaderboard: .venv/run.stamp
	$(BIN)/vnnews-bench leaderboard

test: .venv/test.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(MAKE) --no-print-directory gold
	$(BIN)/pytest

# how much of the package the tests reach, each branch; it takes twice the time of the tests alone
coverage: .venv/test.stamp
	$(BIN)/pytest --cov --cov-report=term

# the site in a real browser; as root on Debian it fetches the browser, too
browser: .venv/test.stamp
	command -v chromium > /dev/null || { apt-get update --quiet=2 && apt-get install --yes --quiet=2 --no-install-recommends chromium; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test,browser]'
	npm install --silent --prefix .venv/browser axe-core@4.10
	BROWSER=required $(BIN)/pytest tests/test_browser.py

# every stored row, made again of its predictions
verify: .venv/run.stamp
	$(BIN)/vnnews-bench leaderboard --verify

# other people's tools, in an environment of their own, and our baselines in the same way: scored, timed, written down
TOOLS := .venv/tools
SYSTEMS := capitals ner-rules ner-crf quotes-rules quotes-crf dates-rules events-crf underthesea vinlp pyvi dateparser heideltime duckling chrono

tools: .venv/run.stamp
	test -x $(TOOLS)/bin/python || $(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check -e '.[tools,test]'
	npm install --silent --prefix $(TOOLS) chrono-node@2.10 || true  # without it chrono is told to be missing below
	failed=0; for name in $(SYSTEMS); do $(TOOLS)/bin/vnnews-bench measure $$name -o baselines/results || failed=1; done; exit $$failed
	$(TOOLS)/bin/pytest tests/test_adapters.py -rs

# the engine on a cluster: Ray in an environment of its own, and its test on a cluster of two nodes on this machine
RAY := .venv/ray

ray: .venv/run.stamp
	test -x $(RAY)/bin/python || $(PYTHON) -m venv $(RAY)
	$(RAY)/bin/python -m pip install --quiet --disable-pip-version-check -e '.[ray,test]'
	$(RAY)/bin/pytest tests/test_archive_ray.py -rs

# the gold: every rule, every checksum, the agreement of the passes, the counts
gold: .venv/run.stamp
	cd annotations && sha256sum --check --quiet --strict MANIFEST.sha256
	$(BIN)/vnnews-bench validate
	$(BIN)/vnnews-bench agree A B
	$(BIN)/vnnews-bench agree D E
	$(BIN)/vnnews-bench adjudication --split all
	$(BIN)/vnnews-bench counts --split all
	$(BIN)/vnnews-bench phenomena

format: .venv/test.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# after a change of any file under annotations/
manifest:
	cd annotations && find . -type f ! -name MANIFEST.sha256 | sed 's|^\./||' | LC_ALL=C sort | xargs sha256sum > MANIFEST.sha256

# writes every table of the documentation again
tables: .venv/test.stamp
	$(BIN)/vnnews-bench results baselines/results --rescore > /dev/null
	$(if $(wildcard leaderboard/*.jsonl),$(BIN)/vnnews-bench results leaderboard --rescore > /dev/null)
	$(BIN)/python tests/generated.py --write

# the learning curves of the conditional random fields on both tests, some minutes each
curves: .venv/test.stamp
	$(BIN)/vnnews-bench plot learning --task ner --system ner-crf -o baselines/learning-ner.svg
	$(BIN)/vnnews-bench plot learning --task quotes --system quotes-crf -o baselines/learning-quotes.svg
	$(BIN)/vnnews-bench plot learning --task dates --system events-crf -o baselines/learning-dates.svg

# what scoring and tagging cost, beside other scorers and taggers, in an environment that has them: benchmarks/RESULTS.md
BENCH := .venv/bench

bench: .venv/run.stamp
	test -x $(BENCH)/bin/python || $(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	$(BENCH)/bin/python benchmarks/site_of_100.py
	$(BENCH)/bin/python benchmarks/run.py

# the dataset with each supported version of datasets, the oldest beside the oldest huggingface_hub, from a wheel in its own environment
compat: compat-3.6 compat-4 compat-5
compat-3.6: HUB := huggingface-hub==0.30.*
compat-3.6 compat-4 compat-5: compat-%: .venv/test.stamp
	rm -rf build/compat/$* && $(PYTHON) -m venv build/compat/$*
	build/compat/$*/bin/python -m pip install --quiet --disable-pip-version-check . 'datasets==$*.*' $(HUB)
	build/compat/$*/bin/python tests/compat.py

# 100,000 broken files through every reader
fuzz: .venv/test.stamp
	cd tests && ../$(BIN)/python fuzz.py

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage

.venv/run.stamp: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

.venv/test.stamp: .venv/run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	touch $@
