"""News from this room."""

from django.dispatch import Signal

# Sent in the copying transaction. Arguments: source, copy (Edition),
# sections (dict: source Section.pk -> new Section). Each room copies its own part.
edition_copied = Signal()
