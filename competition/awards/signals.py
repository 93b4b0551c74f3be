"""News from this room."""

from django.dispatch import Signal

# Sent inside the transaction that keeps the objection. Arguments: objection.
objection_raised = Signal()

# Awards in public were taken away, and works may have moved up; sent inside the transaction, and
# again when people decide a tie about what was left free. Arguments: replacement.
award_replaced = Signal()
