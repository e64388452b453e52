"""What other apps may use of publishing."""

from __future__ import annotations

from folkmoot.publishing.actions.campaigns import archive_campaign, save_campaign, unarchive_campaign
from folkmoot.publishing.actions.deleting import delete_post
from folkmoot.publishing.actions.leaving_again import (
    correct_everywhere,
    publish_again,
    try_again,
    withdraw_everywhere,
)
from folkmoot.publishing.actions.media import keep_drawn, save_media, upload_media
from folkmoot.publishing.actions.planning import (
    Moved,
    move,
    move_many,
    publish_now,
    schedule,
    set_time,
    set_variant_time,
    unschedule,
)
from folkmoot.publishing.actions.posts import (
    cancel_post,
    duplicate_post,
    remove_variant,
    reopen_post,
    save_post,
    set_campaign,
    set_owner,
    set_tags,
)
from folkmoot.publishing.actions.variants import save_variant, split_variant
from folkmoot.publishing.content import content_hash, rendered, rendered_many
from folkmoot.publishing.models import Article, Campaign, Media, Post, PostState, Publication, Variant
from folkmoot.publishing.sampling.places import make_places
from folkmoot.publishing.sampling.plans import finish as finish_sample
from folkmoot.publishing.sampling.plans import is_finished as sample_is_finished
from folkmoot.publishing.settling import PUBLISHED

__all__ = [
    "PUBLISHED",
    "Article",
    "Campaign",
    "Media",
    "Moved",
    "Post",
    "PostState",
    "Publication",
    "Variant",
    "archive_campaign",
    "cancel_post",
    "content_hash",
    "correct_everywhere",
    "delete_post",
    "duplicate_post",
    "finish_sample",
    "keep_drawn",
    "make_places",
    "move",
    "move_many",
    "publish_again",
    "publish_now",
    "remove_variant",
    "rendered",
    "rendered_many",
    "reopen_post",
    "sample_is_finished",
    "save_campaign",
    "save_media",
    "save_post",
    "save_variant",
    "schedule",
    "set_campaign",
    "set_owner",
    "set_tags",
    "set_time",
    "set_variant_time",
    "split_variant",
    "try_again",
    "unarchive_campaign",
    "unschedule",
    "upload_media",
    "withdraw_everywhere",
]
