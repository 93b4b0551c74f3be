"""A bundle is believed because nothing in it can be changed without being seen."""

import hashlib
import io
import json
import random
import re
import shutil
import struct
import subprocess
import sys
import zipfile
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from django.core.management import call_command

from portal.results.bundle.command import main
from portal.results.bundle.container import write_archive
from portal.results.bundle.parts import MANIFEST, NAMES, RULE, TABLES, fits
from portal.results.bundle.verify import verify
from tests.portal.results.bundle.forgery import (
    BYTE_EDITS,
    any_line,
    any_value,
    read_parts,
    repaired,
    root_of,
)
from voting.ledger.lines import canonical

BYTE_FORGERIES, FORGERIES = 350, 150


def problems_of(path, **options):
    return verify(path, **options).problems


@pytest.fixture
def target(tmp_path):
    return tmp_path / "forged.zip"


# --- what is right ------------------------------------------------------------------------


def test_a_bundle_is_verified_with_its_root(bundle, capsys):
    root = root_of(bundle)
    assert main([str(bundle), "--root", root]) == 0
    words = capsys.readouterr().out.splitlines()
    assert words == [
        "第三届摄影大赛 (2026), final, version 1",
        "20 works, 80 scorecards, 37 votes: all standings and 13 awards recomputed.",
        f"Root: {root}",
        "OK: the bundle is the one that was published, and its awards follow from it.",
    ]


def test_without_a_root_it_says_what_is_left_to_do(bundle, capsys):
    assert main([str(bundle)]) == 0
    assert capsys.readouterr().out.endswith(
        "Compare the root with the one published, or give it.\n"
    )


def test_the_command_of_an_installed_site_does_the_same(bundle):
    with redirect_stdout(io.StringIO()) as said:
        call_command("verify_results", str(bundle), root=root_of(bundle))
    assert "OK: the bundle is the one that was published" in said.getvalue()
    with redirect_stdout(io.StringIO()) as said, pytest.raises(SystemExit) as left:
        call_command("verify_results", str(bundle), root="0" * 64)
    assert left.value.code == 1
    assert said.getvalue().endswith("it does not add up.\n")


def test_any_zip_program_opens_it(bundle):
    with zipfile.ZipFile(bundle) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == NAMES
        assert {one.compress_type for one in archive.infolist()} == {zipfile.ZIP_STORED}


def test_it_repacks_to_the_same_bytes(bundle, target):
    assert repaired(bundle, target, lambda tables, rule: None) == root_of(bundle)
    assert target.read_bytes() == bundle.read_bytes()


def test_the_order_in_which_rows_come_does_not_matter(bundle, target):
    chance = random.Random(3)

    def shuffle(tables, rule):
        for name in ("works", "rounds", "lists", "scores", "standings", "replacements"):
            chance.shuffle(tables[name])

    repaired(bundle, target, shuffle)
    assert target.read_bytes() == bundle.read_bytes()


def test_nobody_is_named_and_no_note_and_no_time_is_in_it(bundle):
    parts = read_parts(bundle)
    text = b"".join(parts[name] for name in [MANIFEST, RULE, *TABLES]).decode()
    for secret in ("秘密的评语", "李四", "decided_by", "created_at", "@"):
        assert secret not in text
    assert not re.search(r"\d\d:\d\d", text)
    judges = {json.loads(line)["judge"] for line in parts["scores.jsonl"].splitlines()}
    assert judges == {"j01", "j02", "j03", "j04", "j05"}


