"""Does a bundle speak of nothing but what is in it? Asked first: the rest may then trust names."""

from collections import Counter
from collections.abc import Iterable, Iterator

from competition.awards.rulebook import (
    COMBINED,
    EXPERT,
    INDUSTRY,
    JURY,
    PUBLIC,
    WEIGHTED,
    Rule,
    from_json,
)
from portal.results.bundle.parts import NOTICE, Contents, Line

MOST_CELLS = 20_000_000  # works times judges of a round: the adjustment lays them in a table
MOST_WEIGHT = 1_000_000
MOST_REPLACEMENTS, MOST_CATEGORIES = 1000, 100  # for each of them the rule is followed anew


def reference_problems(contents: Contents, stage: str) -> Iterator[str]:
    """Yield what is named and not there, or there in a way that no bundle has."""
    works = {line["work"] for line in contents["works"]}
    sections = {line["id"] for line in contents.rule["sections"]}
    codes = {line["code"] for line in contents.rule["categories"]}
    yield from _rule_problems(contents.rule, sections, codes)
    yield from _work_problems(contents, sections)
    yield from _judging_problems(contents)
    for table in ("scores", "standings", "replacements"):
        yield from _unknown(table, (line["work"] for line in contents[table]), works)
    for line in contents["decisions"]:
        yield from _unknown("decisions", line["tied"] + line["chosen"], works)
    places = list(contents["awards"])
    for line in contents["replacements"]:
        places += line["lost"] + line["gained"]
    yield from _unknown("awards", (line["work"] for line in places), works)
    named = places + contents["decisions"]
    yield from _unknown("categories", (line["category"] for line in named), codes)
    yield from _unknown("sections", (line["section"] for line in named), sections)
    numbers = [line["number"] for line in contents["replacements"]]
    if numbers != list(range(1, len(numbers) + 1)):
        yield "replacements: they are not numbered 1, 2, 3 ..."
    if len(numbers) > MOST_REPLACEMENTS:
        yield "replacements: there are more than of any competition."
    if numbers and stage == NOTICE:
        yield "replacements: what was put on notice cannot have any yet."


def _unknown(what: str, names: Iterable[object], known: set) -> Iterator[str]:
    strangers = sorted({str(name) for name in names if name not in known})
    if strangers:
        yield f"{what}: these are nowhere in the bundle: {', '.join(strangers[:5])}."


def _rule_problems(rule: Line, sections: set[int], codes: set[str]) -> Iterator[str]:
    parsed = rule["rule"]
    if len(parsed["categories"]) > MOST_CATEGORIES:
        yield "rule: there are more categories than of any competition."
    for one in parsed["categories"]:
        if one["source"] not in (JURY, PUBLIC, COMBINED, WEIGHTED):
            yield f"rule: nothing is known of the source {one['source']}."
        weights = (one["jury_weight"], one["expert_weight"] + one["industry_weight"])
        if max(*weights, one["jury_floor"]) > 100:
            yield f"rule: the weights of {one['code']} are more than 100%."
        known = {str(pk) for pk in sections}
        yield from _unknown("rule", one["places"], known)
    yield from _unknown("rule", parsed["sections"], sections)
    yield from _unknown("rule", (one["code"] for one in parsed["categories"]), codes)
    for what, key in (("categories", "code"), ("sections", "id"), ("criteria", "code")):
        if _doubled(line[key] for line in rule[what]):
            yield f"rule: one of the {what} stands twice."
    if any(line["weight"] > MOST_WEIGHT for line in rule["criteria"]):
        yield "rule: no criterion weighs as much."


def _work_problems(contents: Contents, sections: set[int]) -> Iterator[str]:
    works, caps = contents["works"], contents.rule["rule"]["caps"]
    if _doubled(line["id"] for line in works):
        yield "works: two have the same id."
    yield from _unknown("works", (line["section"] for line in works), sections)
    for kind in ("organisation", "author"):
        if caps[kind] and any(line[kind] is None for line in works):
            yield f"works: it is not said of each which {kind} it is of, so the cap is unsure."


def _judging_problems(contents: Contents) -> Iterator[str]:
    rounds = {line["round"]: line for line in contents["rounds"]}
    for line in contents["lists"]:
        if line["source"] not in (JURY, PUBLIC, EXPERT, INDUSTRY):
            yield f"lists: nothing is known of the source {line['source']}."
        if (line["round"] is None) != (line["source"] == PUBLIC):
            yield f"lists: only the public's standing comes from no round ({line['source']})."
    yield from _unknown(
        "standings",
        {line["source"] for line in contents["standings"]},
        {line["source"] for line in contents["lists"]},
    )
    if rounds.keys() != {line["round"] for line in contents["lists"]} - {None}:
        yield "rounds: they are not those that the frozen standings come from."
    read = Counter(card["round"] for card in contents["scores"])
    for line in rounds.values():
        if line["ranks_by"] not in ("raw", "trimmed", "adjusted"):
            yield f"rounds: {line['round']} ranks by something unknown."
        works = min(read[line["round"]], len(contents["works"]))
        if works * len(line["judges"]) > MOST_CELLS:
            yield f"rounds: {line['round']} has more judges and works than any competition."
    yield from _card_problems(contents, rounds)


def _card_problems(contents: Contents, rounds: dict[int, Line]) -> Iterator[str]:
    codes = {line["code"] for line in contents.rule["criteria"]}
    scale = contents.rule["scale"]
    for card in contents["scores"]:
        if card["judge"] not in rounds.get(card["round"], {"judges": ()})["judges"]:
            yield f"scores: {card['judge']} is no judge of round {card['round']}."
        elif not card["scores"].keys() <= codes:
            yield f"scores: {card['judge']} scored {card['work']} by an unknown criterion."
        elif not all(scale["lowest"] <= n <= scale["highest"] for n in card["scores"].values()):
            yield f"scores: {card['judge']} gave {card['work']} what is not on the scale."


def missing_lists(rule: Rule, contents: Contents) -> Iterator[str]:
    """Yield a problem for each frozen list that the rule asks for and the bundle lacks."""
    asked = {
        source for one in rule.categories if any(one.places.values()) for source in one.needs()
    }
    for source in sorted(asked - {line["source"] for line in contents["lists"]}):
        yield f"lists: the rule asks for the standing “{source}”, which is not in the bundle."


def rule_of(contents: Contents) -> Rule:
    """Return the rule that the bundle states."""
    return from_json(contents.rule["rule"])


def _doubled(values: Iterable[object]) -> bool:
    return any(n > 1 for n in Counter(values).values())
