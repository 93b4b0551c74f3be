"""Every standing again, from the scorecards and the votes it was made of."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from competition.awards.rulebook import JURY, PUBLIC
from competition.judging.adjusting import AdjustedEntry, adjust
from competition.judging.scoring import (
    DECIMAL_PLACES,
    Reading,
    Sheet,
    StandingLine,
    digest,
    panel_means,
    rank_in_sections,
    readings,
)
from portal.results.bundle.parts import Contents, Line

Votes = Mapping[str, int]  # work -> accepted votes


def standing_problems(contents: Contents, votes: Votes) -> Iterator[str]:
    """Yield where a frozen standing is not what its scorecards or its votes give.

    Raises ValueError or ArithmeticError for numbers of which nothing can be made.
    """
    numbers = {line["id"]: line["work"] for line in contents["works"]}
    stated: dict[str, list[Line]] = defaultdict(list)
    for line in contents["standings"]:
        stated[line["source"]].append(line)
    by_round: dict[int, dict[str, list[StandingLine]]] = {}
    for frozen in contents["lists"]:
        source, number = frozen["source"], frozen["round"]
        if source == PUBLIC:
            ranked = {line["work"] for line in stated[source]}
            found = public_lines(contents, {work: votes[work] for work in ranked if work in votes})
        else:
            if number not in by_round:
                by_round[number] = jury_lines(contents, number)
            found = by_round[number].get(source, [])
        yield from _differences(source, stated[source], as_lines(source, found, numbers))
        if digest(found) != frozen["digest"]:
            yield f"The digest of the standing “{source}” is {digest(found)}, not the one stated."


def jury_lines(contents: Contents, number: int) -> dict[str, list[StandingLine]]:
    """Return source -> lines of the round: of the whole jury, and of each kind of panel."""
    ids = {line["work"]: line["id"] for line in contents["works"]}
    [round_] = [line for line in contents["rounds"] if line["round"] == number]
    judges = {judge: at for at, judge in enumerate(sorted(round_["judges"]), 1)}
    sheets = [
        Sheet(judges[card["judge"]], ids[card["work"]], card["scores"])
        for card in contents["scores"]
        if card["round"] == number
    ]
    weights = {line["code"]: line["weight"] for line in contents.rule["criteria"]}
    read = readings(sheets, weights)
    section_of = {line["id"]: line["section"] for line in contents["works"]}
    sections = {sheet.entry_id: section_of[sheet.entry_id] for sheet in sheets}
    kinds = {judges[judge]: kind for judge, kind in round_["judges"].items()}
    return panel_means(read, sections, kinds) | {
        JURY: _whole_jury(read, sections, round_["ranks_by"])
    }


def _whole_jury(
    read: list[Reading], sections: Mapping[int, int], ranks_by: str
) -> list[StandingLine]:
    return [
        StandingLine(
            entry_id=one.entry_id,
            section_id=one.section_id,
            value=_value_of(one, ranks_by),
            readings=one.readings,
            raw=one.raw,
            trimmed=one.trimmed,
            adjusted=one.adjusted,
        )
        for one in adjust(read, sections).entries
    ]


def _value_of(entry: AdjustedEntry, ranks_by: str) -> Decimal:
    values = {"raw": entry.raw, "trimmed": entry.trimmed, "adjusted": entry.adjusted}
    return values[ranks_by]


def public_lines(contents: Contents, votes: Votes) -> list[StandingLine]:
    """Return the public's lines: as many points as accepted votes."""
    return [
        StandingLine(line["id"], line["section"], Decimal(votes[line["work"]]), votes[line["work"]])
        for line in contents["works"]
        if line["work"] in votes
    ]


def as_lines(source: str, found: Iterable[StandingLine], numbers: Mapping[int, str]) -> list[Line]:
    """Return standings as a bundle has them, with their ranks, by work."""
    found = list(found)
    ranks = rank_in_sections(found)
    lines = [
        {
            "source": source,
            "work": numbers[one.entry_id],
            "value": exactly(one.value),
            "readings": one.readings,
            "rank": ranks[one.entry_id],
            "raw": exactly(one.raw),
            "trimmed": exactly(one.trimmed),
            "adjusted": exactly(one.adjusted),
        }
        for one in found
    ]
    return sorted(lines, key=lambda line: str(line["work"]))


def exactly(value: Decimal | None) -> str | None:
    """Return the value as a text with all its decimals."""
    return None if value is None else f"{value:.{DECIMAL_PLACES}f}"


def _differences(source: str, stated: list[Line], found: list[Line]) -> Iterator[str]:
    if stated == found:
        return
    ours = {line["work"]: line for line in found}
    theirs = {line["work"]: line for line in stated}
    for work in sorted(ours.keys() | theirs.keys()):
        mine, said = ours.get(work), theirs.get(work)
        if mine is None:
            yield f"{work} stands in “{source}”, but nothing in the bundle gives it a value."
        elif said is None:
            yield f"{work} is missing in “{source}”: its value is {mine['value']}."
        elif mine != said:
            yield (
                f"{work} in “{source}”: recomputed {mine['value']} from {mine['readings']}, rank "
                f"{mine['rank']}; stated {said['value']} from {said['readings']}, rank "
                f"{said['rank']}, or a mean beside it differs."
            )
