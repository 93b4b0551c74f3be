"""The ledger of a vote: its tree, its lines, its check. Nothing but Python is needed.

A copy of this folder checks a file anywhere: `python ledger FILE`.
"""
