"""Addresses of the calendar."""

from __future__ import annotations

from django.urls import path

from folkmoot.publishing.views import calendar, feeds, plans

urlpatterns = [
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/move/", calendar.move_chosen, name="move_chosen"),
    path("calendar/posts/<int:pk>/move/", calendar.move_post, name="move_post"),
    path("calendar/feeds/", feeds.feeds, name="feeds"),
    path("calendar/feeds/<int:pk>/end/", feeds.end_feed, name="end_feed"),
    path("feed/<str:token>.ics", feeds.feed, name="feed"),
    path("posts.csv", calendar.export_posts, name="export_posts"),
    path("channels/", plans.channel_list, name="channels"),
    path("channels/<int:pk>/", plans.channel, name="channel_plan"),
    path("channels/<int:pk>/plan/", plans.edit_plan, name="edit_plan"),
    path("channels/<int:pk>/slots/", plans.edit_slots, name="edit_slots"),
    path("channels/<int:pk>/goals/new/", plans.new_goal, name="new_goal"),
    path("channels/goals/<int:pk>/", plans.edit_goal, name="edit_goal"),
    path("channels/goals/<int:pk>/remove/", plans.remove_goal, name="remove_goal"),
]
