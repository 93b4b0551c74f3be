# Every task of the project. `make` alone lists them.
SHELL := /bin/bash
PYTHON := .venv/bin/python
# One more than there are cores, as some always wait for a server; each has 2 of Redis' 16 databases.
WORKERS ?= $(shell n=$$(nproc); echo $$((n < 8 ? n + 1 : 8)))
PYTEST := $(PYTHON) -m pytest -q -n $(WORKERS) --dist worksteal
TEST_SETTINGS := DJANGO_SETTINGS_MODULE=portal.settings.test
# Settings with which the checks of production have nothing to say.
PRODUCTION := DJANGO_SETTINGS_MODULE=portal.settings.production DATA_DIR=$$(mktemp -d) \
	SECRET_KEY=$$(head -c 48 /dev/urandom | base64 -w 0) \
	BASE_URL=https://photo.example.org ALLOWED_HOSTS=photo.example.org TRUSTED_PROXIES=1 \
	EMAIL_URL=smtp+tls://user:word@mail.example.org:587 DEFAULT_FROM_EMAIL=photo@example.org

.DEFAULT_GOAL := help
.PHONY: help setup setup-test demo serve test test-engines bench faults lint lock dockerfile screenshots lighthouse messages clean
MAKEFLAGS += --no-print-directory

help: ## list the tasks
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

setup: ## bring what the site needs: .venv, packages, ffmpeg, translations
	@deploy/setup.sh

setup-test:
	@deploy/setup.sh test

demo: setup ## a whole competition on real photos and videos, then serve it (SERVE=0, DEMO_MEDIA=folder)
	@$(PYTHON) manage.py demo $(if $(filter 0,$(SERVE)),--no-serve) $(if $(DEMO_MEDIA),--media "$(DEMO_MEDIA)")

serve: setup ## serve the site and run its worker until Ctrl-C
	@$(PYTHON) manage.py migrate --verbosity 0
	@$(PYTHON) manage.py createcachetable
	@$(PYTHON) manage.py serve

test: setup-test ## everything on the embedded default, then everything on the engines
	$(PYTEST)
	$(MAKE) test-engines

test-engines: setup-test ## everything on PostgreSQL, Redis, S3 and Celery
	$(PYTHON) -m tests.servers bash -ec '$(TEST_SETTINGS) $(PYTHON) manage.py migrate -v 0; $(PYTEST)'

bench: setup-test ## what photos and videos cost, against libvips, Wagtail and ffmpeg by hand
	@$(PYTHON) -m benchmarks.media $(if $(filter 1,$(QUICK)),--quick)

faults: setup-test ## kill, fill and cut what the site stands on; count what is lost (FAULTS="redis_down disk_full")
	@$(PYTHON) -m tests.faults $(FAULTS)

lint: setup-test ## style, types, import direction, migrations, templates, settings
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/djade --check --target-version 5.2 $$(git ls-files --cached --others --exclude-standard 'templates/*.html')
	$(TEST_SETTINGS) $(PYTHON) manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(PYTHON) manage.py check --deploy --fail-level WARNING

lock: setup-test ## pin the newest versions that fit requirements*.in
	.venv/bin/uv pip compile -q --python-version 3.11 --universal --upgrade --custom-compile-command "make lock" requirements.in -o requirements.txt
	.venv/bin/uv pip compile -q --python-version 3.11 --universal --upgrade --custom-compile-command "make lock" requirements-dev.in -o requirements-dev.txt

dockerfile: setup-test ## as root: the steps of deploy/Dockerfile in a clean Debian, then the site (CA=proxy certificates)
	@$(PYTHON) -m tests.deploy.dockerfile_steps $(if $(CA),--ca "$(CA)")

screenshots: setup-test ## photograph the pages of the demo into docs/screenshots/
	@test -f "$${DATA_DIR:-var}/demo-summary.json" || $(PYTHON) manage.py demo --no-serve
	@$(PYTHON) -m tests.browser.screenshots

lighthouse: setup-test ## what Lighthouse says of the demo's results page; fails under 95
	@test -f "$${DATA_DIR:-var}/demo-summary.json" || $(PYTHON) manage.py demo --no-serve
	@$(PYTHON) -m tests.browser.lighthouse

messages: setup ## collect the texts to translate into portal/locale/
	@deploy/setup.sh messages
	$(PYTHON) manage.py makemessages --locale zh_Hans --no-location --no-obsolete --ignore .venv --ignore node_modules

clean: ## remove .venv and the tools' caches (data in var/ stays)
	rm -rf .venv .ruff_cache .mypy_cache .import_linter_cache .hypothesis
