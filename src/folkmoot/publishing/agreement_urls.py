"""Addresses of agreement and policy."""

from __future__ import annotations

from django.urls import path

from folkmoot.publishing.views import agreement, outside, policy

urlpatterns = [
    path("posts/<int:pk>/hand-in/", agreement.hand_in, name="hand_in"),
    path("posts/<int:pk>/approve/", agreement.approve, name="approve"),
    path("posts/<int:pk>/send-back/", agreement.send_back, name="send_back"),
    path("posts/<int:pk>/comment/", agreement.comment, name="comment"),
    path("posts/<int:pk>/waive/<str:rule>/", agreement.waive, name="waive"),
    path("posts/<int:pk>/links/new/", agreement.new_link, name="new_link"),
    path("comments/<int:pk>/take/", agreement.take, name="take"),
    path("comments/<int:pk>/put-back/", agreement.put_back, name="put_back"),
    path("comments/<int:pk>/resolve/", agreement.resolve, name="resolve"),
    path("comments/<int:pk>/reopen/", agreement.reopen_comment, name="reopen_comment"),
    path("waivers/<int:pk>/withdraw/", agreement.withdraw_waiver, name="withdraw_waiver"),
    path("links/<int:pk>/withdraw/", agreement.withdraw_link, name="withdraw_link"),
    path("preview/<str:secret>/", outside.preview, name="preview"),
    path("preview/<str:secret>/<str:digest>/", outside.preview_picture, name="preview_picture"),
    path("approval-rules/", agreement.approval_rules, name="approval_rules"),
    path("approval-rules/new/", agreement.new_approval_rule, name="new_approval_rule"),
    path("approval-rules/<int:pk>/", agreement.approval_rule, name="approval_rule"),
    path("approval-rules/<int:pk>/remove/", agreement.remove_approval_rule, name="remove_approval_rule"),
    path("policy/", policy.policy, name="policy"),
    path("policy/history/", policy.policy_history, name="policy_history"),
    path("policy/history/<int:pk>/restore/", policy.restore_policy, name="restore_policy"),
]
