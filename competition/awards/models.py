"""What can be given, and what was given. Reads frozen standings and nothing else."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from competition.editions.models import Edition, Section
from competition.entries.models import Entry
from competition.judging.models import StandingList
from media_processing.models import MediaAsset
from portal.i18n import TranslatedText


class AwardCategory(ClusterableModel):
    """What can be given (奖项): expert-recommended, popular, shortlisted."""

    class Code(models.TextChoices):
        EXPERT = "expert", _("Expert-recommended works")
        POPULAR = "popular", _("Popular works")
        SHORTLISTED = "shortlisted", _("Shortlisted works")

    class Source(models.TextChoices):
        JURY = "jury", _("Jury's standing")
        PUBLIC = "public", _("Public vote's standing")
        COMBINED = "combined", _("Jury and public together")
        WEIGHTED = "weighted", _("Expert panel, industry panel and public together")

    edition = models.ForeignKey(
        Edition,
        verbose_name=_("edition"),
        on_delete=models.CASCADE,
        related_name="award_categories",
    )
    code = models.CharField(_("category"), max_length=12, choices=Code)
    title = models.CharField(_("title"), max_length=60)
    title_en = models.CharField(_("title in English"), max_length=60, blank=True)
    source = models.CharField(_("decided by"), max_length=8, choices=Source)
    jury_weight = models.PositiveSmallIntegerField(
        _("weight of the jury (%)"),
        default=70,
        help_text=_("Where jury and public decide together; the public has the rest."),
    )
    expert_weight = models.PositiveSmallIntegerField(
        _("weight of the expert panel (%)"),
        default=40,
        help_text=_("Where both panels and the public decide together."),
    )
    industry_weight = models.PositiveSmallIntegerField(
        _("weight of the industry panel (%)"),
        default=30,
        help_text=_("Where both panels and the public decide together; the public has the rest."),
    )
    jury_floor = models.PositiveSmallIntegerField(
        _("jury floor (best %)"),
        default=0,
        help_text=_(
            "Only works that stand in the best so many percent of the jury's standing of their "
            "section can win here, e.g. 50 for popular works. 100: any that the jury ranked; "
            "0: no floor."
        ),
    )
    position = models.PositiveSmallIntegerField(_("order of selection"), default=0)

    local_title = TranslatedText("title")

    class Meta:
        verbose_name = _("award category")
        verbose_name_plural = _("award categories")
        ordering = ["edition", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "code"], name="one_category_a_code"),
            models.CheckConstraint(
                condition=models.Q(jury_weight__lte=100), name="jury_weight_is_a_percentage"
            ),
            models.CheckConstraint(
                condition=models.Q(expert_weight__lte=100 - models.F("industry_weight")),
                name="panels_weigh_at_most_100",
            ),
            models.CheckConstraint(
                condition=models.Q(jury_floor__lte=100), name="jury_floor_is_a_percentage"
            ),
        ]

    def __str__(self) -> str:
        return str(self.local_title)


class AwardQuota(models.Model):
    """How many places a category has in a section."""

    category = ParentalKey(AwardCategory, on_delete=models.CASCADE, related_name="quotas")
    section = models.ForeignKey(
        Section, verbose_name=_("section"), on_delete=models.CASCADE, related_name="award_quotas"
    )
    places = models.PositiveSmallIntegerField(_("places"))

    class Meta:
        verbose_name = _("places in a section")
        verbose_name_plural = _("places by section")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["category", "section"], name="one_quota_a_section")
        ]

    def __str__(self) -> str:
        return f"{self.section}: {self.places}"


class AwardRule(models.Model):
    """What the rule of an edition says beside its categories; without a row, the defaults."""

    edition = models.OneToOneField(
        Edition, verbose_name=_("edition"), on_delete=models.CASCADE, related_name="award_rule"
    )
    may_hold_two = models.BooleanField(
        _("a work may hold two awards"),
        default=False,
        help_text=_("At most one in each category. Otherwise the first category takes the work."),
    )
    per_organisation = models.PositiveSmallIntegerField(
        _("awards an organisation"),
        default=0,
        help_text=_("At most so many over all categories and sections; 0: no cap."),
    )
    per_association = models.PositiveSmallIntegerField(
        _("awards an association"),
        default=0,
        help_text=_("The works of its companies and its own, together; 0: no cap."),
    )
    per_author = models.PositiveSmallIntegerField(
        _("awards an author"),
        default=0,
        help_text=_(
            "The same line of authors in the same organisation; two people of one name in two "
            "companies are two authors. 0: no cap."
        ),
    )

    class Meta:
        verbose_name = _("rule of the awards")
        verbose_name_plural = _("rules of the awards")

    def __str__(self) -> str:
        return str(self.edition)


class AwardList(models.Model):
    """One proposal of all awards of an edition: proposed, confirmed, on notice, published.

    The last two begin at an hour: before it nothing of the list is public.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        CONFIRMED = "confirmed", _("Confirmed")
        NOTICED = "noticed", _("On notice")
        PUBLISHED = "published", _("Published")
        REPLACED = "replaced", _("Replaced")

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="award_lists")
    version = models.PositiveSmallIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PROPOSED)
    jury_standings = models.ForeignKey(
        StandingList, on_delete=models.PROTECT, related_name="+", null=True
    )
    public_standings = models.ForeignKey(
        StandingList, on_delete=models.PROTECT, related_name="+", null=True
    )
    expert_standings = models.ForeignKey(
        StandingList, on_delete=models.PROTECT, related_name="+", null=True
    )
    industry_standings = models.ForeignKey(
        StandingList, on_delete=models.PROTECT, related_name="+", null=True
    )
    rule = models.JSONField(
        default=dict, help_text="the whole rule as it was when this list was proposed"
    )
    passed = models.JSONField(
        default=list, help_text="works that their rank would have brought a place, and why not"
    )
    ties = models.JSONField(
        default=list, help_text="ties across a last place that people have yet to decide"
    )
    decisions = models.JSONField(default=list, help_text="how people decided ties, and why")
    proposed_at = models.DateTimeField(_("proposed at"), auto_now_add=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    noticed_at = models.DateTimeField(
        _("on notice since"), null=True, help_text="the hour, which may be yet to come"
    )
    published_at = models.DateTimeField(
        _("published at"), null=True, help_text="the hour, which may be yet to come"
    )

    class Meta:
        verbose_name = _("list of awards")
        verbose_name_plural = _("lists of awards")
        ordering = ["edition", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "version"], name="one_award_list_a_version"),
            models.UniqueConstraint(
                fields=["edition"],
                condition=models.Q(state="published"),
                name="one_published_award_list_an_edition",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="published") | models.Q(published_at__isnull=False),
                name="a_published_list_has_its_hour",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="noticed") | models.Q(noticed_at__isnull=False),
                name="a_noticed_list_has_its_hour",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition} v{self.version}"


