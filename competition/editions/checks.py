"""What is wrong with scores, said in plain sentences. Every panel of an edition asks here."""

from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _

from competition.editions.models import Edition


def off_scale(edition: Edition) -> str:
    """Return the sentence for a score that is none on the edition's scale."""
    return _("Not saved yet: a score is a whole number from %(lowest)s to %(highest)s.") % {
        "lowest": edition.score_min,
        "highest": edition.score_max,
    }


def score_problems(
    edition: Edition, codes: Collection[str], scores: Mapping[str, int]
) -> list[str]:
    """Return a sentence for each thing that is wrong with scores by criterion code."""
    problems = []
    if set(scores) - set(codes):
        problems.append(
            _("Not saved: the criteria have changed. Please reload the page and score again.")
        )
    scale = range(edition.score_min, edition.score_max + 1)
    if any(type(value) is not int or value not in scale for value in scores.values()):
        problems.append(off_scale(edition))
    return problems
