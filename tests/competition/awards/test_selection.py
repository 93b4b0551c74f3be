"""The rule of the awards: exact cases first, then what must hold for every input."""

import json
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.awards import selection as rule_of_selection
from competition.awards.caps import Holder
from competition.awards.merits import Line, combined_merits, normalised_positions
from competition.awards.rulebook import Caps, Category, Rule, as_json, from_json
from competition.awards.selection import Chosen, Decision, Passed, Tie, breaches


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


# --- One rule: weights of three, floors, votes, caps, two awards ------------------------------


def by_rule(rule, standings, **given):
    return rule_of_selection.select(rule, standings, **given)


def test_three_standings_weigh_as_declared():
    category = Category("top", "weighted", {1: 3}, expert_weight=50, industry_weight=20)
    standings = {
        "expert": lines({10: 1, 11: 2, 12: 3}),  # 1, 1/2, 0
        "industry": lines({10: 3, 11: 2, 12: 1}),  # 0, 1/2, 1
        "public": lines({10: 2, 11: 3, 12: 1}),  # 1/2, 0, 1
    }
    # 10: .5 + .15 = .65; 12: .2 + .3 = .5; 11: .25 + .1 = .35
    assert winners(select([category], standings), "top") == [10, 12, 11]


def test_a_panel_without_weight_is_not_asked_for():
    category = Category("top", "weighted", {1: 1}, expert_weight=60)
    assert category.needs() == {"expert", "public"}
    standings = {"expert": lines({10: 1, 11: 2}), "public": lines({10: 1, 11: 2})}
    assert winners(select([category], standings), "top") == [10]


def popular(floor=0):
    return Category("popular", "public", {1: 1}, jury_floor=floor)


def test_a_popular_work_must_stand_above_the_jurys_floor():
    jury_list = lines({10: 1, 11: 2, 12: 3, 13: 4})
    public = lines({13: 1, 12: 2, 11: 3, 10: 4})
    selection = select([popular(floor=50)], {"jury": jury_list, "public": public})
    assert winners(selection, "popular") == [11]
    assert selection.passed == (
        Passed("popular", 1, 13, "jury_floor"),
        Passed("popular", 1, 12, "jury_floor"),
    )


def test_a_floor_of_100_asks_only_that_the_jury_ranked_the_work():
    standings = {"jury": lines({10: 1, 11: 2}), "public": lines({12: 1, 11: 2, 10: 3})}
    assert winners(select([popular(floor=100)], standings), "popular") == [11]


def test_a_work_that_nobody_voted_for_is_never_popular():
    public = [Line(10, 1, 1, readings=0), Line(11, 1, 1, readings=0)]
    selection = select([popular()], {"public": public})
    assert (selection.awards, selection.ties) == ((), ())
    assert [one.why for one in selection.passed] == ["no_votes", "no_votes"]


def capped(places, *, holds_two=False, **caps):
    return Rule((jury({1: places}),), may_hold_two=holds_two, caps=Caps(**caps))


A, B = Holder(organisation="a", association="x"), Holder(organisation="b", association="x")


@pytest.mark.parametrize(
    ("caps", "expected", "why"),
    [
        ({"organisation": 1}, [10, 12], "organisation"),
        ({"association": 2}, [10, 11], None),
        ({"association": 1}, [10], "association"),
    ],
)
def test_who_has_all_a_cap_lets_them_have_is_passed_and_the_next_moves_up(caps, expected, why):
    standings = {"jury": lines({10: 1, 11: 2, 12: 3})}
    holders = {10: A, 11: A, 12: B}
    selection = by_rule(capped(2, **caps), standings, holders=holders)
    assert winners(selection, "expert") == expected
    assert [one.why for one in selection.passed][:1] == ([why] if why else [])


def test_equals_of_whom_a_cap_allows_only_some_are_a_tie_for_people():
    standings = {"jury": lines({10: 1, 11: 1, 12: 1, 13: 4})}
    rule, holders = capped(4, organisation=1), {10: A, 11: A, 12: B, 13: Holder("c")}
    selection = by_rule(rule, standings, holders=holders)
    assert (selection.awards, selection.ties) == ((), (Tie("expert", 1, 4, (10, 11, 12)),))

    def decided(*entries):
        choice = [Decision("expert", 1, frozenset(entries))]
        return winners(by_rule(rule, standings, holders=holders, decisions=choice), "expert")

    assert decided(11, 12) == [11, 12, 13]
    assert decided(10, 11) == []  # more than the cap allows
    assert decided(10) == []  # 12 could have a place beside


def test_a_cap_counts_over_categories_and_an_open_tie_holds_up_all_that_follows():
    rule = Rule(
        (jury({1: 1, 2: 1}), Category("popular", "public", {2: 1})), caps=Caps(organisation=1)
    )
    standings = {
        "jury": lines({10: 1, 11: 1}) + lines({20: 1, 21: 2}, section=2),
        "public": lines({20: 2, 21: 1}, section=2),
    }
    holders = {10: A, 11: B, 20: A, 21: B}
    assert by_rule(rule, standings, holders=holders).awards == ()
    choice = [Decision("expert", 1, frozenset({10}))]
    selection = by_rule(rule, standings, holders=holders, decisions=choice)
    assert [award.entry for award in selection.awards] == [10, 21]
    assert selection.passed[0] == Passed("expert", 2, 20, "organisation")


