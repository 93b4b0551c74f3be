"""Addresses under /vote/."""

from django.urls import path

from voting import ledger_views, paper_views, proof_views, review_views

urlpatterns = [
    path("ledger-check.pyz", ledger_views.checker, name="vote-checker"),
    # Before the works: no work has such a number.
    path("<slug:edition>/ledger/", ledger_views.show_ledger, name="vote-ledger"),
    path("<slug:edition>/ledger/<int:version>/", ledger_views.download, name="vote-ledger-file"),
    path("<slug:edition>/receipt/", ledger_views.check_receipt, name="vote-receipt"),
    path("proof/", proof_views.prove_device, name="vote-proof"),
    path("<slug:edition>/identify/", proof_views.identify, name="vote-identify"),
    path("<slug:edition>/rules/", review_views.rules, name="vote-rules"),
    path("<slug:edition>/mine/", paper_views.mine, name="vote-mine"),
    path("<slug:edition>/<str:number>/", paper_views.vote, name="vote-cast"),
]
