"""News from this room."""

from django.dispatch import Signal

# The awards are put on notice, or made final; their hour may be yet to come. Sent inside the
# transaction. Arguments: award_list, actor.
awards_noticed = Signal()
awards_published = Signal()

# Sent inside the transaction that keeps the objection. Arguments: objection.
objection_raised = Signal()

# Awards in public were taken away, and works may have moved up; sent inside the transaction, and
# again when people decide a tie about what was left free. Arguments: replacement.
award_replaced = Signal()
