"""Addresses of notices."""

from django.urls import path

from folkmoot.kernel.notices import views

app_name = "notices"
urlpatterns = [
    path("", views.notices, name="list"),
    path("<int:pk>/", views.open_notice, name="open"),
    path("read/", views.mark_all_read, name="mark_all_read"),
    path("unread/<str:token>/", views.unread_again, name="unread_again"),
    path("count/", views.count, name="count"),
    path("preferences/", views.preferences, name="preferences"),
    path("people/<str:kind>/", views.people, name="people"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
