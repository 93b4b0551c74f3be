"""The rule of the awards: exact cases first, then what must hold for every input."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.awards import selection as rule_of_selection
from competition.awards.merits import Line, combined_merits, normalised_positions
from competition.awards.rulebook import Category, Rule
from competition.awards.selection import Chosen, Decision, Tie


def select(categories, standings, **given):
    """Select by a rule of these categories and nothing beside them."""
    return rule_of_selection.select(Rule(tuple(categories)), standings, **given)


def lines(ranks, section=1):
    """Return standings from {work: rank}."""
    return [Line(entry, section, rank) for entry, rank in ranks.items()]


def jury(places, code="expert"):
    return Category(code, "jury", places)


def winners(selection, code):
    return [award.entry for award in selection.awards if award.category == code]


def test_the_best_get_the_places_with_their_ranks():
    selection = select([jury({1: 3})], {"jury": lines({10: 4, 11: 1, 12: 1, 13: 3})})
    assert selection.awards == (
        Chosen("expert", 1, 11, 1),
        Chosen("expert", 1, 12, 1),
        Chosen("expert", 1, 13, 3),
    )
    assert selection.ties == ()


def test_each_section_has_places_of_its_own():
    standings = {"jury": lines({10: 1, 11: 2}) + lines({20: 1, 21: 2}, section=2)}
    selection = select([jury({1: 1, 2: 2})], standings)
    assert winners(selection, "expert") == [10, 20, 21]


def test_a_section_without_places_gets_none():
    assert select([jury({})], {"jury": lines({10: 1})}).awards == ()
    assert select([jury({1: 0})], {"jury": lines({10: 1})}) == select([], {})


def test_fewer_works_than_places_all_get_one():
    assert winners(select([jury({1: 5})], {"jury": lines({10: 1, 11: 1})}), "expert") == [10, 11]


def test_the_second_category_passes_over_what_the_first_has_taken():
    categories = [jury({1: 1}), Category("popular", "public", {1: 1})]
    standings = {"jury": lines({10: 1, 11: 2}), "public": lines({10: 1, 11: 2})}
    selection = select(categories, standings)
    assert selection.awards == (Chosen("expert", 1, 10, 1), Chosen("popular", 1, 11, 1))


def test_an_excluded_work_is_passed_over_and_moves_nobody_else():
    # With 10 taken out of the lists, 12 would be level with 11; it stays behind.
    category = Category("shortlisted", "combined", {1: 1}, jury_weight=50)
    standings = {
        "jury": lines({11: 1, 10: 2, 12: 3}),
        "public": lines({12: 1, 11: 2, 10: 3}),
    }
    selection = select([category], standings, excluded={10})
    assert winners(selection, "shortlisted") == [11]
    assert selection.ties == ()


def test_a_tie_across_the_last_place_is_reported_and_left_out():
    selection = select([jury({1: 3})], {"jury": lines({10: 1, 11: 2, 12: 2, 13: 2, 14: 5})})
    assert winners(selection, "expert") == [10]
    assert selection.ties == (Tie("expert", 1, 2, (11, 12, 13)),)


def test_a_tie_that_fits_is_no_tie():
    selection = select([jury({1: 2})], {"jury": lines({10: 1, 11: 1, 12: 3, 13: 3})})
    assert winners(selection, "expert") == [10, 11]
    assert selection.ties == ()


TIED = {"jury": lines({10: 1, 11: 1, 12: 3}), "public": lines({10: 1, 11: 2, 12: 3})}
TWO = [jury({1: 1}), Category("popular", "public", {1: 1})]


def test_later_categories_of_the_section_wait_for_the_decision():
    selection = select(TWO, TIED)
    assert selection.awards == ()
    assert selection.ties == (Tie("expert", 1, 1, (10, 11)),)


def test_the_people_s_decision_is_followed_and_the_later_category_follows_from_it():
    selection = select(TWO, TIED, decisions=[Decision("expert", 1, frozenset({10}))])
    assert selection.awards == (Chosen("expert", 1, 10, 1), Chosen("popular", 1, 11, 1))
    selection = select(TWO, TIED, decisions=[Decision("expert", 1, frozenset({11}))])
    assert selection.awards == (Chosen("expert", 1, 11, 1), Chosen("popular", 1, 10, 1))


def test_another_section_does_not_wait():
    standings = {"jury": lines({10: 1, 11: 1}) + lines({20: 1}, section=2)}
    selection = select([jury({1: 1, 2: 1})], standings)
    assert winners(selection, "expert") == [20]


@pytest.mark.parametrize("entries", [set(), {10, 11}, {12}, {10, 99}])
def test_a_decision_that_does_not_fit_the_tie_decides_nothing(entries):
    selection = select(TWO, TIED, decisions=[Decision("expert", 1, frozenset(entries))])
    assert selection.ties == (Tie("expert", 1, 1, (10, 11)),)


def test_a_list_with_a_work_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        select([], {"jury": [Line(1, 1, 1), Line(1, 1, 2)]})


def test_an_unknown_source_is_refused():
    with pytest.raises(ValueError, match="oracle"):
        select([Category("expert", "oracle", {1: 1})], {})


def test_positions_run_from_one_to_nought_and_ties_share_the_mean():
    positions = normalised_positions(lines({10: 1, 11: 2, 12: 2, 13: 4, 14: 5}))
    assert positions == {
        1: {
            10: Fraction(1),
            11: Fraction(5, 8),
            12: Fraction(5, 8),
            13: Fraction(1, 4),
            14: Fraction(0),
        }
    }


def test_a_work_alone_in_its_section_stands_at_one():
    assert normalised_positions(lines({10: 1})) == {1: {10: Fraction(1)}}


def test_combined_merit_weighs_the_positions_exactly():
    merits = combined_merits(
        lines({10: 1, 11: 2, 12: 3}), lines({12: 1, 10: 2, 11: 3}), jury_weight=70
    )
    assert merits == {1: {10: Fraction(85, 100), 11: Fraction(35, 100), 12: Fraction(30, 100)}}


def test_a_work_that_stands_in_one_list_only_has_no_combined_merit():
    merits = combined_merits(lines({10: 1, 11: 2}), lines({11: 1}), jury_weight=70)
    assert merits == {1: {11: Fraction(70 * 0 + 30 * 1, 100)}}


# --- What holds for every input -------------------------------------------------------------

SECTIONS = [1, 2]


@st.composite
def competitions(draw):
    """Draw categories, both standings and works that are excluded. Ties are frequent."""
    section_of = draw(st.lists(st.sampled_from(SECTIONS), max_size=14))
    entries = range(len(section_of))

    def standing():
        ranks = draw(st.lists(st.integers(1, 5), min_size=len(entries), max_size=len(entries)))
        stands = draw(st.lists(st.booleans(), min_size=len(entries), max_size=len(entries)))
        return [Line(e, section_of[e], ranks[e]) for e in entries if stands[e] or e % 3]

    places = st.fixed_dictionaries({section: st.integers(0, 5) for section in SECTIONS})
    sources = draw(st.lists(st.sampled_from(["jury", "public", "combined"]), max_size=4))
    categories = [
        Category(f"c{i}", source, draw(places), draw(st.integers(0, 100)))
        for i, source in enumerate(sources)
    ]
    standings = {"jury": standing(), "public": standing()}
    excluded = draw(st.sets(st.sampled_from(entries))) if entries else set()
    return categories, standings, excluded


def decide_all(categories, standings, excluded, choose):
    """Let people decide every tie, one after the other; return selections and decisions."""
    decisions = []
    history = [select(categories, standings, excluded=excluded)]
    while history[-1].ties:
        tie = history[-1].ties[0]
        chosen = frozenset(choose(tie))
        decisions.append(Decision(tie.category, tie.section, chosen))
        history.append(select(categories, standings, excluded=excluded, decisions=decisions))
    return history, decisions


def merits_of(category, standings):
    """Return {work: merit}, by the definition of the source, more is better."""
    if category.source == "combined":
        merits = combined_merits(
            standings["jury"], standings["public"], jury_weight=category.jury_weight
        )
        return {entry: merit for works in merits.values() for entry, merit in works.items()}
    return {line.entry: -line.rank for line in standings[category.source]}


@given(competitions())
def test_never_more_than_the_places_and_no_work_twice(competition):
    categories, standings, excluded = competition
    selection = select(categories, standings, excluded=excluded)
    for category in categories:
        for section, places in category.places.items():
            mine = [
                a for a in selection.awards if (a.category, a.section) == (category.code, section)
            ]
            assert len(mine) <= places
    awarded = [award.entry for award in selection.awards]
    assert len(awarded) == len(set(awarded))
    assert not excluded & set(awarded)


@given(competitions(), st.randoms(use_true_random=False))
def test_row_order_does_not_matter(competition, random):
    categories, standings, excluded = competition
    shuffled = {source: random.sample(rows, len(rows)) for source, rows in standings.items()}
    assert select(categories, shuffled, excluded=excluded) == select(
        categories, standings, excluded=excluded
    )


@given(competitions())
def test_what_is_awarded_ranks_at_least_as_high_as_what_is_left_out(competition):
    categories, standings, excluded = competition
    history, _ = decide_all(
        categories, standings, excluded, lambda tie: tie.entries[: tie.places_left]
    )
    for selection in history:
        taken = set(excluded)
        for category in categories:
            merits = merits_of(category, standings)
            chosen = {a.entry for a in selection.awards if a.category == category.code}
            section_of = {a.entry: a.section for a in selection.awards}
            for line in standings["jury"] + standings["public"]:
                left_out = line.entry in merits and line.entry not in taken | chosen
                for winner in chosen:
                    if left_out and section_of[winner] == line.section:
                        assert merits[winner] >= merits[line.entry]
            taken |= chosen


@given(competitions())
def test_a_tie_is_never_broken_silently(competition):
    """Without a decision, works of equal merit are awarded together or not at all."""
    categories, standings, excluded = competition
    selection = select(categories, standings, excluded=excluded)
    taken = set(excluded)
    for category in categories:
        merits = merits_of(category, standings)
        chosen = {a.entry: a.section for a in selection.awards if a.category == category.code}
        section_of = {line.entry: line.section for line in standings["jury"] + standings["public"]}
        for winner, section in chosen.items():
            equals = {
                entry
                for entry, merit in merits.items()
                if merit == merits[winner] and section_of[entry] == section and entry not in taken
            }
            assert equals <= set(chosen)
        taken |= set(chosen)


@given(competitions())
def test_places_stay_empty_only_for_a_tie_or_for_want_of_works(competition):
    categories, standings, excluded = competition
    history, _ = decide_all(
        categories, standings, excluded, lambda tie: tie.entries[-tie.places_left :]
    )
    selection = history[-1]
    section_of = {line.entry: line.section for line in standings["jury"] + standings["public"]}
    taken = set(excluded)
    for category in categories:
        merits = merits_of(category, standings)
        chosen = {a.entry for a in selection.awards if a.category == category.code}
        for section, places in category.places.items():
            eligible = {e for e in merits if section_of[e] == section and e not in taken}
            mine = {e for e in chosen if section_of[e] == section}
            assert len(mine) == min(places, len(eligible))
        taken |= chosen


@given(competitions(), st.randoms(use_true_random=False))
def test_a_decision_only_ever_adds_awards(competition, random):
    categories, standings, excluded = competition
    history, decisions = decide_all(
        categories, standings, excluded, lambda tie: random.sample(tie.entries, tie.places_left)
    )
    for earlier, later in pairwise(history):
        assert set(earlier.awards) < set(later.awards)
    awarded = {award.entry for award in history[-1].awards}
    for decision in decisions:
        assert decision.entries <= awarded


@given(competitions())
def test_excluding_a_work_without_an_award_changes_nothing(competition):
    """Replacing one work moves nobody else's rank: positions come from the frozen lists."""
    categories, standings, _ = competition
    selection = select(categories, standings)
    tied = {entry for tie in selection.ties for entry in tie.entries}
    named = {award.entry for award in selection.awards} | tied
    for line in standings["jury"]:
        if line.entry not in named:
            assert select(categories, standings, excluded={line.entry}) == selection