def test_it_is_checked_with_nothing_but_its_modules_and_numpy(bundle, tmp_path):
    """The copy has no Django, no settings and no database to import."""
    here = Path(__file__).parents[4]
    for folder in ("portal/results/bundle", "voting/ledger"):
        shutil.copytree(here / folder, tmp_path / folder)
    pure = [
        "competition/editions/weighing.py",
        *(f"competition/judging/{name}.py" for name in ("scoring", "adjusting", "severity")),
        "competition/judging/shrinkage.py",
        *(f"competition/awards/{name}.py" for name in ("rulebook", "merits", "caps")),
        *(f"competition/awards/{name}.py" for name in ("selection", "replacement")),
    ]
    for name in pure:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(here / name, tmp_path / name)
    program = (
        "import sys; sys.modules['django'] = sys.modules['wagtail'] = None\n"
        "from portal.results.bundle.command import main\n"
        "code = main(sys.argv[1:])\n"
        "others = {name.split('.')[0] for name in sys.modules} & {'django', 'wagtail', 'PIL'}\n"
        "assert others <= {'django', 'wagtail'}, others\n"
        "sys.exit(code)"
    )
    command = [sys.executable, "-c", program, bundle, "--root", root_of(bundle)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "OK: the bundle is the one that was published" in done.stdout
    alone = [sys.executable, "-m", "portal.results.bundle", bundle, "--root", "0" * 64]
    done = subprocess.run(alone, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")


# --- what is wrong ------------------------------------------------------------------------


def test_every_edit_of_the_bytes_fails_even_without_a_root(bundle, target):
    data, chance = bundle.read_bytes(), random.Random(2026)
    for number in range(BYTE_FORGERIES):
        edit = BYTE_EDITS[number % len(BYTE_EDITS)]
        forged = edit(chance, data)
        assert forged != data
        target.write_bytes(forged)
        assert problems_of(target), (number, edit.__name__)


def test_every_bit_of_the_archive_around_the_parts_matters(bundle, target):
    data = bundle.read_bytes()
    first = data.index(b"{")
    for at in [*range(first), *range(len(data) - 200, len(data))]:
        target.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert problems_of(target), at


def test_every_edit_with_all_digests_repaired_fails_by_the_published_root(bundle, target):
    chance, root, data = random.Random(7), root_of(bundle), bundle.read_bytes()
    for number in range(FORGERIES):
        change = (any_value if number % 3 else any_line)(chance)
        repaired(bundle, target, change)
        if target.read_bytes() == data:  # a text of a list became what it was
            continue
        assert problems_of(target, root=root), number


def test_another_score_fails_by_recomputation_whatever_is_repaired(bundle, target):
    """Every single point moves a mean, so no root is needed to see it."""
    chance = random.Random(11)
    for _ in range(40):

        def change(tables, rule):
            card = chance.choice(tables["scores"])
            code = chance.choice(sorted(card["scores"]))
            card["scores"][code] += 1 if card["scores"][code] < 10 else -1

        repaired(bundle, target, change)
        found = problems_of(target)
        assert any("recomputed" in one for one in found), found


def works_of(tables, code):
    return [line for line in tables["awards"] if line["category"] == code]


def exchange_an_award(tables, rule):
    awarded = {line["work"] for line in tables["awards"]}
    other = next(line for line in tables["works"] if line["work"] not in awarded)
    works_of(tables, "shortlisted")[0]["work"] = other["work"]


def raise_a_rank(tables, rule):
    works_of(tables, "expert")[-1]["rank"] += 1


def drop_a_replacement(tables, rule):
    tables["replacements"].pop()


def let_a_work_stay_out(tables, rule):
    awarded = works_of(tables, "expert")[0]["work"]
    next(line for line in tables["works"] if line["work"] == awarded)["out"] = 0


def drop_the_decision(tables, rule):
    tables["decisions"].clear()


def give_more_places(tables, rule):
    category = rule["rule"]["categories"][0]
    category["places"] = {key: n + 1 for key, n in category["places"].items()}


def tighten_the_cap(tables, rule):
    rule["rule"]["caps"]["organisation"] = 1


def weigh_otherwise(tables, rule):
    rule["criteria"][0]["weight"] = 90


def rank_by_the_raw_mean(tables, rule):
    tables["rounds"][0]["ranks_by"] = "raw"


def add_a_vote(tables, rule):
    line = next(line for line in tables["standings"] if line["source"] == "public")
    line["readings"] += 1
    line["value"] = f"{line['readings']}.000000"


def drop_a_card(tables, rule):
    tables["scores"].pop(5)


def move_a_judge(tables, rule):
    judges = tables["rounds"][0]["judges"]
    judge = next(name for name, kind in judges.items() if kind == "expert")
    judges[judge] = "industry"


def change_a_digest(tables, rule):
    tables["lists"][0]["digest"] = "0" * 64


def change_an_id(tables, rule):
    tables["works"][0]["id"] += 1000


def forget_the_owner(tables, rule):
    tables["works"][0]["organisation"] = None


def leave_the_scale(tables, rule):
    rule["scale"]["highest"] = 7


LIES = {
    exchange_an_award: "The rule does not give",
    raise_a_rank: "The rule does not give",
    drop_a_replacement: "The rule does not give",
    let_a_work_stay_out: "By the rule there is also",
    drop_the_decision: "is not decided",
    give_more_places: "By the rule there is also",
    tighten_the_cap: "Replacement|The rule does not give|is not decided",
    weigh_otherwise: "recomputed",
    rank_by_the_raw_mean: "recomputed",
    add_a_vote: "recomputed",
    drop_a_card: "recomputed|is missing|nothing in the bundle",
    move_a_judge: "recomputed",
    change_a_digest: "The digest of the standing",
    change_an_id: "The digest of the standing",
    forget_the_owner: "which organisation",
    leave_the_scale: "not on the scale",
}


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_a_lie_with_every_digest_repaired_is_found_by_recomputation(bundle, target, lie):
    repaired(bundle, target, lie)
    found = problems_of(target)
    assert any(re.search(LIES[lie], one) for one in found), found


# --- what is hostile ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [b"", b"PK", b"PK\3\4", b"PK\5\6" + bytes(18), b"\x00" * 5000, b"PK\3\4" + b"\xff" * 5000],
)
def test_what_is_no_bundle_is_refused(target, data):
    target.write_bytes(data)
    assert len(problems_of(target)) == 1


def test_a_name_that_is_a_path_or_comes_twice_is_refused(bundle, target):
    parts = list(read_parts(bundle).items())
    for more in (("../../etc/passwd", b"x"), ("rule.json", b"{}"), ("root", b"x")):
        with target.open("wb") as file:
            write_archive(file, [*parts, more])
        [problem] = problems_of(target)
        assert "no part of a bundle" in problem


def test_a_size_that_is_not_there_is_not_believed(bundle, target):
    data = bytearray(bundle.read_bytes())
    data[18:26] = struct.pack("<2I", 2**32 - 1, 2**32 - 1)
    target.write_bytes(data)
    assert problems_of(target) == ["The file is cut short."]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 50_000,
        "9" * 10_000,
        "NaN",
        "1e999",
        "-1",
        "1.5",
        "null",
        '"\\ud800"',
        "{}",
        '{"work":1}',
    ],
)
def test_no_json_brings_the_check_down(bundle, target, text):
    for part in ("scores.jsonl", "rule.json", "rounds.jsonl"):
        _with_raw(bundle, target, part, text.encode() + b"\n")
        assert problems_of(target)


