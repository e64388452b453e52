"""Addresses of series, templates and cards."""

from __future__ import annotations

from django.urls import path

from folkmoot.publishing.views import cards, series

urlpatterns = [
    path("series/", series.series_list, name="series_list"),
    path("series/new/", series.new, name="new_series"),
    path("series/new/<slug:kind>/", series.new_of, name="new_series_of"),
    path("series/<int:pk>/", series.series, name="series"),
    path("series/<int:pk>/edit/", series.edit, name="edit_series"),
    path("series/<int:pk>/pause/", series.pause, name="pause_series"),
    path("series/<int:pk>/archive/", series.archive, name="archive_series"),
    path("series/<int:pk>/skip/", series.skip, name="skip_moment"),
    path("series/<int:pk>/history/", series.history, name="series_history"),
    path("series/<int:pk>/texts/new/", series.new_item, name="new_pool_item"),
    path("series/texts/pictures/", series.choose_picture, name="choose_picture"),
    path("series/texts/<int:pk>/edit/", series.edit_item, name="edit_pool_item"),
    path("series/texts/<int:pk>/remove/", series.remove_item, name="remove_pool_item"),
    path("templates/", series.templates, name="templates"),
    path("templates/new/", series.new_template, name="new_template"),
    path("templates/<int:pk>/edit/", series.edit_template, name="edit_template"),
    path("templates/<int:pk>/aside/", series.set_template_aside, name="set_template_aside"),
    path("cards/", cards.cards, name="cards"),
    path("cards/new/", cards.new_card, name="new_card"),
    path("cards/<int:pk>/edit/", cards.edit_card, name="edit_card"),
    path("cards/<int:pk>/aside/", cards.set_card_aside, name="set_card_aside"),
    path("cards/<int:pk>/example.png", cards.example, name="card_example"),
    path("cards/<int:pk>/draw/", cards.draw, name="draw_card"),
]
