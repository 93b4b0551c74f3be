"""A code: sent once a minute, good for ten minutes, five tries and one use."""

import logging
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone, translation

from voting.models import ProofCode
from voting.proofs import codes
from voting.proofs.codes import CodeRefused, Target, check_code, send_code

pytestmark = pytest.mark.django_db

MAILBOX = Target("email", "Li.Si@gmail.com", "lisi@gmail.com")
PHONE = Target("phone", "+8613800138000", "+8613800138000")


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06}"


def refusal_of(pk, code):
    with pytest.raises(CodeRefused) as refused:
        check_code(pk, code)
    return refused.value.code


def test_the_code_comes_by_mail_and_proves_the_mailbox(mailoutbox, code_in):
    with translation.override("en"):
        row = send_code(MAILBOX, "Edition 9")
    (mail,) = mailoutbox
    assert mail.to == ["Li.Si@gmail.com"]
    code = code_in(mail.body)
    assert mail.subject == f"{code} is your code for the vote"
    assert "“Edition 9”" in mail.body
    assert check_code(row.pk, code).target == MAILBOX.hash


def test_the_code_comes_by_text_message(texts, code_in):
    with translation.override("en"):
        row = send_code(PHONE, "Edition 9")
    ((number, text),) = texts
    code = code_in(text)
    assert number == "+8613800138000"
    assert text == f"{code} is your code for the vote “Edition 9”, good for 10 minutes."
    assert check_code(row.pk, code).channel == "phone"


def test_only_keyed_hashes_are_kept(mailoutbox, code_in):
    row = send_code(MAILBOX, "x")
    kept = str(ProofCode.objects.values().get())
    assert "lisi" not in kept.lower()
    assert code_in(mailoutbox[0].body) not in kept
    assert len(row.target) == len(row.code) == 64


def test_a_code_is_used_once(mailoutbox, code_in):
    row = send_code(MAILBOX, "x")
    code = code_in(mailoutbox[0].body)
    check_code(row.pk, code)
    assert refusal_of(row.pk, code) == "over"


@pytest.mark.parametrize("typed", ["{0} {1}", " {0}-{1} ", "{0}{1}"])
def test_a_code_is_read_as_people_type_it(mailoutbox, code_in, typed):
    row = send_code(MAILBOX, "x")
    code = code_in(mailoutbox[0].body)
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    check_code(row.pk, typed.format(code[:3], code[3:]).translate(wide))


def test_five_wrong_tries_end_it(mailoutbox, code_in):
    row = send_code(MAILBOX, "x")
    code = code_in(mailoutbox[0].body)
    answers = [refusal_of(row.pk, wrong(code)) for _ in range(5)]
    assert answers == ["wrong"] * 4 + ["over"]
    assert refusal_of(row.pk, code) == "over"


def test_the_fifth_try_may_be_right(mailoutbox, code_in):
    row = send_code(MAILBOX, "x")
    code = code_in(mailoutbox[0].body)
    for _ in range(4):
        refusal_of(row.pk, wrong(code))
    assert check_code(row.pk, code).used_at is not None


def test_it_is_good_for_ten_minutes(mailoutbox, code_in):
    row = send_code(MAILBOX, "x")
    code = code_in(mailoutbox[0].body)
    now = timezone.now()
    ProofCode.objects.update(sent_at=now - timedelta(minutes=10))
    assert refusal_of(row.pk, code) == "over"
    ProofCode.objects.update(sent_at=now - timedelta(minutes=9, seconds=50))
    check_code(row.pk, code)


def test_a_code_is_no_good_for_another_row(mailoutbox, code_in):
    send_code(MAILBOX, "x")
    other = send_code(Target("email", "wang@example.org", "wang@example.org"), "x")
    assert refusal_of(other.pk, code_in(mailoutbox[0].body)) == "wrong"


def test_the_next_one_is_sent_after_a_minute(mailoutbox):
    send_code(MAILBOX, "x")
    with pytest.raises(CodeRefused) as refused:
        send_code(Target("email", "lisi+1@gmail.com", "lisi@gmail.com"), "x")
    assert refused.value.code == "wait"
    cache.clear()
    send_code(MAILBOX, "x")
    assert len(mailoutbox) == 2


def test_a_gateway_that_fails_leaves_nothing_behind_and_may_be_asked_again(
    settings, break_gateway, texts, caplog
):
    working = settings.SMS_GATEWAY
    break_gateway()
    with caplog.at_level(logging.ERROR), pytest.raises(CodeRefused) as refused:
        send_code(PHONE, "x")
    assert refused.value.code == "not_sent"
    assert not ProofCode.objects.exists()
    assert "138" not in caplog.text
    settings.SMS_GATEWAY = working
    send_code(PHONE, "x")
    assert len(texts) == 1


def test_a_gateway_that_is_not_there_is_one_that_fails(settings):
    settings.SMS_GATEWAY = "nowhere.Gateway"
    with pytest.raises(CodeRefused) as refused:
        send_code(PHONE, "x")
    assert refused.value.code == "not_sent"


def test_a_mail_server_that_fails_is_said(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.nowhere.EmailBackend"
    with pytest.raises(CodeRefused) as refused:
        send_code(MAILBOX, "x")
    assert refused.value.code == "not_sent"
    assert not ProofCode.objects.exists()


def test_the_console_gateway_prints(settings, caplog):
    settings.SMS_GATEWAY = "voting.proofs.sms.ConsoleGateway"
    with caplog.at_level(logging.INFO, logger="voting"):
        send_code(PHONE, "x")
    assert "+8613800138000" in caplog.text


def test_each_refusal_has_its_words():
    with translation.override("en"):
        assert all(CodeRefused(code).message for code in codes.REFUSALS)
