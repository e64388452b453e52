"""Addresses of the people side of reviews; part of :mod:`folkmoot.reviews.urls`."""

from django.urls import path

from folkmoot.reviews.views import assign, conflicts, editors, invitation, reviewers

urlpatterns = [
    path("<int:pk>/reviewers/", assign.find_reviewers, name="find_reviewers"),
    path("<int:pk>/editor/", assign.find_editor, name="find_editor"),
    path("<int:pk>/ask/<slug:role>/<int:person>/", assign.ask, name="ask"),
    path("<int:pk>/give/<slug:role>/<int:person>/", assign.give, name="give"),
    path("<int:pk>/add/", assign.add, name="add"),
    path("<int:pk>/write/", assign.write, name="write"),
    path("parts/<int:pk>/finish/", assign.finish, name="finish"),
    path("parts/<int:pk>/due/", assign.due, name="due"),
    path("parts/<int:pk>/answer/", assign.note_answer, name="note_answer"),
    path("parts/<int:pk>/call-back/", assign.call_back, name="call_back"),
    path("parts/<int:pk>/take-off/", assign.take_off, name="take_off"),
    path("editors/", editors.editors, name="editors"),
    path("reviewers/", reviewers.reviewers, name="reviewers"),
    path("teams/", reviewers.many_teams, name="teams"),
    path("conflicts/", conflicts.conflict_list, name="conflicts"),
    path("conflicts/new/", conflicts.new, name="new_conflict"),
    path("conflicts/<int:pk>/", conflicts.edit, name="edit_conflict"),
    path("conflicts/<int:pk>/remove/", conflicts.remove, name="remove_conflict"),
    path("invitations/<str:token>/", invitation.invitation, name="invitation"),
]