class Award(models.Model):
    """One award given (获奖)."""

    award_list = models.ForeignKey(AwardList, on_delete=models.CASCADE, related_name="awards")
    category = models.ForeignKey(AwardCategory, on_delete=models.PROTECT, related_name="awards")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="awards")
    rank = models.PositiveIntegerField(_("rank"), help_text=_("Within category and section."))

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        ordering = ["category__position", "entry__section__position", "rank", "entry__number"]
        constraints = [
            # That no work has two awards is the rule's to say: selection keeps it.
            models.UniqueConstraint(
                fields=["award_list", "category", "entry"], name="no_work_twice_in_a_category"
            )
        ]

    def __str__(self) -> str:
        return f"{self.category}: {self.entry}"


class Objection(models.Model):
    """What somebody has against the proposed awards (异议), and what the organiser answered.

    `answer` and `entry` are public; who objects, and their words, are not.
    """

    class Ground(models.TextChoices):
        AUTHORSHIP = "authorship", _("The work is not the author's own")
        ELIGIBILITY = "eligibility", _("It breaks a rule of the call")
        CONTENT = "content", _("What it shows or says is not true")
        RIGHTS = "rights", _("It injures somebody's rights")
        PROCEDURE = "procedure", _("Judging or voting was not done by the rules")
        OTHER = "other", _("Something else")

    class State(models.TextChoices):
        RECEIVED = "received", _("To be looked into")
        UPHELD = "upheld", _("Upheld")
        REJECTED = "rejected", _("Not upheld")

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="objections")
    number = models.PositiveIntegerField(_("number"), help_text="1 for the edition's first")
    entry = models.ForeignKey(
        Entry,
        verbose_name=_("work"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="objections",
    )
    ground = models.CharField(_("what is wrong"), max_length=12, choices=Ground)
    text = models.TextField(_("what you know, and from where"), max_length=4000)
    name = models.CharField(_("your name"), max_length=80, blank=True)
    email = models.EmailField(_("your e-mail address"), blank=True)
    evidence = models.ManyToManyField(
        MediaAsset, verbose_name=_("evidence"), related_name="+", blank=True
    )
    received_at = models.DateTimeField(_("received at"), auto_now_add=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.RECEIVED)
    answer = models.TextField(_("answer"), max_length=1000, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ["edition", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "number"], name="one_objection_an_edition_and_number"
            ),
            models.CheckConstraint(
                condition=models.Q(state="received", decided_at__isnull=True)
                | models.Q(state__in=["upheld", "rejected"], decided_at__isnull=False)
                & ~models.Q(answer=""),
                name="a_settled_objection_has_an_answer",
            ),
        ]

    def __str__(self) -> str:
        return str(_("Objection no. %(number)s") % {"number": self.number})


class Replacement(models.Model):
    """A work's awards taken away on notice, and who moved up by the same rule (递补)."""

    award_list = models.ForeignKey(AwardList, on_delete=models.PROTECT, related_name="replacements")
    number = models.PositiveSmallIntegerField(_("number"), help_text="1 for the list's first")
    entry = models.ForeignKey(
        Entry, verbose_name=_("work"), on_delete=models.PROTECT, related_name="replacements"
    )
    objection = models.OneToOneField(
        Objection, null=True, on_delete=models.PROTECT, related_name="replacement"
    )
    reason = models.TextField(_("reason"), max_length=1000)
    # Awards as {"category": code, "section": key, "entry": key, "rank": n}; a work that moved to
    # a better place is in both.
    lost = models.JSONField(default=list)
    gained = models.JSONField(default=list)
    decided_at = models.DateTimeField(_("decided at"), auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("replacement")
        verbose_name_plural = _("replacements")
        ordering = ["award_list", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["award_list", "number"], name="one_replacement_a_list_and_number"
            ),
            models.UniqueConstraint(
                fields=["award_list", "entry"], name="a_work_is_replaced_once_a_list"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}"
