"""Addresses of events for those who run them."""

from django.urls import path

from folkmoot.training.views import base, events, lists, notes, parts, pieces, rows, workshop_pages

urlpatterns = [
    path("", lists.events, name="list"),
    path("new/", events.new, name="new"),
    path("owner/<str:chosen>/", lists.own_many_page, name="own_many"),
    path("undo/<str:token>/", base.take_back, name="undo"),
    path("<int:pk>/", events.event, name="event"),
    path("<int:pk>/edit/", events.edit, name="edit"),
    path("<int:pk>/duplicate/", events.duplicate, name="duplicate"),
    path("<int:pk>/delete/", events.delete, name="delete"),
    path("<int:pk>/history/", events.history, name="history"),
    path("<int:pk>/announce/", events.announce, name="announce"),
    path("<int:pk>/plan/", events.plan_again, name="plan_again"),
    path("<int:pk>/finish/", events.finish, name="finish"),
    path("<int:pk>/cancel/", events.cancel, name="cancel"),
    path("<int:pk>/stall/", events.stall, name="stall"),
    path("<int:pk>/note/", notes.add_event_note, name="add_event_note"),
    path("notes/<int:pk>/", notes.edit_event_note, name="edit_event_note"),
    path("notes/<int:pk>/remove/", notes.remove_event_note, name="remove_event_note"),
    path("<int:pk>/page/", workshop_pages.read_event_page, name="read_event_page"),
    path("<int:pk>/page/take/", workshop_pages.take_over, name="take_over_page"),
    path("<int:pk>/people/", parts.parts, name="parts"),
    path("<int:pk>/people/new/", parts.new_part, name="new_part"),
    path("<int:pk>/attendance/", parts.attendance, name="attendance"),
    path("people/<int:pk>/", parts.edit_part, name="edit_part"),
    path("people/<int:pk>/remove/", parts.remove_part, name="remove_part"),
    path("<int:pk>/sessions/new/", pieces.new_session, name="new_session"),
    path("sessions/<int:pk>/", pieces.edit_session, name="edit_session"),
    path("sessions/<int:pk>/remove/", pieces.remove_session, name="remove_session"),
    path("<int:pk>/links/new/", pieces.new_link, name="new_link"),
    path("links/<int:pk>/", pieces.edit_link, name="edit_link"),
    path("links/<int:pk>/remove/", pieces.remove_link, name="remove_link"),
    path("settings/<slug:table>/", rows.rows, name="rows"),
    path("settings/<slug:table>/new/", rows.new_row, name="new_row"),
    path("settings/<slug:table>/<int:pk>/", rows.edit_row, name="edit_row"),
    path("settings/<slug:table>/<int:pk>/remove/", rows.remove_row, name="remove_row"),
]
