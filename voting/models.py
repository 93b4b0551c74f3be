"""One public vote and its ballots. Ballots are inserted, set aside or made void; never deleted."""

import secrets

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from competition.editions.models import Edition, Section
from competition.entries.models import Entry

REASON_LENGTH = 200
CODE_LENGTH = 40


def new_key() -> str:
    """Return 32 random bytes as 64 hex digits."""
    return secrets.token_hex(32)


def new_secret() -> str:
    """Return the part of a receipt that cannot be guessed: 20 hex digits, 80 bits."""
    return secrets.token_hex(10)


class Poll(models.Model):
    """The public vote of an edition (公众投票). Its window is the edition's voting phase."""

    class Identity(models.TextChoices):
        DEVICE = "device", _("device, with a proof of work")
        EMAIL = "email", _("code by e-mail")
        PHONE = "phone", _("code by text message")
        ACCOUNT = "account", _("sign-in with an account of a service people have, such as Weixin")

    edition = models.OneToOneField(
        Edition, verbose_name=_("edition"), on_delete=models.PROTECT, related_name="poll"
    )
    sections = models.ManyToManyField(Section, verbose_name=_("sections"), related_name="polls")
    identity = models.CharField(
        _("voters are known by"), max_length=10, choices=Identity.choices, default=Identity.DEVICE
    )
    votes_per_day = models.PositiveSmallIntegerField(
        _("votes a voter and day"), default=10, validators=[MinValueValidator(1)]
    )
    shows_totals = models.BooleanField(_("totals are visible during the vote"), default=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, editable=False)
    examined_at = models.DateTimeField(_("examined at"), null=True, blank=True, editable=False)
    # Makes the pseudonyms of the ledger. Destroyed with the evidence: then nobody can link them.
    pseudonym_key = models.CharField(max_length=64, default=new_key, blank=True, editable=False)
    # What the ledger says of the poll; fixed with the first seal.
    header = models.JSONField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("poll")
        verbose_name_plural = _("polls")

    def __str__(self) -> str:
        return str(self.edition)


class Batch(models.Model):
    """Ballots sealed together: the poll's tree as it stood when they were added to it."""

    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="batches")
    number = models.PositiveIntegerField(help_text="1 for the poll's first batch")
    first_leaf = models.PositiveIntegerField(help_text="0 for the poll's first ballot")
    size = models.PositiveIntegerField()
    root = models.CharField(max_length=64, help_text="of all leaves up to this batch's last")
    sealed_at = models.DateTimeField(default=timezone.now)
    # 32 bytes each: with them its ballots are proved, and the next batch goes on from here.
    hashes = models.BinaryField(
        default=b"", help_text="the tree's peaks before this batch, then each of its leaves"
    )

    class Meta:
        verbose_name = _("batch of ballots")
        verbose_name_plural = _("batches of ballots")
        constraints = [
            models.UniqueConstraint(fields=["poll", "number"], name="one_batch_a_poll_and_number"),
            models.UniqueConstraint(fields=["poll", "first_leaf"], name="one_batch_a_first_leaf"),
            models.CheckConstraint(condition=Q(size__gte=1), name="batches_have_ballots"),
        ]

    def __str__(self) -> str:
        return f"{self.number}"


