"""Addresses of unconferences for those who run them."""

from __future__ import annotations

from django.urls import path

from folkmoot.training.views import grid, proposals, unconference

urlpatterns = [
    path("<int:pk>/unconference/", unconference.unconference, name="unconference"),
    path("<int:pk>/unconference/on/", unconference.switch_on, name="switch_on_unconference"),
    path("<int:pk>/unconference/off/", unconference.switch_off, name="switch_off_unconference"),
    path("<int:pk>/unconference/edit/", unconference.edit, name="edit_unconference"),
    path("<int:pk>/unconference/phase/", unconference.phase, name="unconference_phase"),
    path("<int:pk>/unconference/history/", unconference.history, name="unconference_history"),
    path("<int:pk>/unconference/rounds/new/", unconference.new_round, name="new_round"),
    path("<int:pk>/unconference/rounds/several/", unconference.new_rounds, name="new_rounds"),
    path("unconference/rounds/<int:pk>/", unconference.edit_round, name="edit_round"),
    path("unconference/rounds/<int:pk>/remove/", unconference.remove_round, name="remove_round"),
    path("<int:pk>/unconference/spaces/new/", unconference.new_space, name="new_space"),
    path("unconference/spaces/<int:pk>/", unconference.edit_space, name="edit_space"),
    path("unconference/spaces/<int:pk>/remove/", unconference.remove_space, name="remove_space"),
    path("<int:pk>/unconference/proposals/", proposals.proposals, name="proposals"),
    path("<int:pk>/unconference/proposals/new/", proposals.new_proposal, name="new_proposal"),
    path("unconference/proposals/<int:pk>/", proposals.proposal, name="proposal"),
    path("unconference/proposals/<int:pk>/show/", proposals.show, name="show_proposal"),
    path("unconference/proposals/<int:pk>/hide/", proposals.hide, name="hide_proposal"),
    path("unconference/proposals/<int:pk>/withdraw/", proposals.withdraw, name="withdraw_proposal"),
    path("unconference/proposals/<int:pk>/merge/", proposals.merge, name="merge_proposal"),
    path("unconference/proposals/<int:pk>/history/", proposals.proposal_history, name="proposal_history"),
    path("unconference/proposals/<int:pk>/move/", grid.move, name="move_proposal"),
    path("unconference/proposals/<int:pk>/pin/", grid.pin, name="pin_proposal"),
    path("unconference/proposals/<int:pk>/cancel/", grid.cancel, name="cancel_proposal"),
    path("<int:pk>/unconference/grid/", grid.grid, name="grid"),
    path("<int:pk>/unconference/grid/plan/", grid.plan, name="plan_grid"),
    path("<int:pk>/unconference/grid/back/", grid.take_plan_back, name="take_plan_back"),
    path("<int:pk>/unconference/grid/publish/", grid.publish, name="publish_grid"),
    path("<int:pk>/unconference/grid/unpublish/", grid.unpublish, name="unpublish_grid"),
]
