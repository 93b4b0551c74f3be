"""A bundle: all that the awards of an edition rest on, in one file, and the check of it.

Plain values and numpy; no Django, no database: `python -m portal.results.bundle BUNDLE`.
"""
