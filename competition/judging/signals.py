"""News from this room."""

from django.dispatch import Signal

# An organiser reminds a judge of works not scored yet. Sent inside the transaction that logs it.
# Arguments: round, judge, works, minutes (both still to do).
judge_reminded = Signal()
