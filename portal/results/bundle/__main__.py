"""`python -m portal.results.bundle BUNDLE [--root HEX]`, from a copy of this repository."""

import sys

from portal.results.bundle.command import main

sys.exit(main(sys.argv[1:]))
