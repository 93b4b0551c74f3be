"""What a table of organisations says, row by row; a spreadsheet read; and the import itself."""

import io

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from wagtail.log_actions import registry
from wagtail.models import ModelLogEntry

from competition.organisations.bulk_import import apply_import, digest, plan_import
from competition.organisations.checks import OrganisationRefused
from competition.organisations.importing import (
    HeaderMissing,
    Known,
    Outcome,
    Row,
    Trouble,
    plan,
    read_rows,
)
from competition.organisations.models import Invitation, Organisation
from competition.organisations.names import name_key, one_line, probable_duplicates
from portal.sheet_reader import read_table
from tests.admin.conftest import sign_in
from tests.competition.organisations.people import manager_of, organiser
from tests.factories import AssociationFactory, CompanyFactory

HEADER = ["类型", "名称", "所属协会", "省份", "联系电话", "负责人邮箱"]


def company(number=2, name="远帆船舶", **fields) -> Row:
    return Row(number=number, kind="company", name=name, **fields)


def troubles(*rows, known=None) -> list[list[Trouble]]:
    return [[trouble for trouble, _ in line.troubles] for line in plan(rows, known or {})]


# --- rows -----------------------------------------------------------------------------------


def test_columns_are_found_by_their_names_in_either_language_and_any_order():
    rows = [Row(2, "company", "远帆 船舶", province="浙江"), Row(4, "association", "某市协会")]
    chinese = [
        ["名称", "省份", "类型"],
        [" 远帆  船舶 ", "浙江", "企业"],
        ["", " "],
        ["某市协会", "", "协会"],
    ]
    english = [
        ["Name", "PROVINCE", "kind"],
        ["远帆 船舶", "浙江", "Company"],
        [],
        ["某市协会", "", "association"],
    ]
    assert read_rows(chinese) == read_rows(english) == rows


def test_a_table_without_the_needed_columns_is_refused_by_their_names():
    with pytest.raises(HeaderMissing) as missing:
        read_rows([["类型", "电话"], ["企业", "1"]])
    assert missing.value.columns == ("name",)
    with pytest.raises(HeaderMissing):
        read_rows([])


@pytest.mark.parametrize(
    ("row", "trouble"),
    [
        (Row(2, "俱乐部", "远帆"), Trouble.KIND),
        (Row(2, "", "远帆"), Trouble.KIND),
        (Row(2, "company", ""), Trouble.NO_NAME),
        (company(name="帆" * 121), Trouble.TOO_LONG),
        (company(province="浙" * 41), Trouble.TOO_LONG),
        (company(contact_phone="1" * 41), Trouble.TOO_LONG),
        (company(association="没有的协会"), Trouble.NO_SUCH_ASSOCIATION),
        (company(manager_email="li.si"), Trouble.EMAIL),
        (Row(2, "association", "某协会", association="江城协会"), Trouble.ASSOCIATION_ABOVE),
        (company(name="江城协会"), Trouble.OTHER_KIND),
    ],
)  # fmt: skip
def test_each_sort_of_bad_row_is_named(row, trouble):
    assert troubles(row, known={"江城协会": Known("association")}) == [[trouble]]


def test_the_second_row_of_a_name_is_the_wrong_one():
    lines = plan([company(2), company(5)], {})
    assert [line.outcome for line in lines] == [Outcome.NEW, Outcome.PROBLEM]
    assert lines[1].troubles == ((Trouble.TWICE, "2"),)


def test_an_association_may_stand_below_its_company_but_not_with_a_problem():
    below = Row(3, "association", "新协会")
    assert troubles(company(association="新协会"), below) == [[], []]
    wrong = Row(3, "association", "新协会", manager_email="x")
    assert troubles(company(association="新协会"), wrong) == [
        [Trouble.NO_SUCH_ASSOCIATION],
        [Trouble.EMAIL],
    ]


def test_an_empty_cell_changes_nothing_and_a_full_one_is_told():
    now = Known("company", province="浙江", contact_phone="010", emails=frozenset({"a@b.cn"}))
    same, changed, invited = (
        plan([row], {"远帆船舶": now})[0]
        for row in (
            company(province="浙江", manager_email="A@b.cn"),
            company(contact_phone="020"),
            company(manager_email="c@b.cn"),
        )
    )
    assert (same.outcome, same.changes, same.invites) == (Outcome.SAME, {}, False)
    assert (changed.outcome, changed.changes) == (
        Outcome.CHANGED,
        {"contact_phone": ("010", "020")},
    )
    assert (invited.outcome, invited.invites) == (Outcome.CHANGED, True)


@given(st.text(max_size=30))
def test_a_name_in_other_widths_spaces_and_brackets_has_the_same_key(name):
    key = name_key(name)
    assert name_key(f"（ {name}\u3000)") == key
    assert name_key(one_line(name)) == key


@given(st.text("江城电力船舶（集团）", min_size=1).filter(name_key))
def test_the_legal_form_makes_no_difference(name):
    forms = ["", "公司", "有限公司", "有限责任公司", "股份有限公司", " （有限公司）"]
    assert {name_key(name + form) for form in forms} == {name_key(name)}


def test_probable_duplicates_are_groups_of_two_and_more():
    names = [
        (1, "远帆船舶有限公司"),
        (2, "远帆 船舶公司"),
        (3, "海城电力"),
        (4, "ABC(中国)公司"),
        (5, "ａｂｃ（中国）有限公司"),
    ]
    assert probable_duplicates(names) == [[1, 2], [4, 5]]
    assert probable_duplicates([(1, "公司"), (2, "有限公司")]) == []


# --- the import -----------------------------------------------------------------------------


