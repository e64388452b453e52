"""What the pages of posts declare: navigation, commands, timeline and cards on pages of the register."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.plugs import (
    Command,
    NavEntry,
    RecordPanel,
    TimelineSource,
    commands,
    counted,
    navigation,
    one_group,
    record_panels,
    timeline_sources,
)
from folkmoot.people.public import belongs_to_history, history_in_words
from folkmoot.publishing.models import BookEntry, BookHandle, Campaign, ChecklistEntry, Post, Variant
from folkmoot.publishing.queries import panels

for _entry in (
    NavEntry("publishing", _("Publishing"), "publishing:calendar", "megaphone", "publishing.view", order=40),
    NavEntry(
        "publishing.calendar",
        _("Calendar"),
        "publishing:calendar",
        "",
        "publishing.view",
        "publishing",
        order=1,
    ),
    NavEntry(
        "publishing.posts", _("Posts"), "publishing:posts", "", "publishing.view", "publishing", order=2
    ),
    NavEntry(
        "publishing.campaigns",
        _("Campaigns"),
        "publishing:campaigns",
        "",
        "publishing.view",
        "publishing",
        order=3,
    ),
    NavEntry(
        "publishing.pictures",
        _("Pictures"),
        "publishing:pictures",
        "",
        "publishing.view",
        "publishing",
        order=4,
    ),
    NavEntry(
        "publishing.book", _("Handle book"), "publishing:book", "", "publishing.view", "publishing", order=5
    ),
):
    navigation.register(_entry)

for _command in (
    Command(
        "publishing.new_post",
        _("New post"),
        "publishing:new_post",
        "publishing.contribute",
        "megaphone",
        True,
        15,
    ),
    Command(
        "publishing.upload",
        _("Upload pictures"),
        "publishing:upload",
        "publishing.contribute",
        "images",
        order=116,
    ),
    Command(
        "publishing.new_campaign",
        _("New campaign"),
        "publishing:new_campaign",
        "publishing.manage",
        "flag",
        order=117,
    ),
    Command("publishing.posts", _("Go to posts"), "publishing:posts", "publishing.view", order=120),
    Command(
        "publishing.campaigns", _("Go to campaigns"), "publishing:campaigns", "publishing.view", order=121
    ),
    Command("publishing.pictures", _("Go to pictures"), "publishing:pictures", "publishing.view", order=122),
    Command("publishing.book", _("Go to the handle book"), "publishing:book", "publishing.view", order=123),
):
    commands.register(_command)

belongs_to_history(Post, (Variant, "post"), (ChecklistEntry, "post"))
belongs_to_history(Campaign, (ChecklistEntry, "campaign"))
belongs_to_history(BookEntry, (BookHandle, "entry"))
#: The moment of a post follows from its wall time; where an import found it says nothing to people.
history_in_words(
    Post,
    written_by=_("written by"),
    wall_time=_("time"),
    due_at=None,
    series=_("series"),
    article=_("article"),
    activity=None,
    import_key=None,
)
history_in_words(
    Variant,
    channel=_("channel"),
    options=_("said for this platform"),
    wall_time=_("time of its own"),
    zone=_("time zone"),
    due_at=None,
    version=_("version"),
)
history_in_words(
    ChecklistEntry, campaign=_("campaign"), position=None, done_at=_("done"), done_by=_("done by")
)

for _record in panels.ABOUT:
    record_panels.register(
        RecordPanel(
            f"publishing.of_{_record.rpartition('.')[2]}",
            _record,
            _("Posts about it") if _record != "people.person" else _("Posts"),
            "publishing.view",
            "publishing/parts/about.html",
            panels.about,
            panels.told,
            order=40,
        )
    )

timeline_sources.register(
    TimelineSource(
        "publishing.posts",
        frozenset(panels.ABOUT),
        "publishing.view",
        lambda user, record: counted(panels.published_about(record)),
        one_group(panels.GROUP, _("Posts")),
        panels.timeline_rows,
        panels.tell,
        order=40,
    )
)