class Ballot(models.Model):
    """One vote of one voter for one entry (选票)."""

    class Status(models.IntegerChoices):
        COUNTED = 0, _("counted")
        QUARANTINED = 1, _("set aside, to be reviewed")
        VOID = 2, _("void")

    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="ballots")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="ballots")
    voter = models.CharField(max_length=64, help_text="keyed hash of the voter's identity")
    day = models.DateField()
    slot = models.PositiveSmallIntegerField(help_text="1 for the voter's first vote of the day")
    cast_at = models.DateTimeField(default=timezone.now)
    secret = models.CharField(max_length=20, default=new_secret)
    status = models.PositiveSmallIntegerField(
        _("status"), choices=Status.choices, default=Status.COUNTED
    )
    # The rule that set it aside or made it void, as the ledger names it; "" while it counts.
    code = models.CharField(max_length=CODE_LENGTH, blank=True, default="")
    void_reason = models.CharField(_("void because"), max_length=REASON_LENGTH, blank=True)
    batch = models.ForeignKey(
        Batch, null=True, blank=True, on_delete=models.PROTECT, related_name="ballots"
    )
    leaf = models.PositiveIntegerField(
        null=True, blank=True, help_text="its place in the poll's tree, from 0; unset until sealed"
    )

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        indexes = [models.Index(fields=["poll", "entry"])]
        constraints = [
            # The voter first: to look up a voter must never mean to read a poll's ballots.
            models.UniqueConstraint(
                fields=["voter", "poll", "entry", "day"], name="one_ballot_a_voter_entry_and_day"
            ),
            # The day's limit, kept by the database: slots run from 1 to the poll's limit.
            models.UniqueConstraint(
                fields=["voter", "poll", "day", "slot"], name="one_ballot_a_voter_day_and_slot"
            ),
            models.UniqueConstraint(
                fields=["poll", "leaf"],
                condition=Q(leaf__isnull=False),
                name="one_ballot_a_leaf",
            ),
            models.CheckConstraint(condition=Q(slot__gte=1), name="slots_begin_at_one"),
            models.CheckConstraint(
                condition=Q(batch__isnull=True, leaf__isnull=True)
                | Q(batch__isnull=False, leaf__isnull=False),
                name="a_sealed_ballot_has_a_leaf",
            ),
            models.CheckConstraint(
                condition=Q(status=2) | Q(void_reason=""), name="only_void_ballots_have_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(status=0, code="") | Q(status__in=[1, 2]) & ~Q(code=""),
                name="what_does_not_count_has_a_code",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class Evidence(models.Model):
    """What is kept of a vote to find fraud by, keyed-hashed; erased after the notice period."""

    class Referrer(models.TextChoices):
        HERE = "here", _("a page of this site")
        NONE = "none", _("nothing")
        OTHER = "other", _("another site")

    ballot = models.OneToOneField(
        Ballot, primary_key=True, on_delete=models.CASCADE, related_name="evidence"
    )
    address = models.CharField(
        max_length=32, help_text="keyed hash of the IPv4 address or IPv6 /64"
    )
    network = models.CharField(max_length=32, help_text="keyed hash of the IPv4 /24 or IPv6 /48")
    device = models.CharField(
        max_length=32, help_text="keyed hash of what the browser says of itself"
    )
    referrer = models.CharField(max_length=5, choices=Referrer.choices)
    saw_gallery = models.BooleanField(help_text="this voter opened the gallery before")
    voter_since = models.DateTimeField(help_text="when this voter was first seen")

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")

    def __str__(self) -> str:
        return f"{self.pk}"


class Cluster(models.Model):
    """Ballots that one rule found suspicious together, and what a person decided of them."""

    class Decision(models.TextChoices):
        OPEN = "", _("to be reviewed")
        VOID = "void", _("void")
        RESTORED = "restored", _("counted again")

    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="clusters")
    code = models.CharField(max_length=CODE_LENGTH, help_text="the rule's name in voting.antifraud")
    key = models.CharField(max_length=64, help_text="what its ballots share; the same next time")
    details = models.JSONField(default=dict, help_text="the rule's own figures, for the reviewer")
    found_at = models.DateTimeField(default=timezone.now)
    decision = models.CharField(max_length=8, choices=Decision.choices, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=REASON_LENGTH, blank=True)

    class Meta:
        verbose_name = _("cluster of ballots")
        verbose_name_plural = _("clusters of ballots")
        constraints = [
            models.UniqueConstraint(
                fields=["poll", "code", "key"], name="one_cluster_a_poll_rule_and_key"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.pk}"


class Finding(models.Model):
    """A ballot is in a cluster. It may be in several; it counts again once all are restored."""

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="findings")
    ballot = models.ForeignKey(Ballot, on_delete=models.PROTECT, related_name="findings")

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        constraints = [
            models.UniqueConstraint(fields=["cluster", "ballot"], name="one_finding_a_ballot")
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class ProofCode(models.Model):
    """A code sent to an e-mail address or a phone, of which only keyed hashes are kept."""

    channel = models.CharField(max_length=5, choices=[("email", "email"), ("phone", "phone")])
    target = models.CharField(max_length=64, help_text="keyed hash of the normalised address")
    code = models.CharField(max_length=64, help_text="keyed hash of the code")
    sent_at = models.DateTimeField(default=timezone.now, db_index=True)
    tries = models.PositiveSmallIntegerField(default=0, help_text="wrong codes entered")
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("code that was sent")
        verbose_name_plural = _("codes that were sent")
        indexes = [models.Index(fields=["channel", "target", "sent_at"])]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"


class Ledger(models.Model):
    """One published version of the anonymised list of all ballots."""

    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="ledgers")
    version = models.PositiveIntegerField()
    lines = models.PositiveIntegerField(help_text="one a ballot")
    root = models.CharField(max_length=64, help_text="of the tree of all ballots as they were cast")
    digest = models.CharField(max_length=64, help_text="sha256 of the file as it is downloaded")
    tally = models.JSONField(default=list, help_text="a work's number, ballots, accepted ones")
    file = models.FileField(upload_to="ledgers/")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("published ledger")
        verbose_name_plural = _("published ledgers")
        constraints = [
            models.UniqueConstraint(
                fields=["poll", "version"], name="one_ledger_a_poll_and_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.poll}, {_('version')} {self.version}"
