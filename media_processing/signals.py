"""News that goes up from this room."""

from django.dispatch import Signal

# A worker has done what it could for an asset: it is ready, refused, or rests. Argument: asset, as
# it was claimed; the row says more. Sent after everything is committed.
asset_processed = Signal()

# An unfinished upload is being taken back by its sender: asset. Sent in the transaction that
# removes it, so whoever points at the asset lets go of it there.
upload_cancelled = Signal()

# Sent by a worker every few seconds, outside of any transaction. Whoever listens does a small
# part of what is due and is safe to be called by many workers at once. No arguments.
worker_swept = Signal()

# Before a worker with `--until-idle` ends: is there work of yours that is not done? Receivers
# return True when there is. Argument: queues, those that the worker takes from.
asked_whether_idle = Signal()
