"""News that goes up from this room."""

from django.dispatch import Signal

# An unfinished upload is being taken back by its sender: asset. Sent in the transaction that
# removes it, so whoever points at the asset lets go of it there.
upload_cancelled = Signal()
