"""The awards again: the rule followed, and each replacement of the notice period after it."""

from collections.abc import Iterator, Mapping

from competition.awards.caps import Holder
from competition.awards.merits import Line as Merit
from competition.awards.merits import Standings
from competition.awards.replacement import Place, renumbered
from competition.awards.rulebook import Rule
from competition.awards.selection import Chosen, Decision, Selection, breaches, select
from portal.results.bundle.parts import Contents, Line
from portal.results.bundle.references import missing_lists, rule_of

Awards = dict[Place, int]  # (category, section, work's id) -> rank


def award_problems(contents: Contents) -> Iterator[str]:
    """Yield where awards and replacements are not what rule, standings and decisions give.

    Raises ValueError for a rule by which nothing can be selected.
    """
    rule = rule_of(contents)
    yield from missing_lists(rule, contents)
    holders = holders_of(contents)
    numbers = {line["id"]: line["work"] for line in contents["works"]}
    awards: Awards = {}
    known: Awards = {}
    for step, found in enumerate(selections(contents, rule, holders)):
        before = awards
        awards = _after(step, contents, before, known, found)
        known = known | awards
        if step in (0, len(contents["replacements"])):
            yield from (
                f"A tie in {tie.category}, section {tie.section}, is not decided."
                for tie in found.ties
            )
        if step:
            stated = contents["replacements"][step - 1]
            lost = {place: rank for place, rank in before.items() if place not in awards}
            gained = {place: rank for place, rank in awards.items() if place not in before}
            yield from _moves(step, stated, as_lines(lost, numbers), as_lines(gained, numbers))
    yield from _differences(contents["awards"], in_rule_order(rule, as_lines(awards, numbers)))
    given = [Chosen(*place, rank) for place, rank in awards.items()]
    yield from (f"The awards break the rule: {one}." for one in breaches(rule, given, holders))


def selections(
    contents: Contents, rule: Rule, holders: Mapping[int, Holder]
) -> Iterator[Selection]:
    """Yield what the rule selects at first, and anew after each replacement.

    A work is excluded from the step on that it is out since; a decision counts from its own.
    """
    ids = {line["work"]: line["id"] for line in contents["works"]}
    standings = _standings(contents)
    for step in range(len(contents["replacements"]) + 1):
        yield select(
            rule,
            standings,
            holders=holders,
            excluded=frozenset(
                line["id"]
                for line in contents["works"]
                if line["out"] is not None and line["out"] <= step
            ),
            decisions=[
                Decision(
                    line["category"],
                    line["section"],
                    frozenset(ids[work] for work in line["chosen"]),
                )
                for line in contents["decisions"]
                if line["after"] <= step
            ],
        )


def holders_of(contents: Contents) -> dict[int, Holder]:
    """Return whose each work is, as far as the caps need it: pseudonyms."""
    return {
        line["id"]: Holder(line["organisation"], line["association"], line["author"])
        for line in contents["works"]
    }


def _standings(contents: Contents) -> Standings:
    works = {line["work"]: line for line in contents["works"]}
    lists: dict[str, list[Merit]] = {line["source"]: [] for line in contents["lists"]}
    for line in contents["standings"]:
        work = works[line["work"]]
        merit = Merit(work["id"], work["section"], line["rank"], line["readings"])
        lists[line["source"]].append(merit)
    return Standings(lists)


def _after(
    step: int, contents: Contents, before: Awards, known: Awards, found: Selection
) -> Awards:
    """Return the awards after a step: while a tie is open, nobody moves up yet."""
    if not step:
        return {(one.category, one.section, one.entry): one.rank for one in found.awards}
    if found.ties:
        ids = {line["work"]: line["id"] for line in contents["works"]}
        gone = ids[contents["replacements"][step - 1]["work"]]
        return {place: rank for place, rank in before.items() if place[2] != gone}
    after = renumbered(known, found.awards)
    return {(one.category, one.section, one.entry): one.rank for one in after}


def as_lines(awards: Mapping[Place, int], numbers: Mapping[int, str]) -> list[Line]:
    """Return awards as a bundle has them, sorted by category, section and work."""
    lines = [
        {"category": category, "section": section, "work": numbers[entry], "rank": rank}
        for (category, section, entry), rank in awards.items()
    ]
    return sorted(lines, key=_place)


def in_rule_order(rule: Rule, lines: list[Line]) -> list[Line]:
    """Return awards in the order in which the rule fills its places; equals by number."""
    order = {
        (category.code, section): (at, place)
        for at, category in enumerate(rule.categories)
        for place, (section, _places) in enumerate(rule.places_in_order(category))
    }
    last = (len(rule.categories), 0)

    def key(line: Line) -> tuple:
        where = (line["category"], line["section"])
        return order.get(where, last), where, line["rank"], line["work"]

    return sorted(lines, key=key)


def _place(line: Line) -> tuple[str, int, str]:
    return line["category"], line["section"], line["work"]


def _moves(step: int, stated: Line, lost: list[Line], gained: list[Line]) -> Iterator[str]:
    if not any(line["work"] == stated["work"] for line in lost):
        yield f"Replacement {step}: {stated['work']} had no award to lose."
    for what, found in (("lost", lost), ("gained", gained)):
        if found != stated[what]:
            said = _words(stated[what])
            yield f"Replacement {step}: {_words(found)} {what} an award, not {said}."


def _differences(stated: list[Line], found: list[Line]) -> Iterator[str]:
    if stated == found:
        return
    if sorted(map(str, stated)) == sorted(map(str, found)):
        yield "The awards are not in the order of the rule."
    yield from (f"By the rule there is also {_word(one)}." for one in found if one not in stated)
    yield from (f"The rule does not give {_word(one)}." for one in stated if one not in found)


def _words(lines: list[Line]) -> str:
    return ", ".join(line["work"] for line in lines) or "nobody"


def _word(line: Line) -> str:
    return f"{line['work']} as {line['rank']} of {line['category']} in section {line['section']}"