def test_a_work_may_hold_two_where_the_rule_says_so():
    both = (jury({1: 1}), Category("popular", "public", {1: 1}))
    standings = {"jury": lines({10: 1, 11: 2}), "public": lines({10: 1, 11: 2})}
    selection = by_rule(Rule(both, may_hold_two=True), standings)
    assert [award.entry for award in selection.awards] == [10, 10]
    assert breaches(Rule(both, may_hold_two=True), selection.awards) == []
    assert breaches(Rule(both), selection.awards) == ["a work has two awards"]


def test_a_rule_comes_back_from_json_as_it_went():
    rule = Rule((jury({3: 1, 1: 2}), popular(floor=50)), True, Caps(1, 2, 3), (3, 1))
    assert from_json(json.loads(json.dumps(as_json(rule)))) == rule


@st.composite
def ruled_competitions(draw):
    """Draw a whole rule, its standings, holders and excluded works. Ties and caps bite often."""
    categories, standings, excluded = draw(competitions())
    entries = sorted({line.entry for rows in standings.values() for line in rows})
    held = st.builds(Holder, st.integers(0, 2), st.integers(0, 1) | st.none(), st.integers(0, 4))
    holders = {entry: draw(held) for entry in entries}
    caps = draw(st.builds(Caps, st.integers(0, 3), st.integers(0, 3), st.integers(0, 2)))
    standings["expert"] = standings["jury"]
    standings["industry"] = [Line(e, s, 6 - r) for e, s, r in map(_plain, standings["jury"])]
    standings["public"] = [
        Line(e, s, r, draw(st.integers(0, 2))) for e, s, r in map(_plain, standings["public"])
    ]
    last = Category("last", "weighted", {1: 2, 2: 2}, expert_weight=40, industry_weight=30)
    floors = [draw(st.sampled_from([0, 0, 50, 100])) for _category in categories]
    floored = [replace(c, jury_floor=f) for c, f in zip(categories, floors, strict=True)]
    rule = Rule((*floored, last), draw(st.booleans()), caps, tuple(draw(st.permutations([1, 2]))))
    return rule, standings, holders, excluded


def _plain(line):
    return line.entry, line.section, line.rank


def settle_all(rule, standings, random, **given):
    """Let people decide every tie by chance, one after the other."""
    decisions, history, asked = [], [], []

    def ask(room):
        choice = rule_of_selection.as_decided(decisions)(room)
        if not choice:
            asked.append(room)
        return choice

    while True:
        asked.clear()
        history.append(rule_of_selection.select_deciding(rule, standings, decide=ask, **given))
        if not asked:
            return history, decisions
        room, choice = asked[0], []
        for entry in random.sample(room.tie.entries, len(room.tie.entries)):
            if room.fits([*choice, entry]):
                choice.append(entry)
        decisions.append(Decision(room.tie.category, room.tie.section, frozenset(choice)))


@given(ruled_competitions(), st.randoms(use_true_random=False))
def test_no_selection_breaks_its_rule_and_deciding_only_adds(competition, random):
    rule, standings, holders, excluded = competition
    given = {"holders": holders, "excluded": excluded}
    history, decisions = settle_all(rule, standings, random, **given)
    for selection in history:
        assert breaches(rule, selection.awards, holders) == []
        assert not excluded & {award.entry for award in selection.awards}
    for earlier, later in pairwise(history):
        assert set(earlier.awards) < set(later.awards)
    assert by_rule(rule, standings, decisions=decisions, **given) == history[-1]


@given(ruled_competitions(), st.randoms(use_true_random=False))
def test_no_order_of_rows_matters_to_a_rule(competition, random):
    rule, standings, holders, excluded = competition
    _history, decisions = settle_all(rule, standings, random, holders=holders, excluded=excluded)
    shuffled = {source: random.sample(rows, len(rows)) for source, rows in standings.items()}
    turned = replace(
        rule,
        categories=tuple(
            replace(one, places=dict(reversed(one.places.items()))) for one in rule.categories
        ),
    )
    assert by_rule(
        turned,
        shuffled,
        holders=dict(reversed(holders.items())),
        excluded=excluded,
        decisions=random.sample(decisions, len(decisions)),
    ) == by_rule(rule, standings, holders=holders, excluded=excluded, decisions=decisions)


@given(ruled_competitions())
def test_replacing_an_awarded_work_turns_no_two_others_round(competition):
    rule, standings, holders, excluded = competition
    before = by_rule(rule, standings, holders=holders, excluded=excluded)
    for gone in before.awards:
        after = by_rule(rule, standings, holders=holders, excluded={*excluded, gone.entry})
        assert breaches(rule, after.awards, holders) == []
        assert gone.entry not in {award.entry for award in after.awards}
        rank = {(one.category, one.section, one.entry): one.rank for one in after.awards}
        for one, other in combinations(before.awards, 2):
            keys = [(x.category, x.section, x.entry) for x in (one, other)]
            if keys[0][:2] == keys[1][:2] and all(key in rank for key in keys):
                ranks = [rank[key] for key in keys]
                assert (one.rank < other.rank) == (ranks[0] < ranks[1])
                assert (one.rank == other.rank) == (ranks[0] == ranks[1])
