"""What is submitted, scored, voted on and awarded. A series is ONE entry."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from competition.editions.models import Edition, Section
from competition.entries.states import State
from competition.organisations.models import Organisation
from media_processing.models import MediaAsset

STATE_LABELS = [
    (State.DRAFT.value, _("Draft")),
    (State.SUBMITTED.value, _("Submitted")),
    (State.RETURNED.value, _("Returned for revision")),
    (State.FORWARDED.value, _("Forwarded")),
    (State.NOT_FORWARDED.value, _("Not forwarded")),
    (State.ADMITTED.value, _("Admitted")),
    (State.REJECTED.value, _("Rejected")),
    (State.WITHDRAWN.value, _("Withdrawn")),
    (State.DISQUALIFIED.value, _("Disqualified")),
]


class Entry(models.Model):
    """A work (作品). Its state changes only through services.set_entry_state."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="entries")
    section = models.ForeignKey(
        Section, verbose_name=_("section"), on_delete=models.PROTECT, related_name="entries"
    )
    organisation = models.ForeignKey(
        Organisation,
        verbose_name=_("organisation"),
        on_delete=models.PROTECT,
        related_name="entries",
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="entries"
    )
    number = models.CharField(  # noqa: DJ001 - drafts have none, and none is like another
        _("work number"), max_length=12, null=True, blank=True, editable=False
    )
    state = models.CharField(
        _("state"), max_length=16, choices=STATE_LABELS, default=State.DRAFT.value, editable=False
    )
    title = models.CharField(_("title"), max_length=80)
    author_names = models.CharField(
        _("author names"), max_length=200, help_text=_("As they shall be printed; several with 、")
    )
    story = models.TextField(_("story"), max_length=2000, blank=True)
    place = models.CharField(_("place taken"), max_length=120, blank=True)
    taken_on = models.DateField(_("date taken"), null=True, blank=True)
    credit_line = models.CharField(
        _("credit and licence"), max_length=240, blank=True, help_text=_("Shown below the work.")
    )
    rights_accepted_at = models.DateTimeField(_("rights declared at"), null=True, editable=False)
    rights_accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    submit_when_ready = models.BooleanField(
        _("to be submitted when its files are ready"),
        default=False,
        editable=False,
        help_text=_("By whoever accepted the declaration."),
    )
    advice = models.TextField(_("advice or reason"), blank=True, editable=False)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        verbose_name = _("work")
        verbose_name_plural = _("works")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["edition", "state", "section"]),
            models.Index(fields=["organisation", "edition"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["edition", "number"], name="one_entry_a_number"),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(number__isnull=False),
                name="a_submitted_entry_has_a_number",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(rights_accepted_at__isnull=False),
                name="a_submitted_entry_has_declared_rights",
            ),
        ]
        permissions = [
            ("screen_entry", _("Can screen the works of an association's companies")),
            ("submit_entry", _("Can submit works for an organisation")),
        ]

    def __str__(self) -> str:
        return f"{self.number or _('Draft')} {self.title}"

    @property
    def cover(self) -> "Frame | None":
        """Return the frame that stands for the work: the one chosen, else the first."""
        frames = self.frames.all()
        chosen = (frame for frame in frames if frame.is_cover)
        return next(chosen, None) or next(iter(frames), None)


class Frame(models.Model):
    """One picture or clip of an entry, in order."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="frames")
    asset = models.OneToOneField(MediaAsset, on_delete=models.PROTECT, related_name="frame")
    position = models.PositiveSmallIntegerField(_("order"), default=1)
    caption = models.CharField(_("caption"), max_length=200, blank=True)
    is_cover = models.BooleanField(_("cover"), default=False)

    class Meta:
        verbose_name = _("frame")
        verbose_name_plural = _("frames")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "position"], name="one_frame_a_position"),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(is_cover=True), name="one_cover_an_entry"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id}/{self.position}"


class EntryRevision(models.Model):
    """What an entry said at one submission; reviewers see what changed since."""

    # PROTECT: a work once submitted stays, so its number is never given again.
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField(_("revision"))
    content = models.JSONField(_("content"))
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField(_("submitted at"), auto_now_add=True)

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="one_revision_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} r{self.number}"


class SheetRow(models.Model):
    """What a row of the organisation's spreadsheet says of a work; it waits for its files."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="sheet_rows")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="sheet_rows"
    )
    number = models.PositiveIntegerField(_("row"))
    files = models.JSONField(_("file names"), default=list)
    section = models.ForeignKey(Section, null=True, on_delete=models.CASCADE, related_name="+")
    texts = models.JSONField(default=dict, help_text="field -> text; dates as YYYY-MM-DD")
    notes = models.JSONField(default=list, help_text="what is wrong in it: [code, values]")
    entry = models.ForeignKey(
        Entry,
        null=True,
        on_delete=models.SET_NULL,
        related_name="sheet_rows",
        help_text="the work it was applied to; none while its files are awaited",
    )

    class Meta:
        verbose_name = _("row of a spreadsheet")
        verbose_name_plural = _("rows of a spreadsheet")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "organisation", "number"], name="one_sheet_row_a_number"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}: {', '.join(self.files)}"
