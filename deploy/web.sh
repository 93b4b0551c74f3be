#!/usr/bin/env bash
# Serves the site to a reverse proxy: for systemd and for the container. Options of granian may
# follow and win, e.g. deploy/web.sh --host 0.0.0.0 --workers 4
set -euo pipefail
cd "$(dirname "$0")/.."

# Many threads: votes that arrive together share a commit (docs/decisions/casting.md). granian's
# only warning is about those threads.
exec .venv/bin/granian --interface wsgi --host 127.0.0.1 --port 8000 --workers 2 \
    --blocking-threads 16 --no-ws --log-level error "$@" portal.wsgi:application
