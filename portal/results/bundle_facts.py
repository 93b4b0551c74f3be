"""The rows behind an award list, as a bundle says them: numbers for keys, pseudonyms for people."""

import hmac
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from secrets import SystemRandom, token_bytes
from typing import Any

from django.utils.translation import gettext as _

from competition.awards.caps import Holder
from competition.awards.keeping import given
from competition.awards.models import AwardList, Replacement
from competition.awards.replacement import Place
from competition.awards.rulebook import as_json
from competition.awards.rules_in_force import lists_of, owners_of_works, rule_of_list
from competition.entries.states import State
from competition.judging.models import Judge, Round, Score, StandingList
from portal.results.bundle.parts import FINAL, NOTICE, Contents, Line
from portal.results.bundle.recount import exactly
from portal.results.bundle.replay import as_lines, in_rule_order
from voting.models import Ledger


class BundleRefused(Exception):
    """A bundle that cannot be made. `messages` say why, and what to do next."""

    def __init__(self, *messages: str) -> None:
        super().__init__(" ".join(messages))
        self.messages = list(messages)


class _Pseudonyms:
    """Equal holders have equal pseudonyms; their key is never kept."""

    def __init__(self) -> None:
        self._key = token_bytes(32)

    def of(self, kind: str, holder: Hashable) -> str | None:
        if holder is None:
            return None
        return hmac.digest(self._key, f"{kind} {holder!r}".encode(), "sha256")[:8].hex()


