"""Joins what publishing tells on Today to the house."""

from __future__ import annotations

from folkmoot.kernel.plugs import GoodNewsSource, TodaySource, good_news_sources, today_sources
from folkmoot.publishing.today import posts, sources

for _key, _permission, _rows, _tell, _order in (
    ("trouble", "publishing.contribute", posts.in_trouble, posts.tell_trouble, 38),
    ("not_agreed", "publishing.contribute", posts.not_agreed, posts.tell_not_agreed, 41),
    ("dead_links", "publishing.contribute", posts.dead_links, posts.tell_dead_links, 42),
    ("tired", "publishing.manage", sources.pools, sources.tell_tired, 44),
    ("not_live", "publishing.contribute", sources.not_live, sources.tell_not_live, 43),
):
    today_sources.register(
        TodaySource(f"publishing.{_key}", "publishing", _permission, _rows, _tell, order=_order)
    )
good_news_sources.register(
    GoodNewsSource("publishing.published", "publishing.view", posts.published, posts.good_news, order=60)
)
