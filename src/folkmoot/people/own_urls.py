"""Addresses of a person's own side."""

from django.urls import path

from folkmoot.people.views import own, own_data

app_name = "own"
urlpatterns = [
    path("record/", own.record, name="record"),
    path("record/claim/<int:pk>/", own.claim, name="claim"),
    path("record/release/", own.release, name="release"),
    path("record/new/", own.make, name="make"),
    path("record/ask/", own.ask, name="ask"),
    path("record/edit/", own.edit, name="edit"),
    path("record/handles/new/", own.new_identity, name="new_identity"),
    path("record/handles/<int:pk>/remove/", own.remove_identity, name="remove_identity"),
    path("record/undo/<str:token>/", own.undo, name="undo"),
    path("record/public/", own.public_page, name="public"),
    path("record/photo/", own_data.photo, name="photo"),
    path("record/photo/set/", own_data.set_photo, name="set_photo"),
    path("record/photo/remove/", own_data.remove_photo, name="remove_photo"),
    path("record/consents/<int:pk>/give/", own_data.give, name="give"),
    path("record/consents/<int:pk>/withdraw/", own_data.withdraw, name="withdraw"),
    path("record/everything/", own_data.everything, name="everything"),
    path("record/download/", own_data.download, name="download"),
    path("record/history/", own_data.edits, name="history"),
    path("record/erase/", own_data.erase, name="erase"),
    path("record/keep/", own_data.keep, name="keep"),
]
