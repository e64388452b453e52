"""Addresses of agreements, and of what takes from them, for those who run training."""

from __future__ import annotations

from django.urls import path

from folkmoot.training.views import agreement_pieces, agreements, members, seats

urlpatterns = [
    path("agreements/", agreements.agreements, name="agreements"),
    path("agreements/mine/", members.own, name="own_agreements"),
    path("agreements/new/", agreements.new, name="new_agreement"),
    path("agreements/<int:pk>/", agreements.agreement, name="agreement"),
    path("agreements/<int:pk>/edit/", agreements.edit, name="edit_agreement"),
    path("agreements/<int:pk>/history/", agreements.history, name="agreement_history"),
    path("agreements/<int:pk>/extend/", agreements.extend, name="extend"),
    path("agreements/<int:pk>/renew/", agreements.renew, name="renew"),
    path("agreements/<int:pk>/remove/", agreements.remove, name="remove_agreement"),
    path("agreements/<int:pk>/uses/", agreement_pieces.uses, name="uses"),
    path("agreements/<int:pk>/contacts/new/", agreement_pieces.new_contact, name="new_contact"),
    path("agreements/<int:pk>/allowances/new/", agreement_pieces.new_allowance, name="new_allowance"),
    path("agreements/contacts/<int:pk>/remove/", agreement_pieces.remove_contact, name="remove_contact"),
    path(
        "agreements/extensions/<int:pk>/remove/", agreement_pieces.remove_extension, name="remove_extension"
    ),
    path("agreements/allowances/<int:pk>/", agreement_pieces.edit_allowance, name="edit_allowance"),
    path(
        "agreements/allowances/<int:pk>/remove/", agreement_pieces.remove_allowance, name="remove_allowance"
    ),
    path("<int:pk>/allowance/", seats.charge, name="charge"),
    path("<int:pk>/allowance/release/", seats.release_event, name="release_event"),
    path("<int:pk>/seats/<str:chosen>/", seats.give_many, name="give_seats"),
    path("people/<int:pk>/seat/", seats.give, name="give_seat"),
    path("people/<int:pk>/seat/release/", seats.release_seat, name="release_seat"),
]