@dataclass
class Facts:
    """The rows behind an award list, as a bundle says them."""

    award_list: AwardList
    stage: str

    def require_state(self) -> None:
        """Raise BundleRefused while the awards may still change without a trace."""
        states = [AwardList.State.PUBLISHED]
        if self.stage == NOTICE:
            states.append(AwardList.State.NOTICED)
        if self.award_list.state not in states:
            raise BundleRefused(
                _("No bundle was made: begin the notice first.")
                if self.stage == NOTICE
                else _("No bundle was made: publish the awards first.")
            )
        if self.stage == NOTICE and self.award_list.noticed_at is None:
            raise BundleRefused(_("No bundle was made: these awards were never on notice."))

    def contents(self) -> Contents:
        """Return all parts but the ledger."""
        tables = {
            "works": self._works(),
            "rounds": self._rounds(),
            "lists": self._lists(),
            "scores": self._scores(),
            "standings": self._standings(),
            "decisions": self._decisions(),
            "replacements": self._replacements(),
            "awards": in_rule_order(self.rule, as_lines(self.awards, self.numbers)),
        }
        return Contents(self._rule(), {f"{name}.jsonl": rows for name, rows in tables.items()})

    # --- what others are made of ----------------------------------------------------------

    @cached_property
    def rule(self) -> Any:
        return rule_of_list(self.award_list)

    @cached_property
    def frozen(self) -> dict[str, StandingList]:
        return {source: one for source, one in lists_of(self.award_list).items() if one is not None}

    @cached_property
    def lines(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return source -> its frozen lines."""
        fields = ("entry", "value", "readings", "rank", "raw", "trimmed", "adjusted")
        return {
            source: list(one.standings.order_by().values_list(*fields))
            for source, one in self.frozen.items()
        }

    @cached_property
    def numbers(self) -> dict[int, str]:
        works = self.award_list.edition.entries.exclude(number=None)
        return dict(works.order_by().values_list("pk", "number"))

    @cached_property
    def steps(self) -> list[Replacement]:
        """Return the replacements that belong to this stage."""
        return [] if self.stage == NOTICE else list(self.award_list.replacements.order_by("number"))

    @cached_property
    def awards(self) -> dict[Place, int]:
        """Return the awards of this stage: those now, or with all replacements undone."""
        awards = given(self.award_list)
        if self.stage == NOTICE:
            for replacement in self.award_list.replacements.order_by("-number"):
                for place in _places(replacement.gained):
                    awards.pop(place, None)
                awards |= _places(replacement.lost)
        return awards

    @cached_property
    def cards(self) -> dict[int, dict[tuple[int, int], dict[str, int]]]:
        """Return round -> (work, judge) -> scores, of the works whose standing was frozen.

        A work may have left since; what was frozen was frozen with it.
        """
        works: dict[int, set[int]] = defaultdict(set)
        for source, one in self.frozen.items():
            if one.round_id:
                works[one.round_id].update(line[0] for line in self.lines[source])
        cards: dict[int, dict[tuple[int, int], dict[str, int]]] = {}
        for round_id, ranked in works.items():
            cards[round_id] = defaultdict(dict)
            scores = Score.objects.filter(scorecard__assignment__round=round_id).order_by()
            whose = ("scorecard__assignment__entry", "scorecard__assignment__judge")
            for work, judge, code, value in scores.values_list(*whose, "criterion__code", "value"):
                if work in ranked:
                    cards[round_id][work, judge][code] = value
        return cards

    @cached_property
    def judges(self) -> dict[int, str]:
        """Return judge -> pseudonym; their order is thrown away."""
        pks = sorted({judge for cards in self.cards.values() for _work, judge in cards})
        SystemRandom().shuffle(pks)
        width = max(2, len(str(len(pks))))
        return {pk: f"j{at:0{width}}" for at, pk in enumerate(pks, 1)}

    @cached_property
    def ledger(self) -> Ledger | None:
        """Return the newest ledger whose count is the public's standing.

        Raises BundleRefused when there is a standing and no such ledger.
        """
        if StandingList.Source.PUBLIC not in self.frozen:
            return None
        votes = {self.numbers[line[0]]: line[2] for line in self.lines["public"]}
        ledgers = Ledger.objects.filter(poll__edition=self.award_list.edition)
        for ledger in ledgers.order_by("-version"):
            accepted = {number: n for number, _raw, n in ledger.tally}
            if all(accepted.get(number) == n for number, n in votes.items()):
                return ledger
        raise BundleRefused(
            _(
                "No bundle was made: no published ledger of the vote has the count that these "
                "awards rest on. Publish the ledger of the poll; where votes were decided on since "
                "the awards were proposed, propose them again. Then ask for the bundle again."
            )
        )

    # --- the parts --------------------------------------------------------------------------

    def _rule(self) -> Line:
        edition = self.award_list.edition
        return {
            "rule": as_json(self.rule),
            "categories": [
                {"code": one.code, **_titles(one)} for one in edition.award_categories.all()
            ],
            "sections": [{"id": one.pk, **_titles(one)} for one in edition.sections.all()],
            "criteria": [
                {"code": one.code, "weight": one.weight, **_titles(one)}
                for one in edition.criteria.all()
            ],
            "scale": {"lowest": edition.score_min, "highest": edition.score_max},
        }

    def _works(self) -> list[Line]:
        named = {line[0] for lines in self.lines.values() for line in lines}
        named.update(entry for _category, _section, entry in self.awards)
        named.update(step.entry_id for step in self.steps)
        named.update(pk for row in self._decided() for pk in row["entries"])
        owners = owners_of_works(self.award_list.edition) if self.rule.caps else {}
        pseudonyms, outs = _Pseudonyms(), self._outs()
        rows = self.award_list.edition.entries.order_by().values_list("pk", "section")
        return [
            {
                "work": self.numbers[pk],
                "id": pk,
                "section": section,
                "out": outs.get(pk),
                **{
                    kind: pseudonyms.of(kind, getattr(owners.get(pk, Holder()), kind))
                    if getattr(self.rule.caps, kind)
                    else None
                    for kind in ("organisation", "association", "author")
                },
            }
            for pk, section in rows
            if pk in named
        ]

    def _outs(self) -> dict[int, int]:
        """Return work -> the replacement since which it cannot be awarded; 0: from the start.

        A work that left while it had an award lost it in the next replacement.
        """
        edition = self.award_list.edition
        gone = edition.entries.exclude(state=State.ADMITTED).values_list("pk", flat=True)
        outs = dict.fromkeys(gone, 0)
        for step in self.steps:
            kept = {entry for _category, _section, entry in _places(step.gained)}
            lost = {entry for _category, _section, entry in _places(step.lost)} - kept
            outs |= dict.fromkeys(lost & outs.keys(), step.number)
        for pk in {entry for _category, _section, entry in self.awards} & outs.keys():
            del outs[pk]
        earlier = Replacement.objects.filter(award_list__edition=edition)
        earlier = earlier.exclude(award_list=self.award_list)
        outs |= dict.fromkeys(earlier.values_list("entry", flat=True), 0)
        return outs | {step.entry_id: step.number for step in self.steps}

    def _rounds(self) -> list[Line]:
        kinds = dict(Judge.objects.filter(pk__in=self.judges).values_list("pk", "panel__kind"))
        return [
            {
                "round": one.number,
                "ranks_by": one.ranks_by,
                "judges": {self.judges[judge]: kinds[judge] for _work, judge in self.cards[one.pk]},
            }
            for one in self._rounds_used
        ]

    @cached_property
    def _rounds_used(self) -> list[Round]:
        return list(Round.objects.filter(pk__in=self.cards))

    def _lists(self) -> list[Line]:
        rounds = {one.pk: one.number for one in self._rounds_used}
        return [
            {
                "source": source,
                "version": one.version,
                "round": rounds[one.round_id] if one.round_id else None,
                "digest": one.digest,
            }
            for source, one in self.frozen.items()
        ]

    def _scores(self) -> list[Line]:
        return [
            {
                "round": one.number,
                "work": self.numbers[work],
                "judge": self.judges[judge],
                "scores": scores,
            }
            for one in self._rounds_used
            for (work, judge), scores in self.cards[one.pk].items()
        ]

    def _standings(self) -> list[Line]:
        return [
            {
                "source": source,
                "work": self.numbers[work],
                "value": exactly(value),
                "readings": readings,
                "rank": rank,
                "raw": exactly(raw),
                "trimmed": exactly(trimmed),
                "adjusted": exactly(adjusted),
            }
            for source, lines in self.lines.items()
            for work, value, readings, rank, raw, trimmed, adjusted in lines
        ]

    def _decided(self) -> list[dict[str, Any]]:
        rows = self.award_list.decisions
        return [row for row in rows if self.stage == FINAL or not row.get("after", 0)]

    def _decisions(self) -> list[Line]:
        codes = dict(self.award_list.edition.award_categories.values_list("pk", "code"))
        return [
            {
                "category": codes[row["category"]],
                "section": row["section"],
                "tied": sorted(self.numbers[pk] for pk in row.get("tied", row["entries"])),
                "chosen": sorted(self.numbers[pk] for pk in row["entries"]),
                "reason": row["reason"],
                "after": row.get("after", 0),
            }
            for row in self._decided()
            if row["category"] in codes
        ]

    def _replacements(self) -> list[Line]:
        return [
            {
                "number": step.number,
                "work": self.numbers[step.entry_id],
                "reason": step.reason,
                "lost": as_lines(_places(step.lost), self.numbers),
                "gained": as_lines(_places(step.gained), self.numbers),
            }
            for step in self.steps
        ]


def _places(rows: Iterable[Mapping[str, Any]]) -> dict[Place, int]:
    return {(row["category"], row["section"], row["entry"]): row["rank"] for row in rows}


def _titles(row: Any) -> dict[str, str]:
    return {"title": row.title, "title_en": row.title_en}