TABLE = [
    Row(2, "company", "远帆船舶", association="新协会", manager_email="lisi@example.org"),
    Row(3, "association", "新协会", province="浙江"),
    Row(4, "company", "坏行", association="没有的协会"),
]


@pytest.mark.django_db
def test_what_was_looked_at_is_written_and_a_second_time_nothing():
    who = organiser()
    seen = digest(plan_import(TABLE))
    assert not Organisation.objects.exists()
    assert apply_import(rows=TABLE, seen=seen, user=who) == 2
    made = Organisation.objects.get(name="远帆船舶")
    assert (made.association.name, made.verification) == ("新协会", "verified")
    assert Invitation.objects.get().organisation == made
    assert (Invitation.objects.get().email, Invitation.objects.get().role) == (
        "lisi@example.org",
        "manager",
    )
    lines = plan_import(TABLE)
    assert [line.outcome for line in lines] == [Outcome.SAME, Outcome.SAME, Outcome.PROBLEM]
    assert apply_import(rows=TABLE, seen=digest(lines), user=who) == 0
    assert (Organisation.objects.count(), Invitation.objects.count()) == (2, 1)


@pytest.mark.django_db
def test_when_things_changed_since_the_look_nothing_is_written():
    seen = digest(plan_import(TABLE))
    CompanyFactory(name="远帆船舶", association=None)
    with pytest.raises(OrganisationRefused):
        apply_import(rows=TABLE, seen=seen, user=organiser())
    assert Organisation.objects.count() == 1


@pytest.mark.django_db
def test_an_address_found_wrong_at_the_last_moment_names_its_row_and_undoes_all():
    rows = [company(2), company(7, "另一家", manager_email="a@b..cn")]
    with pytest.raises(OrganisationRefused) as refusal:
        apply_import(rows=rows, seen=digest(plan_import(rows)), user=organiser())
    assert "7" in str(refusal.value)
    assert not Organisation.objects.exists()


@pytest.mark.django_db
def test_only_the_organiser_imports():
    with pytest.raises(OrganisationRefused):
        apply_import(
            rows=TABLE, seen=digest(plan_import(TABLE)), user=manager_of(AssociationFactory())
        )


def upload(client, content, name="a.csv"):
    file = io.BytesIO(content)
    file.name = name
    return client.post(reverse("competition_organisations_import"), {"file": file})


@pytest.mark.django_db
def test_the_organiser_uploads_looks_and_confirms():
    from portal.permissions import set_group_permissions

    set_group_permissions()
    client = sign_in("Organisers")
    page = upload(client, b"no header\n1\n")
    assert page.context["form"].errors["file"]
    rows = [
        ",".join(HEADER),
        "企业,远帆船舶,新协会,,,lisi@example.org",
        "协会,新协会,,浙江,,",
        "企业,,,,,x",
    ]
    plan_url = reverse("competition_organisations_import_plan")
    assert upload(client, "\n".join(rows).encode("gb18030")).headers["Location"] == plan_url
    page = client.get(plan_url)
    assert [count for _, _, count in page.context["counts"]] == [1, 2, 0, 0]
    assert not Organisation.objects.exists()
    client.post(plan_url, {"seen": "of another tab"})
    assert not Organisation.objects.exists()
    client.post(plan_url, {"seen": page.context["seen"]})
    assert Organisation.objects.count() == 2
    assert client.get(plan_url).status_code == 302
    empty = client.get(reverse("competition_organisations_import_template"))
    assert read_table(io.BytesIO(empty.content), most_rows=9) == [HEADER]


@pytest.mark.django_db
def test_of_a_long_table_the_rows_with_problems_can_be_looked_at_alone():
    from portal.permissions import set_group_permissions

    set_group_permissions()
    client = sign_in("Organisers")
    rows = [",".join(HEADER), *(f"企业,第{n}企业,,,," for n in range(450)), "公会,甲,,,,"]
    upload(client, "\n".join(rows).encode())
    plan_url = reverse("competition_organisations_import_plan")
    page = client.get(plan_url)
    assert (len(page.context["lines"]), page.context["page"].paginator.num_pages) == (200, 3)
    assert [count for _, _, count in page.context["counts"]] == [1, 450, 0, 0]
    assert 'href="?p=3"' in page.content.decode()
    rest = client.get(plan_url + "?p=3").context["lines"]
    assert [line.row.number for line, _outcome, _why in rest] == list(range(402, 453))
    (line,) = client.get(plan_url, {"outcome": "problem"}).context["lines"]
    assert line[0].row.number == 452
    client.post(plan_url + "?p=2", {"seen": page.context["seen"]})
    assert Organisation.objects.count() == 450


@pytest.mark.django_db
def test_many_rows_are_written_in_few_statements_and_each_is_logged(django_assert_max_num_queries):
    table = [Row(number=n, kind="company", name=f"第{n}企业") for n in range(2, 1002)]
    seen, who = digest(plan_import(table)), organiser()
    with django_assert_max_num_queries(30):
        assert apply_import(rows=table, seen=seen, user=who) == 1000
    lines = ModelLogEntry.objects.filter(action="competition.organisation.create", user=who)
    assert lines.count() == 1000
    one = Organisation.objects.get(name="第7企业")
    (line,) = registry.get_logs_for_instance(one)
    assert (line.label, line.content_type.model) == (str(one), "organisation")


@pytest.mark.django_db
@pytest.mark.parametrize("group", ["Association managers", "Entrants", "Judges"])
def test_nobody_else_reaches_the_import(group):
    from portal.permissions import set_group_permissions

    set_group_permissions()
    client = sign_in(group)
    for name in ("import", "import_plan", "import_template"):
        assert client.get(reverse(f"competition_organisations_{name}")).status_code in (302, 403)
