# Two commands do everything: `make run` and `make test`. Both set up what they need first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
PYTEST_FLAGS ?= -n 2 --dist worksteal

.PHONY: setup run test lint check docs rehearsal bench judge audit faults crash outage ambiguity stumbles poison repeats seeded simulate model soak fuzz flood mails clean lock

setup: $(STAMP)

# The package is installed editable, without its dependencies: the lock file has brought those.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "syncd needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "no venv module: on Debian and Ubuntu, apt install python3-venv"; exit 1; }
	@echo "Setting up in $(VENV) (a minute the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

run: setup
	$(BIN)/syncd run --config config.example.yaml

test: setup
	$(BIN)/python -m pytest $(PYTEST_FLAGS)

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

check: lint test

# Pages that come from the program; a test compares them.
docs: setup
	$(BIN)/syncd schema --markdown > docs/configuration.md
	$(BIN)/syncd schema --pages docs

bench: setup
	$(BIN)/python -m bench $(BENCH)

# The deployment without a container engine: the image built and run in bubblewrap, two daemons behind the proxy.
rehearsal: setup
	$(BIN)/python -m tests.deploy.proxy
	$(BIN)/python -m tests.deploy.image

# Our HubSpot, Zoho and Salesforce clients and fakes before judges that nobody here wrote; exit 3 and NOT CHECKED where it cannot look.
judge: setup
	$(BIN)/python -m tests.judge $(JUDGE)

# Known vulnerabilities of what is locked; exit 3 and NOT CHECKED where the advisories cannot be reached.
audit: setup
	$(BIN)/python -m tests.audit

# Damaged bodies to every door and parser, a million of them: FUZZ="--cases 20000" for a short run. Guided by coverage:
# pip install -e '.[fuzz]' and python -m tests.battery.hostile.guided.
fuzz: setup
	$(BIN)/python -m tests.battery fuzz $(FUZZ)

# Floods and slow senders from hundreds of addresses: FLOOD="--seconds 10 --slow 500" for a short run.
flood: setup
	$(BIN)/python -m tests.battery flood $(FLOOD)

# Mails while the line breaks, the folder is renumbered and the daemon is killed: make mails MAILS="--mails 500 --only sqlite-moved".
mails: setup
	$(BIN)/python -W ignore -m tests.battery mails $(MAILS)

# All batteries of faults, one after the other; each has a target or a word of its own (CONTRIBUTING.md).
faults: setup
	$(BIN)/python -m tests.battery faults

# kill -9, a thousand times: make crash CRASH="--kills 50 --store sqlite". The figures go into docs/promises.md with --write.
crash: setup
	$(BIN)/python -W ignore -m tests.battery crash $(CRASH)

# Hours of mixed load and trouble; what the daemon needs of the machine must not grow: make soak SOAK="--minutes 60".
soak: setup
	$(BIN)/python -W ignore -m tests.battery soak $(SOAK)

# Outages of the CRM, the network, the disk and the clock: make outage OUTAGE="--leads 20000", or --only wire.
outage: setup
	$(BIN)/python -W ignore -m tests.battery outage $(OUTAGE)

# Lost answers at every call, by sockets, and in random runs: make ambiguity AMBIGUITY="--stages random --runs 500 --seed 7".
ambiguity: setup
	$(BIN)/python -m tests.battery ambiguity $(AMBIGUITY)

# The N-th call of the store fails, for every N: make stumbles STUMBLES="--step 10".
stumbles: setup
	$(BIN)/python -m tests.battery stumbles $(STUMBLES)

# One poisonous lead among a thousand, in ten ways.
poison: setup
	$(BIN)/python -m tests.battery poison $(POISON)

# Each event one to five times, shuffled, to two daemons on PostgreSQL: make repeats REPEATS="--events 2000".
repeats: setup
	$(BIN)/python -m tests.battery repeats $(REPEATS)

# The whole core on a virtual clock, seed after seed: make simulate SIMULATE="--seeds 100000 --write".
simulate: setup
	$(BIN)/python -m tests.battery simulation $(SIMULATE)

# The core and a small model of it side by side: make model MODEL="--runs 2000 --steps 50".
model: setup
	$(BIN)/python -m tests.battery model $(MODEL)

# Who watches the watchers: twelve bugs on purpose, each of which has to be caught.
seeded: setup
	$(BIN)/python -m tests.battery seeded $(SEEDED)

# Pins every dependency with its hashes, for all platforms and Pythons that we support; requirements.run.lock is the part
# of it that a container needs.
lock:
	$(BIN)/python -m pip install --quiet uv
	$(UV_LOCK) --extra dev --output-file requirements.lock pyproject.toml requirements.build.in
	$(UV_LOCK) --constraint requirements.lock --output-file requirements.run.lock pyproject.toml requirements.build.in
	$(UV_LOCK) --output-file tests/audit/requirements.lock tests/audit/requirements.in

UV_LOCK = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --python-version 3.11

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache
