"""Addresses under /vote/."""

from django.urls import path

from voting import ledger_views, proof_views, review_views, views

urlpatterns = [
    path("ledger-check.pyz", ledger_views.checker, name="vote-checker"),
    path("<slug:edition>/ledger/", ledger_views.show_ledger, name="vote-ledger"),
    path("<slug:edition>/ledger/<int:version>/", ledger_views.download, name="vote-ledger-file"),
    path("<slug:edition>/receipt/", ledger_views.check_receipt, name="vote-receipt"),
    path("proof/", proof_views.prove_device, name="vote-proof"),
    # Before the works: no work has this number.
    path("<slug:edition>/identify/", proof_views.identify, name="vote-identify"),
    path("<slug:edition>/rules/", review_views.rules, name="vote-rules"),
    path("<slug:edition>/<str:number>/", views.cast, name="vote-cast"),
]
