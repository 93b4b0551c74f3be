"""For the entrant's pages, which stand left of the awards: is there feedback to read?"""

from django import template

from competition.awards import feedback
from competition.editions.models import Edition
from competition.entries.models import Entry

register = template.Library()


@register.filter
def has_feedback(entry: Entry) -> bool:
    """Tell whether the jury's feedback on this work may be read now."""
    return feedback.has_feedback(entry)


@register.filter
def gives_feedback(edition: Edition) -> bool:
    """Tell whether entrants of this edition may read feedback now."""
    return feedback.gives_feedback(edition)
