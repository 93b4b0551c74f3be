"""`python -m voting.ledger FILE`, or of a copy of this folder: `python ledger FILE`."""

import sys
from importlib import import_module
from pathlib import Path

if not __package__:
    here = Path(__file__).resolve().parent
    sys.path[0] = str(here.parent)
    __package__ = here.name

sys.exit(import_module(f"{__package__}.command").main(sys.argv[1:]))
