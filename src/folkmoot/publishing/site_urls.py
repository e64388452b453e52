"""Addresses of articles and sites."""

from __future__ import annotations

from django.urls import path

from folkmoot.publishing.views import articles as views

urlpatterns = [
    path("articles/", views.article_list, name="articles"),
    path("articles/new/", views.new, name="new_article"),
    path("articles/preview/", views.preview, name="preview_article"),
    path("articles/<int:pk>/", views.article, name="article"),
    path("articles/<int:pk>/edit/", views.edit, name="edit_article"),
    path("articles/<int:pk>/remove/", views.remove, name="remove_article"),
    path("articles/<int:pk>/propose/", views.propose, name="propose_article"),
    path("articles/<int:pk>/merge/", views.merge, name="merge_article"),
    path("articles/<int:pk>/file/", views.download, name="article_file"),
    path("articles/<int:pk>/history/", views.history, name="article_history"),
    path("sites/", views.sites, name="sites"),
    path("sites/new/", views.new_site, name="new_site"),
    path("sites/<int:pk>/edit/", views.edit_site, name="edit_site"),
    path("sites/<int:pk>/aside/", views.set_site_aside, name="set_site_aside"),
]
