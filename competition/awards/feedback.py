"""What entrants are told of how the jury read their own works, once the results are published.

Never another work's score, and no judge's name; see docs/decisions/feedback-to-entrants.md.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.crypto import salted_hmac

from competition.awards.models import AwardList
from competition.awards.queries import published_list
from competition.editions.models import Criterion, Edition
from competition.editions.weighing import mean
from competition.entries.models import Entry
from competition.judging.models import Round, Score, Scorecard, Standing, StandingList
from competition.judging.scoring import rounded

# Works of other organisations behind a section's mean: of fewer, it would tell their scores.
FEWEST_OTHERS = 5

Means = dict[str, Fraction]  # by criterion code, in points


@dataclass(frozen=True)
class CriterionFeedback:
    """A work's mean for one criterion, in points, beside its section's (None: not told)."""

    criterion: Criterion
    own: Fraction
    section: Fraction | None
    least: int
    most: int

    @property
    def own_points(self) -> Decimal:
        return rounded(self.own)

    @property
    def section_points(self) -> Decimal | None:
        return None if self.section is None else rounded(self.section)

    # Lengths of the bars: per mille of the scale from its lowest score to its highest.

    @property
    def own_length(self) -> int:
        return self._length(self.own)

    @property
    def section_length(self) -> int:
        return 0 if self.section is None else self._length(self.section)

    def _length(self, value: Fraction) -> int:
        return round(1000 * (value - self.least) / (self.most - self.least))


@dataclass(frozen=True)
class Feedback:
    """All that the entrant of one work is told. `readings`: complete scorecards."""

    criteria: list[CriterionFeedback]
    readings: int
    comments: list[str]

    @property
    def tells_section(self) -> bool:
        return any(one.section is not None for one in self.criteria)


# --- what may be asked ------------------------------------------------------------------------


def gives_feedback(edition: Edition) -> bool:
    """Tell whether entrants may read feedback now: the edition allows it and its hour has come.

    At most one query.
    """
    return _standings_to_tell_of(edition) is not None


def has_feedback(entry: Entry) -> bool:
    """Tell whether there is feedback on this work now. At most two queries."""
    return bool(works_with_feedback(entry.edition, [entry.pk]))


def works_with_feedback(edition: Edition, works: Collection[int]) -> set[int]:
    """Return those of the works, by key, that there is feedback on now. At most two queries."""
    standings = _standings_to_tell_of(edition)
    if standings is None:
        return set()
    ranked = standings.standings.filter(entry__in=works)
    return set(ranked.order_by().values_list("entry", flat=True))


def feedback_on(entry: Entry) -> Feedback | None:
    """Return what the work's entrant may read now; None where there is nothing to be told.

    Constant queries, whatever the size of the section.
    """
    standings = _standings_to_tell_of(entry.edition)
    if standings is None or standings.round is None:
        return None
    criteria = list(entry.edition.criteria.all())
    cards = complete_cards(standings.round, criteria)
    means, readings = _means(cards.filter(assignment__entry=entry))
    if entry.pk not in means:
        return None
    own = means[entry.pk]
    section = _section_means(standings, entry, cards)
    least, most = entry.edition.score_min, entry.edition.score_max
    return Feedback(
        [
            CriterionFeedback(one, own[one.code], section.get(one.code), least, most)
            for one in criteria
        ],
        readings[entry.pk],
        _comments(standings.round, entry) if _tells_comments(entry.edition) else [],
    )


def _tells_comments(edition: Edition) -> bool:
    return edition.feedback == Edition.Feedback.COMMENTS


def _standings_to_tell_of(edition: Edition) -> StandingList | None:
    """Return the jury's standings that the published awards rest on, if they may be told of."""
    if edition.feedback == Edition.Feedback.NONE:
        return None
    award_list = published_list(edition)
    return _jury_of(award_list) if award_list else None


def _jury_of(award_list: AwardList) -> StandingList | None:
    """Return the list's standings of a jury; where panels weigh apart, they share one round."""
    lists = (
        award_list.jury_standings,
        award_list.expert_standings,
        award_list.industry_standings,
    )
    return next((one for one in lists if one is not None), None)


# --- scores -----------------------------------------------------------------------------------


def complete_cards(round: Round, criteria: Collection[Criterion]) -> QuerySet[Scorecard]:
    """Return the round's scorecards that have a score for every criterion; others never count."""
    theirs = Count("scores", filter=Q(scores__criterion__in=criteria), distinct=True)
    cards = Scorecard.objects.filter(assignment__round=round).annotate(scored=theirs)
    return cards.filter(scored=len(criteria)) if criteria else cards.none()


def _means(cards: QuerySet[Scorecard]) -> tuple[dict[int, Means], dict[int, int]]:
    """Return entry -> its exact means, and entry -> its number of scorecards. One query."""
    rows = (
        Score.objects.filter(scorecard__in=cards.values("pk"))
        .order_by()
        .values_list("scorecard__assignment__entry", "criterion__code")
        .annotate(total=Sum(F("value")), readings=Count("pk"))
    )
    means: dict[int, Means] = defaultdict(dict)
    readings: dict[int, int] = {}
    for entry, code, total, count in rows:
        means[entry][code] = Fraction(total, count)
        readings[entry] = count
    return means, readings


def _section_means(
    standings: StandingList, entry: Entry, cards: QuerySet[Scorecard]
) -> Mapping[str, Fraction]:
    """Return the means of the section's ranked works; empty where they would tell of others."""
    ranked = Standing.objects.filter(standing_list=standings, entry__section=entry.section_id)
    others = ranked.exclude(entry__organisation=entry.organisation_id)
    if others.count() < FEWEST_OTHERS:
        return {}
    means, _readings = _means(cards.filter(assignment__entry__in=ranked.values("entry")))
    return mean_of_works(means.values())


def mean_of_works(works: Collection[Means]) -> Means:
    """Return the mean of the works' means by criterion: each work counts once.

    However many judges read it; an anchor work is read by all of them.
    """
    codes = {code for one in works for code in one}
    values = {code: mean(one.get(code) for one in works) for code in codes}
    return {code: value for code, value in values.items() if value is not None}


def _comments(round: Round, entry: Entry) -> list[str]:
    """Return the judges' notes on the work, in an order that tells nothing of who wrote them."""
    cards = Scorecard.objects.filter(assignment__round=round, assignment__entry=entry)
    notes = cards.exclude(note="").values_list("pk", "note")
    shuffled = sorted(notes, key=lambda row: _place(row[0]))
    return [note.strip() for _card, note in shuffled if note.strip()]


def _place(card: int) -> str:
    """Return where a note stands: the same each time, another for the judge's next work."""
    return salted_hmac("competition.awards.feedback", str(card), algorithm="sha256").hexdigest()
