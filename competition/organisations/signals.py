"""News from this room. Each is sent inside the transaction of its cause."""

from django.dispatch import Signal

# Arguments: organisation, log_entry.
organisation_judged = Signal()

# An invitation with an e-mail address was made. Argument: invitation.
invitation_made = Signal()

# Two organisations are being merged: what other rooms keep of `gone` has to move to `kept` now,
# while both still have what is theirs. Arguments: kept, gone. May raise OrganisationRefused.
organisations_merging = Signal()
