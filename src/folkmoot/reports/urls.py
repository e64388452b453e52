"""Addresses of the reports. A report's own words are in its query: ?period=2026Q2&exclude=staff."""

from django.urls import path

from folkmoot.reports import views

app_name = "reports"
urlpatterns = [
    path("", views.index, name="index"),
    path("definitions/", views.definitions, name="definitions"),
    path("shares/", views.shares, name="shares"),
    path("shares/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("shared/<str:token>/", views.shared, name="shared"),
    path("shared/<str:token>/file.<str:suffix>", views.shared_file, name="shared_file"),
    path("community/", views.report, {"key": "community"}, name="community"),
    path("<slug:key>/", views.report, name="report"),
    path("<slug:key>/file.<str:suffix>", views.file, name="file"),
    path("<slug:key>/share/", views.share, name="share"),
    path("<slug:key>/notes/<str:section>/", views.note, name="note"),
]
