# The two commands are `make demo` and `make test`; everything else is for contributors.
PYTHON ?= python3
BIN := .venv/bin
# On Linux without a GPU, `make demo TORCH_INDEX=https://download.pytorch.org/whl/cpu` saves gigabytes.
TORCH_INDEX ?=
TORCH_BUILDS := torch triton cuda-bindings cuda-pathfinder cuda-toolkit $(addprefix nvidia-,cublas \
  cuda-cupti cuda-nvrtc cuda-runtime cudnn-cu13 cufft cufile curand cusolver cusparse cusparselt-cu13 \
  nccl-cu13 nvjitlink nvshmem-cu13 nvtx)
PIP := $(BIN)/pip --disable-pip-version-check --quiet --quiet

.PHONY: demo test test-postgresql install check format bench load fuzz faults lock messages screenshots clean

demo: install  ## A bundled episode, transcribed, indexed and served (SERVE=0 stops before serving).
	@ENTENDU_DATA=$${ENTENDU_DATA:-demo-data} $(BIN)/entendu demo $(if $(filter 0,$(SERVE)),--no-serve)

test: install  ## The whole test suite.
	@$(BIN)/pytest

test-postgresql: install  ## What keeps or reads a catalogue, on a PostgreSQL server of its own in place of SQLite.
	@ENTENDU_TEST_DATABASE=postgresql $(BIN)/pytest tests/media tests/search tests/web tests/terminal tests/ingest/feeds \
	  tests/ingest/importing tests/ingest/alignment tests/ingest/work tests/test_command_line.py tests/test_end_to_end.py

install: .venv/installed  ## The pinned program and its test tools, into .venv.

.venv/installed: requirements.lock pyproject.toml
	@echo "Installing Entendu into .venv (about 3 GB, a few minutes the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) install torch==2.13.0 $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))
	@$(PIP) install --no-deps --require-hashes --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

check: install  ## Format, lint, types, known holes in dependencies (where the network is there to ask).
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python .ci/audit.py

format: install
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: install  ## One table, ratios first; peers are installed beside (SEARCH=1 SIZES="40000 200000": search alone; ALIGN=1: alignment; QUOTES=1: quotes).
	@$(BIN)/python -m bench$(if $(ALIGN),.align)$(if $(QUOTES),.quotes)$(if $(SEARCH),.search $(SIZES))

load: install  ## 200 searchers and 20 editors for ten minutes while an episode is transcribed.
	@$(BIN)/python -m bench.load

faults: install  ## 5,000 faults on the real program, within 40 minutes; TABLE=file goes on with a run (FAULTS=, SEED=, MINUTES=, SCENE=).
	@nice -n 10 $(BIN)/python -m faults --faults $(or $(FAULTS),5000) --minutes $(or $(MINUTES),40) $(if $(SEED),--seed $(SEED)) \
	  $(if $(TABLE),--table $(TABLE)) $(if $(SCENE),--scene $(SCENE)) --write docs/reliability.md

fuzz: install  ## Bad inputs on every parser and way out, an hour on two cores (SEED=, SHARE=0.01, TARGET=feeds, WRITE=1).
	@$(BIN)/python -m fuzzing $(if $(SEED),--seed $(SEED)) --share $(or $(SHARE),1) $(if $(TARGET),--target $(TARGET)) $(if $(WRITE),--write)

lock:  ## Pin every dependency with its hashes; torch's builds differ by machine, so it is pinned by version.
	@uv pip compile pyproject.toml --extra test --universal --python-version 3.11 --generate-hashes --quiet \
	  --no-header --no-annotate --output-file requirements.lock \
	  $(addprefix --no-emit-package ,$(TORCH_BUILDS))

messages: install  ## Bring the French catalogue in line with the texts in the code.
	@$(BIN)/pybabel -q extract -F babel.cfg -k N_ -k say --omit-header --no-wrap -o /tmp/entendu.pot .
	@$(BIN)/pybabel -q update -i /tmp/entendu.pot -d media/locale -l fr -D entendu --no-wrap --no-fuzzy-matching --ignore-obsolete

screenshots: install  ## The pictures under docs/screenshots, from a real archive.
	@$(BIN)/python docs/make_screenshots.py

clean:
	@rm -rf .venv demo-data .pytest_cache .mypy_cache .ruff_cache .hypothesis
