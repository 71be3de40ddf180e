# make demo | test | check | format | install | clean
PYTHON ?= python3
VENV ?= .venv
WORKERS ?= 2
DEMO_DIR ?= runs/arithmetic/demo
DEMO_ARGS ?=

BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
FAST := not slow and not gpu and not java and not network

.PHONY: demo test check format install clean clean-demo
.DEFAULT_GOAL := test

install: $(STAMP)

# One pip call, so that the pins of constraints.txt hold for torch as for everything else.
$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(STAMP)
	@if [ -e $(DEMO_DIR)/report.html ]; then \
	  echo "$(DEMO_DIR) holds a finished run: its report is $(DEMO_DIR)/report.html."; \
	  echo "Evaluating it again; to train anew, run 'make clean-demo demo'."; \
	  $(BIN)/formalrl eval $(DEMO_DIR); \
	elif [ -e $(DEMO_DIR)/config.yaml ]; then \
	  echo "$(DEMO_DIR) holds an unfinished run: continuing it (to start anew, run 'make clean-demo demo')."; \
	  $(BIN)/formalrl train arithmetic --output-dir $(DEMO_DIR) --seed 0 $(DEMO_ARGS) --resume; \
	else \
	  $(BIN)/formalrl train arithmetic --output-dir $(DEMO_DIR) --seed 0 $(DEMO_ARGS); \
	fi

test: $(STAMP)
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) $(PYTEST_ARGS)

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) -m '$(FAST)' $(PYTEST_ARGS)

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean-demo:
	rm -rf $(DEMO_DIR)

clean:
	rm -rf build dist .pytest_cache .ruff_cache .hypothesis
	find src tests examples -name __pycache__ -type d -prune -exec rm -rf {} +
