"""The tables of publishing."""

from folkmoot.publishing.models.agreement import (
    Comment,
    LinkCheck,
    Policy,
    PostApproval,
    PostApprovalRule,
    PreviewLink,
    Waiver,
)
from folkmoot.publishing.models.campaigns import Campaign, ChecklistEntry
from folkmoot.publishing.models.channels import BookEntry, BookHandle, CadenceGoal, ChannelPlan, Slot
from folkmoot.publishing.models.figures import FollowerReading, Reading
from folkmoot.publishing.models.media import CardTemplate, Media, Rendition
from folkmoot.publishing.models.posts import (
    EDITABLE,
    Kind,
    Part,
    PartMedia,
    Post,
    PostState,
    Publication,
    Variant,
)
from folkmoot.publishing.models.series import (
    Occurrence,
    PoolItem,
    PostTemplate,
    Series,
    SeriesKind,
    TemplateText,
)
from folkmoot.publishing.models.site import Article, ArticleState, Generator, Site

__all__ = [
    "EDITABLE",
    "Article",
    "ArticleState",
    "BookEntry",
    "BookHandle",
    "CadenceGoal",
    "Campaign",
    "CardTemplate",
    "ChannelPlan",
    "ChecklistEntry",
    "Comment",
    "FollowerReading",
    "Generator",
    "Kind",
    "LinkCheck",
    "Media",
    "Occurrence",
    "Part",
    "PartMedia",
    "Policy",
    "PoolItem",
    "Post",
    "PostApproval",
    "PostApprovalRule",
    "PostState",
    "PostTemplate",
    "PreviewLink",
    "Publication",
    "Reading",
    "Rendition",
    "Series",
    "SeriesKind",
    "Site",
    "Slot",
    "TemplateText",
    "Variant",
    "Waiver",
]
