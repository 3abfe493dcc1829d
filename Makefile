# Sets up .venv in this folder and does the everyday jobs in it.
#   make demo   the main job, end to end, on an embedded mail server
#   make test   every test, with a real Dovecot (installed by apt where root lacks it),
#               Cyrus and Courier (unpacked beside it)
#   make test-servers   the mailbox contract, and a pass of the daemon, on each server
#   make test-faults-all   the fault tests at smaller strides and on more kinds of servers
#   make fuzz   bytes at random against the reading, FUZZ_SECONDS=60 long (Atheris)
#   make fuzz-many   20,000 mails made by chance: crashes, the slowest, memory
#   make lint   ruff and mypy
#   make train  the statistical voice, anew from the notes in training/

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
APT := DEBIAN_FRONTEND=noninteractive apt-get -q -y
UNPACK := $(PYTHON) tests/servers/unpack.py .servers
SERVER_TESTS := tests/contract tests/servers tests/mailbox/test_gmail.py \
  tests/daemon/test_on_other_servers.py tests/cli/test_every_server.py

.PHONY: demo test test-servers test-faults-all fuzz fuzz-many lint dovecot servers train constraints clean
.DELETE_ON_ERROR:

demo: $(VENV)/.installed
	$(BIN)/triage demo

test: $(VENV)/.developing dovecot servers
	$(BIN)/python -m pytest -n 2 $(PYTEST_ARGS)

test-servers: $(VENV)/.developing dovecot servers
	TRIAGE_REQUIRE_SERVERS=1 $(BIN)/python -m pytest -n 2 $(SERVER_TESTS) $(PYTEST_ARGS)

test-faults-all: $(VENV)/.developing dovecot
	TRIAGE_FAULTS=all $(BIN)/python -m pytest -n 2 tests/faults $(PYTEST_ARGS)

FUZZ_SECONDS ?= 60
fuzz: $(VENV)/.fuzzing
	@mkdir -p fuzz/found
	$(BIN)/python -m fuzz.reading -max_total_time=$(FUZZ_SECONDS) -timeout=90 -rss_limit_mb=900 \
	  -max_len=65536 -artifact_prefix=fuzz/found/ fuzz/found fuzz/corpus tests/mail

fuzz-many: $(VENV)/.developing
	$(BIN)/python -m fuzz.many $(FUZZ_ARGS)

lint: $(VENV)/.developing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# A Debian python3 comes without ensurepip; root can mend that here.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "make: Python 3.11 or newer is needed; name one by make PYTHON=..." >&2; exit 2; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null && $(APT) update && \
	  $(APT) install python3-venv && $(PYTHON) -m venv $(VENV); }

$(VENV)/.installed: $(BIN)/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.developing: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

# Atheris is there for few Pythons and machines, so only who fuzzes installs it.
$(VENV)/.fuzzing: $(VENV)/.developing
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[fuzz]'
	@touch $@

# Without root the tests that need Dovecot say that they were skipped, and why.
dovecot:
	@test -x /usr/lib/dovecot/imap || test -x /usr/libexec/dovecot/imap || { \
	  if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
	    $(APT) update && $(APT) install dovecot-imapd; \
	  else echo "make: no dovecot here, and no root to install it: its tests will be skipped"; fi; }

# Debian's packages of Cyrus and Courier would replace Dovecot's, so they are unpacked only.
servers:
	@test .servers/.unpacked -nt tests/servers/unpack.py || { \
	  if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
	    { $(UNPACK) || { $(APT) update && $(UNPACK); }; } && touch .servers/.unpacked; \
	  else echo "make: no root to run cyrus and courier: their tests will be skipped"; fi; }

clean:
	rm -rf $(VENV) .servers dist .pytest_cache .mypy_cache .ruff_cache

# The statistical voice, anew from training/notes: the same notes give the same bytes.
train: $(VENV)/.developing
	$(BIN)/python -m training.train

# The newest set that pyproject.toml allows becomes the tested one; run the tests after it.
constraints: $(BIN)/python
	$(BIN)/python -m pip install --quiet --upgrade -e '.[dev]'
	{ echo "# The exact set that the tests have passed with. Written by: make constraints"; \
	  $(BIN)/python -m pip freeze --exclude-editable; } > constraints.txt
