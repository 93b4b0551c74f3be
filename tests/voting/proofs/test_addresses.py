"""One mailbox is one voter, however its address is typed."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voting.proofs.addresses import PROVIDERS, read_mailbox


@pytest.mark.parametrize(
    ("typed", "identity"),
    [
        ("lisi@example.org", "lisi@example.org"),
        (" LiSi@Example.ORG ", "lisi@example.org"),
        ("ｌｉｓｉ＠ｅｘａｍｐｌｅ．ｏｒｇ", "lisi@example.org"),
        ("lisi８８@example。org", "lisi88@example.org"),
        ("lisi@例子.中国", "lisi@xn--fsqu00a.xn--fiqs8s"),
        ("lisi@xn--fsqu00a.xn--fiqs8s", "lisi@xn--fsqu00a.xn--fiqs8s"),
        ("Li.Si+vote@gmail.com", "lisi@gmail.com"),
        ("lisi@googlemail.com", "lisi@gmail.com"),
        ("l.i-s_i+1@pm.me", "lisi@proton.me"),
        ("lisi+2@mac.com", "lisi@icloud.com"),
        ("li.si+2@hotmail.com", "li.si@hotmail.com"),
        ("lisi@outlook.com", "lisi@outlook.com"),
        # Not known to drop it: these may be two people.
        ("lisi+2@example.org", "lisi+2@example.org"),
        ("li.si@qq.com", "li.si@qq.com"),
        # Nothing would be left.
        ("+vote@gmail.com", "+vote@gmail.com"),
    ],
)
def test_spellings_of_one_mailbox(typed, identity):
    assert read_mailbox(typed).identity == identity


def test_the_mail_goes_to_the_address_that_was_typed():
    assert read_mailbox("Li.Si+vote@Gmail.com").address == "Li.Si+vote@gmail.com"
    assert read_mailbox("Lisi@例子.cn").address == "Lisi@xn--fsqu00a.cn"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "lisi",
        "@example.org",
        "lisi@",
        "lisi@localhost",
        "lisi@example..org",
        "li..si@example.org",
        ".lisi@example.org",
        "lisi.@example.org",
        "li si@example.org",
        "lisi@exa mple.org",
        "lisi@-example.org",
        "lisi@example.org\nBcc: all@example.org",
        "lisi\r\n@example.org",
        "a@b@example.org",
        '"lisi"@example.org',
        "<lisi@example.org>",
        "a@x.org,b@example.org",
        "lisi@[127.0.0.1]",
        "l" * 65 + "@example.org",
        "l@" + "e" * 64 + ".org",
        "l@" + "e." * 150 + "org",
    ],
)
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(ValueError, match="e-mail address"):
        read_mailbox(typed)


names = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=20)


@given(names, names, st.sampled_from(sorted(PROVIDERS)))
def test_a_tag_makes_no_second_voter_where_the_provider_drops_it(name, tag, domain):
    plain, tagged = f"{name}@{domain}", f"{name}+{tag}@{domain}"
    assert read_mailbox(tagged).identity == read_mailbox(plain).identity


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text):
    try:
        mailbox = read_mailbox(text)
    except ValueError:
        return
    assert mailbox.identity.count("@") == mailbox.address.count("@") == 1
    assert mailbox.address.isascii()
    assert not set(mailbox.address) & set("\r\n ,;<>")


@given(names, st.sampled_from([*sorted(PROVIDERS), "example.org"]))
def test_reading_what_was_read_changes_nothing(name, domain):
    once = read_mailbox(f"{name.upper()}@{domain.upper()}").identity
    assert read_mailbox(once).identity == once
