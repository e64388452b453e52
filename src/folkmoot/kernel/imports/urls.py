"""Addresses of imports."""

from django.urls import path

from folkmoot.kernel.imports import views

app_name = "imports"
urlpatterns = [
    path("", views.runs, name="list"),
    path("new/", views.new, name="new"),
    path("new/<str:key>/", views.upload, name="upload"),
    path("template/<str:key>.<str:ending>", views.template, name="template"),
    path("<int:pk>/", views.run, name="run"),
    path("<int:pk>/columns/", views.column_mapping, name="columns"),
    path("<int:pk>/rejected/", views.rejected, name="rejected"),
    path("<int:pk>/rejected/dismiss/", views.dismiss, name="dismiss"),
    path("<int:pk>/to-mend.csv", views.to_mend, name="to_mend"),
    path("<int:pk>/alike/", views.alike, name="alike"),
    path("<int:pk>/alike/<int:row>/", views.alike_row, name="alike_row"),
    path("<int:pk>/differences/", views.differences, name="differences"),
    path("<int:pk>/kept/", views.kept, name="kept"),
    path("<int:pk>/undo/", views.undo_run, name="undo"),
    path("<int:pk>/confirm/", views.confirm, name="confirm"),
    path("<int:pk>/resume/", views.resume, name="resume"),
    path("<int:pk>/discard/", views.discard, name="discard"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
]
