"""News from this room."""

from django.dispatch import Signal

# Sent inside the transaction of the move. Arguments: entry, move (states.Move), actor, reason.
entry_state_changed = Signal()

# Sent inside the transaction of the appeal. Arguments: appeal.
appeal_made = Signal()

# Sent inside the transaction of the answer. Arguments: appeal. An upheld one moves its work.
appeal_dismissed = Signal()

# A work was to be submitted when its files were ready, and could not be. Sent inside the
# transaction that ends the wish. Arguments: entry, messages (sentences in the person's language).
wish_refused = Signal()
