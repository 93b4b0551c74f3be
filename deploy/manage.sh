#!/usr/bin/env bash
# Any command of the site, as root, run as its units are: deploy/manage.sh createsuperuser
set -euo pipefail

exec systemd-run --quiet --wait --collect --pty --uid=photo --working-directory=/opt/photo \
    --property=StateDirectory=photo --property=EnvironmentFile=/etc/photo/production.env \
    --setenv=DJANGO_SETTINGS_MODULE=portal.settings.production \
    .venv/bin/python manage.py "$@"