def _with_raw(bundle, target, part, data):
    """Write the bundle with these bytes in place of a part, and a manifest that says so."""
    parts = read_parts(bundle) | {part: data}
    manifest = json.loads(parts[MANIFEST])
    for one in manifest["parts"]:
        if one["name"] == part:
            one |= {
                "bytes": len(data),
                "lines": data.count(b"\n"),
                "sha256": hashlib.sha256(data).hexdigest(),
            }
    parts[MANIFEST] = canonical(manifest)
    parts["root"] = hashlib.sha256(parts[MANIFEST]).hexdigest().encode() + b"\n"
    with target.open("wb") as file:
        write_archive(file, list(parts.items()))


def test_numbers_that_are_too_large_are_refused(bundle, target):
    def change(tables, rule):
        tables["works"][0]["id"] = 2**60

    repaired(bundle, target, change)
    assert problems_of(target) == ["works.jsonl, line 1: it is damaged, or no line of this part."]


def test_random_values_never_end_in_a_traceback(bundle, target):
    chance = random.Random(5)
    odd = [None, 0, 1, -1, 2**53, "", "x", [], {}, True, [1], {"a": 1}]
    for _ in range(60):

        def change(tables, rule):
            lines = tables[chance.choice(sorted(name for name in tables if tables[name]))]
            line = chance.choice([*lines, rule, rule["rule"]])
            line[chance.choice(sorted(line))] = chance.choice(odd)

        try:
            repaired(bundle, target, change)
        except TypeError:  # what cannot even be sorted cannot be written so
            continue
        verify(target)


def test_a_shape_asks_for_the_very_type():
    assert fits(1, int)
    assert not fits(True, int)
    assert not fits(1, bool)
    assert not fits(1.0, int)
    assert not fits(-1, int)
    assert fits(None, (int, None))
    assert fits({"a": [1]}, {str: [int]})
    assert not fits({"a": 1, "b": 2}, {"a": int})


def test_what_would_steer_a_terminal_is_not_printed(bundle, target, capsys):
    def change(tables, rule):
        tables["awards"][0]["work"] = "\x1b[2J"

    repaired(bundle, target, change)
    assert main([str(target)]) == 1
    assert "\x1b" not in capsys.readouterr().out
