# Every target sets up what it needs in .venv; a machine with Python and make is enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
EXTRAS := dev,plot,data
WORKERS ?= 2

.PHONY: help demo test check format bench clean

help:
	@echo "make demo    derive, compare and export: tables on the screen, files in demo/"
	@echo "make test    set up .venv and run the whole test-suite"
	@echo "make check   lint, types, and a test against the peers (kauri)"
	@echo "make bench   speed as ratios against peers (kauri, heyoka, jax)"
	@echo "make format  format the code"

$(STAMP): pyproject.toml
	@echo "Setting up $(VENV); this takes about a minute, once"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --editable ".[$(EXTRAS)]"
	@touch $@

# The peers are large; only what measures against them installs them.
$(VENV)/.bench: $(STAMP)
	@echo "Installing the peers to measure against"
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --editable ".[$(EXTRAS),bench]"
	@touch $@

demo: $(STAMP)
	@mkdir -p demo
	@echo; echo "== The modified equation of gradient descent, order 4, and its principal flow"
	$(BIN)/modeq derive gd --order 4 --principal
	@echo; echo "== Gradient descent on the Rosenbrock function against four flows, h·λ = 1.37"
	$(BIN)/modeq compare rosenbrock --at 0.6,0.5 --h 3e-3 --steps 30 --flows gradient,igr,3,principal --plot demo/rosenbrock.png
	@echo; echo "== The principal flow as a stand-alone module"
	$(BIN)/modeq export rosenbrock --flow principal --output demo/principal_rosenbrock.py
	@echo; echo "== Gradient descent on real data against five flows: a tanh network with 31 parameters"
	$(BIN)/modeq compare mlp --data breast-cancer --widths 4,5,1 --h 0.5 --steps 20 \
		--flows gradient,igr,3,principal,principal+3 --plot demo/breast_cancer.png

test: $(STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -q

check: $(VENV)/.bench
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/oracles/test_kauri.py

bench: $(VENV)/.bench
	$(BIN)/python -m tests.benchmarks

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .kernels demo
