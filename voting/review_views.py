"""Where the organiser reviews what was set aside, and where everybody reads by which rules."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.cache import cache
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import BaseObjectMixin, WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from competition.editions.models import Phase
from competition.editions.queries import find_phase
from competition.entries.models import Entry
from portal.admin_views import ConfirmView
from voting import antifraud
from voting.clusters import (
    list_clusters,
    shares_in,
    timeline_of,
    totals_by_work,
    voters_in,
    works_in,
    works_of,
)
from voting.examination import examine_poll
from voting.models import REASON_LENGTH, Ballot, Cluster, Poll
from voting.review import Preview, name_ballots, preview, restore_clusters, void_clusters
from voting.rule_words import figures_of, name_of, words_of
from voting.services import PollRefused

CLUSTERS_A_PAGE = 50
CHOSEN_AT_ONCE = 1_000
OUTCOME_SECONDS = 600
Decision = Cluster.Decision


class PollPageView(
    PermissionCheckedMixin, BaseObjectMixin, WagtailAdminTemplateMixin, TemplateView
):
    """A page about one poll's review."""

    model = Poll
    permission_required = "change"
    header_icon = "tick-inverse"

    def get_page_subtitle(self) -> str:
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        back = {"url": reverse("polls:inspect", args=[self.object.pk]), "label": str(self.object)}
        return [*self.breadcrumbs_items, back, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(object=self.object, **kwargs)


class FilterForm(forms.Form):
    """Which clusters are shown; all at first."""

    code = forms.ChoiceField(label=_("Rule"), required=False)
    decision = forms.ChoiceField(
        label=_("Decision"),
        required=False,
        choices=[
            ("", _("All")),
            ("open", Decision.OPEN.label),
            (Decision.VOID, Decision.VOID.label),
            (Decision.RESTORED, Decision.RESTORED.label),
        ],
    )
    work = forms.CharField(label=_("Work number"), required=False, max_length=20)

    def __init__(self, *args: Any, poll: Poll, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = poll.clusters.order_by("code").values_list("code", flat=True).distinct()
        self.fields["code"].choices = [("", _("All")), *((code, name_of(code)) for code in codes)]

    def found(self, poll: Poll) -> Any:
        """Return the poll's clusters that are asked for; none for a rule nobody knows."""
        if not self.is_valid():
            return poll.clusters.none()
        asked = self.cleaned_data
        decision = {"": None, "open": ""}.get(asked["decision"], asked["decision"])
        return list_clusters(poll, code=asked["code"], decision=decision, number=asked["work"])


class ClustersView(PollPageView):
    """What the rules found, the largest first; tick some to decide about them."""

    page_title = _("Review the votes")
    template_name = "competition_admin/clusters.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = FilterForm(self.request.GET, poll=self.object)
        page = Paginator(form.found(self.object), CLUSTERS_A_PAGE).get_page(
            self.request.GET.get("p")
        )
        works = works_of(list(page))
        return super().get_context_data(
            form=form,
            page_obj=page,
            pages=page.paginator.get_elided_page_range(page.number),
            rows=[
                {"cluster": one, "rule": name_of(one.code), "works": works.get(one.pk, [])}
                for one in page
            ],
            waiting=self.object.ballots.filter(status=Ballot.Status.QUARANTINED).count(),
            **kwargs,
        )


class ClusterView(PollPageView):
    """One cluster: what was measured, when its ballots came, whose they are and for which works."""

    template_name = "competition_admin/cluster.html"

    @cached_property
    def cluster(self) -> Cluster:
        return get_object_or_404(
            self.object.clusters.select_related("poll"), pk=self.kwargs["cluster_pk"]
        )

    def get_page_title(self) -> Any:
        return f"{name_of(self.cluster.code)} {self.cluster.pk}"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        *before, here = super().get_breadcrumbs_items()
        url = reverse("voting_clusters", args=[self.object.pk])
        return [*before, {"url": url, "label": ClustersView.page_title}, here]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        cluster = self.cluster
        found, totals = works_in(cluster), totals_by_work(self.object)
        works = Entry.objects.in_bulk(list(found))
        return super().get_context_data(
            cluster=cluster,
            rule=name_of(cluster.code),
            words=words_of(cluster.code),
            figures=figures_of(cluster.details),
            ballots=sum(found.values()),
            all_voters=cluster.findings.values("ballot__voter").distinct().count(),
            works=[
                {"work": works[pk], "ballots": ballots, "totals": totals[pk]}
                for pk, ballots in found.items()
            ],
            voters=voters_in(cluster),
            addresses=shares_in(cluster, "address"),
            devices=shares_in(cluster, "device"),
            **_drawn(cluster),
            **kwargs,
        )


def _drawn(cluster: Cluster) -> dict[str, Any]:
    """Return the drawing, and its times as the template writes them."""
    drawing = timeline_of(cluster)
    if drawing is None:
        return {"drawing": None}
    return {
        "drawing": drawing,
        "hours": [(x, datetime.fromtimestamp(at, UTC)) for x, at in drawing.hours],
        "bars": [
            (datetime.fromtimestamp(bar.at, UTC), bar)
            for bar in drawing.bars
            if bar.found or bar.others
        ],
    }


class PollActionView(ConfirmView):
    """An action of the review; leads back to the clusters."""

    model = Poll
    refusals = (PollRefused,)
    header_icon = "tick-inverse"

    def get_success_url(self) -> str:
        return reverse("voting_clusters", args=[self.object.pk])


class ExamineView(PollActionView):
    """Apply the rules now instead of within ten minutes."""

    page_title = button_label = _("Examine now")
    explanation = _(
        "The published rules are applied to all votes cast so far. Suspicious ballots are set "
        "aside: they do not count until you have decided. What you decided before stays."
    )
    success_message = _("Examined: %(result)s.")

    def perform(self, form: forms.Form) -> Any:
        clusters, ballots = examine_poll(self.object, actor=self.request.user)
        return _("%(clusters)d new clusters, %(ballots)d ballots set aside") % {
            "clusters": clusters,
            "ballots": ballots,
        }


class ReceiptsForm(forms.Form):
    """Receipts, one a line."""

    receipts = forms.CharField(
        label=_("Receipts"),
        widget=forms.Textarea({"rows": 8}),
        max_length=50_000,
        help_text=_("One a line, at most 500."),
    )


class NameBallotsView(PollActionView):
    """Set ballots aside that no rule found, for a decision like any other."""

    form_class = ReceiptsForm
    page_title = button_label = _("Set ballots aside by receipt")
    explanation = _(
        "For ballots that no rule found, such as those of a complaint. They make a cluster of "
        "their own and do not count until you have decided about it."
    )
    success_message = _("The ballots are set aside as a cluster of their own.")

    def perform(self, form: forms.Form) -> Cluster:
        return name_ballots(
            poll=self.object, receipts=form.cleaned_data["receipts"], actor=self.request.user
        )


class DecisionForm(forms.Form):
    """Which clusters, as the person saw them, and why."""

    chosen = forms.MultipleChoiceField(widget=forms.MultipleHiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("For the log and for whoever objects; it is not published."),
    )

    def __init__(self, *args: Any, clusters: list[Cluster], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].choices = [(one.pk, one) for one in clusters]


class DecideView(PollActionView):
    """Shows what a decision about the ticked clusters would change, asks why, and decides."""

    form_class = DecisionForm
    template_name = "competition_admin/decide.html"
    decision: Decision

    @cached_property
    def chosen(self) -> list[Cluster]:
        data = self.request.POST if self.request.method == "POST" else self.request.GET
        ids = [pk for pk in data.getlist("chosen") if pk.isdecimal() and len(pk) < 19]
        clusters = self.object.clusters.filter(pk__in=ids[:CHOSEN_AT_ONCE])
        return list(clusters.select_related("poll").order_by("pk"))

    @cached_property
    def shown(self) -> Preview:
        return preview(poll=self.object, clusters=self.chosen, decision=self.decision)

    def get_initial(self) -> dict[str, Any]:
        if self.request.method == "POST":
            return {}
        return {"chosen": [one.pk for one in self.chosen], "seen": self.shown.seen}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"clusters": self.chosen}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        works = Entry.objects.in_bulk([line.entry for line in self.shown.works])
        form = kwargs.get("form")
        if form is not None:  # it was refused; what is shown now is what the next try has seen
            form.data = form.data.copy()
            form.data["seen"] = self.shown.seen
        return super().get_context_data(
            preview=self.shown,
            lines=[(works[line.entry], line) for line in self.shown.works],
            **kwargs,
        )


class VoidClustersView(DecideView):
    decision = Decision.VOID
    is_serious = True
    page_title = button_label = _("Make void")
    explanation = _(
        "These ballots will not count. They stay in the ledger as void, with the rule that "
        "found them. You can let them count again later."
    )
    success_message = _("%(result)d ballots are void.")

    def perform(self, form: forms.Form) -> int:
        return void_clusters(
            clusters=self.chosen,
            reason=form.cleaned_data["reason"],
            seen=form.cleaned_data["seen"],
            actor=self.request.user,
        )


class RestoreClustersView(DecideView):
    decision = Decision.RESTORED
    page_title = button_label = _("Let them count")
    explanation = _(
        "These ballots will count again, except those that are also in a cluster that is void "
        "or still to be reviewed."
    )
    success_message = _("Decided: the %(result)d ballots count, unless another cluster holds them.")

    def perform(self, form: forms.Form) -> int:
        return restore_clusters(
            clusters=self.chosen,
            reason=form.cleaned_data["reason"],
            seen=form.cleaned_data["seen"],
            actor=self.request.user,
        )


@require_safe
def rules(request: HttpRequest, edition: str) -> HttpResponse:
    """Tell everybody which rules are applied, what is kept of a voter, and how to object."""
    poll = get_object_or_404(Poll.objects.select_related("edition"), edition__slug=edition)
    ledger = poll.ledgers.order_by("version").last()
    context = {
        "poll": poll,
        "edition": poll.edition,
        "notice": find_phase(poll.edition, Phase.Kind.NOTICE),
        "rules": [
            {"name": name_of(code), "words": words_of(code), "figures": figures_of(values)}
            for code, values in antifraud.describe()
        ],
        "ledger": ledger,
    }
    if ledger:
        counted, void = cache.get_or_set(
            f"voting.outcome.{ledger.pk}", lambda: _outcome(poll), OUTCOME_SECONDS
        )
        context |= {"counted": counted, "void": [(name_of(code), n) for code, n in void]}
    return render(request, "voting/rules.html", context)


def _outcome(poll: Poll) -> tuple[int, list[tuple[str, int]]]:
    """Return how many ballots count, and how many each rule made void, the most first."""
    counted = poll.ballots.filter(status=Ballot.Status.COUNTED).count()
    void = poll.ballots.filter(status=Ballot.Status.VOID).order_by().values_list("code")
    return counted, list(void.annotate(n=Count("pk")).order_by("-n", "code"))
