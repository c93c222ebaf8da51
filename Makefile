# Every target sets up what it needs in .venv; a machine with Python and make is enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
EXTRAS := dev,plot,data,sweep
WORKERS ?= 2

.PHONY: help demo test check notebooks docs format bench clean

help:
	@echo "make demo    derive, compare and export: tables on the screen, files in demo/"
	@echo "make test    set up .venv and run the whole test-suite"
	@echo "make check   lint, types, tests against kauri and PyTorch, numbers of the pages, notebooks, documentation"
	@echo "make docs    execute the notebooks and build the documentation in docs/_build/html"
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

# One version, without the libraries for GPUs that the newest brings along where the index has it so.
TORCH ?= torch==2.13.0
$(VENV)/.torch: $(STAMP)
	@echo "Installing PyTorch, whose wheel is large"
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check "$(TORCH)" --editable ".[$(EXTRAS),torch]"
	@touch $@

$(VENV)/.docs: $(STAMP)
	@echo "Installing what builds the documentation"
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --editable ".[$(EXTRAS),docs]"
	@touch $@

demo: $(STAMP)
	@mkdir -p demo
	@echo; echo "== The modified equation of gradient descent, order 4, and its principal flow"
	$(BIN)/modeq derive gd --order 4 --principal
	@echo; echo "== Heavy ball on the Rosenbrock function against three flows, from rest"
	$(BIN)/modeq compare rosenbrock --method heavy-ball --beta 0.9 --at=-0.5,0.8 --h 3e-4 --steps 60 --flows gradient,3,map --plot demo/heavy_ball.png
	@echo; echo "== The principal flow as a stand-alone module"
	$(BIN)/modeq export rosenbrock --flow principal --output demo/principal_rosenbrock.py
	@echo; echo "== Gradient descent on real data against five flows: a tanh network with 31 parameters"
	$(BIN)/modeq compare mlp --data breast-cancer --widths 4,5,1 --h 0.5 --steps 20 \
		--flows gradient,igr,3,principal,principal+3 --plot demo/breast_cancer.png

# The tests start many processes, which would each translate the package again if nobody kept the bytecode.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -q

check: lint torch numbers notebooks docs

.PHONY: lint torch numbers
lint: $(VENV)/.bench
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/oracles/test_kauri.py

# Losses from PyTorch, and optimizers against its own; make test does without.
torch: $(VENV)/.torch
	$(BIN)/python -m pytest -q tests/oracles/test_torch_losses.py tests/oracles/test_optimizers_of_torch.py tests/unit/losses/test_from_torch.py

# What the pages say was printed is printed again; takes two minutes.
numbers: $(STAMP)
	$(BIN)/python docs/check_numbers.py

# Every notebook from scratch, in a process of its own; make docs shows what they printed and drew.
notebooks: $(VENV)/.docs
	$(BIN)/python docs/execute_notebooks.py

docs: notebooks
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going docs docs/_build/html
	@echo "The pages are in docs/_build/html/index.html"

bench: $(VENV)/.bench
	$(BIN)/python -m tests.benchmarks

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .kernels demo docs/_build docs/api/generated docs/notebooks/*.ipynb
