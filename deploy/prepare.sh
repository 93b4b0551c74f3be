#!/usr/bin/env bash
# What comes before a (new) version of the site may start, on one host: the checks of production,
# the database's tables, the static files. May be run again at any time.
set -euo pipefail
cd "$(dirname "$0")/.."

manage() { .venv/bin/python manage.py "$@"; }

manage check --deploy --fail-level ERROR
[ -z "${S3_ORIGINALS_BUCKET:-}" ] || manage prepare_buckets
manage migrate --verbosity 1
manage createcachetable
manage collectstatic --noinput --verbosity 0
