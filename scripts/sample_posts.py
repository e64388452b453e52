"""What the sample community says: posts on four made-up channels over two quarters and into the next, and its blog."""

from __future__ import annotations

import csv
import datetime as dt
import random
from pathlib import Path
from typing import Any

import yaml

HOME = "https://tidewater.example"
ZONE = "Europe/Paris"
CHANNELS = ("Commons on Mastodon", "Commons on Bluesky", "Commons on LinkedIn", "Commons on X")
COLUMNS = (
    "post", "channel", "title", "text", "link", "date", "time", "zone", "campaign", "tags", "language", "state",
)  # fmt: skip
CAMPAIGNS = ("Tide of packages", "Spring sprint", "Autumn conference")
#: Of which the pictures are drawn: name of a card, the title of the post, the card's values.
TIPS = (
    ("Units in every header", "Write the unit into the column's name: depth_m says more than depth."),
    (
        "Time zones of gauges",
        "A gauge's clock rarely follows summer time. Keep UTC, and note what the box says.",
    ),
    ("Datum first", "Before you compare two water levels, look up both chart datums."),
    ("Flags stay", "Never delete a flagged value: keep it, with its flag, beside the good ones."),
    ("A small example", "A data set of ten lines in your package teaches more than a page of words."),
    ("Name the instrument", "Serial number, firmware, day of calibration: three words that save a paper."),
    ("Gaps are data", "A missing hour is a fact. Say so, and do not draw a line across it."),
    ("Ask a user", "Watch somebody install your package once. You will change three things by evening."),
)
THANKS = (
    (
        "Thank you, reviewers",
        "This month {n} people read other people's code with care. Thank you, all of you!",
    ),
    ("First contributions", "{n} people opened their first pull request with us this month. Welcome aboard!"),
    ("Translators", "Our handbook can be read in one more language. {n} translators made that happen."),
)
SPRINT = (
    (
        "Sprint: save the week",
        "Our next sprint is about documentation. Beginners are welcome, the tea is your own.",
    ),
    (
        "Sprint: first issues",
        "We marked {n} issues for the sprint as good first ones. Choose yours, say hello there.",
    ),
    ("Sprint begins", "Good morning from the sprint! Say where you are and what the tide does there."),
    (
        "Sprint: what we did",
        "The sprint is over: {n} pull requests, many of them the first of somebody. Thank you!",
    ),
)
CONFERENCE = (
    (
        "Conference: call for talks",
        "Tell us of the data set that taught you most. The call for talks is open.",
    ),
    (
        "Conference: travel support",
        "Travel should keep nobody away: we support {n} people. Asking takes five minutes.",
    ),
    (
        "Conference: mentors wanted",
        "Mentors read a first abstract with its author. Two hours in all. Will you?",
    ),
    ("Conference: the programme", "The programme is here: {n} talks, and long breaks to talk to each other."),
    (
        "Conference: see you there",
        "Tomorrow we meet. Bring a sticker, a question and something warm for the pier.",
    ),
)
#: Slug, days before the anchor, title, beginning of the text.
ARTICLES = (
    (
        "reading-old-tide-tables",
        150,
        "Reading old tide tables",
        "A box of tide tables came to light in an attic.",
    ),
    ("what-reviewers-look-for", 96, "What reviewers look for", "Most of it is not about code at all."),
    (
        "a-sprint-in-four-time-zones",
        40,
        "A sprint in four time zones",
        "We began when it was evening in Hobart.",
    ),
    (
        "counting-kelp-together",
        11,
        "Counting kelp together",
        "Twelve volunteers, two boats and one spreadsheet.",
    ),
)
ALIASES = (
    ("harbour", "Lagoon Observatory"),
    ("shoal", "North Shoal University"),
    ("kelp", "Kelp & Current Cooperative"),
)


def _rows(post: dict[str, str], channels: tuple[str, ...], own: dict[str, str]) -> list[dict[str, str]]:
    return [
        post,
        *({"post": post["post"], "channel": name, "text": own.get(name, "")} for name in channels),
    ]


class _Plan:
    """Posts in the order in which they were thought of, each a few days after the one before."""

    def __init__(self, anchor: dt.date, chance: random.Random) -> None:
        self.anchor, self.chance = anchor, chance
        self.rows: list[dict[str, str]] = []
        self.number = 0

    def add(self, days: int, title: str, text: str, **more: str) -> None:
        """A post so many days after the anchor (negative: before)."""
        self.number += 1
        path = more.pop("path", f"news/{self.number}/")
        post = {
            "post": f"sample-{self.number:03}",
            "title": title,
            "text": text.format(n=self.chance.randrange(4, 30)),
            "link": f"{HOME}/{path}",
            "date": (self.anchor + dt.timedelta(days=days)).isoformat(),
            "time": self.chance.choice(("09:00", "09:00", "15:30")),
            "zone": ZONE,
            "language": more.pop("language", "en"),
            "state": more.pop("state", "") or self._state(days),
            **more,
        }
        channels = CHANNELS if self.number % 5 else CHANNELS[:2]
        own = {}
        if CHANNELS[2] in channels and self.number % 3 == 0:
            own[CHANNELS[2]] = f"{post['text']}\n\nWe are a community of people who write software for water."
        self.rows += _rows(post, channels, own)

    def _state(self, days: int) -> str:
        if days < 0:
            return "published"
        if days < 4:
            return "scheduled"
        return ("scheduled", "scheduled", "review", "approved", "draft")[self.number % 5]


def posts(packages: tuple[Any, ...], anchor: dt.date, seed: int) -> list[dict[str, str]]:
    """The rows of ``posts.csv``."""
    plan = _Plan(anchor, random.Random(seed + 7))  # noqa: S311 - the same files each time
    for number in range(18):
        name, description, *_rest = packages[number]
        text = (
            f"{name} was accepted after open peer review. {description} @[kelp] helped to test it. #OceanData"
        )
        plan.add(
            -172 + number * 10,
            f"{name} accepted",
            text,
            campaign=CAMPAIGNS[0],
            tags="packages",
            path=f"packages/{name}/",
        )
    for number, (title, text) in enumerate((*TIPS, *TIPS[:4])):
        plan.add(
            -168 + number * 14, f"Tip: {title}", f"{text} #OpenScience", tags="tips", path="handbook/tips/"
        )
    for number in range(6):
        title, text = THANKS[number % 3]
        plan.add(-150 + number * 29, title, text, tags="thanks")
    for day, (title, text) in zip((-70, -62, -56, -53), SPRINT, strict=True):
        plan.add(day, title, text, campaign=CAMPAIGNS[1], tags="sprint, events", path="sprints/spring/")
    for slug, days, title, first in ARTICLES:
        text = f"New on our blog: {title}. {first}"
        plan.add(1 - days, f"Blog: {title}", text, tags="blog", path=f"blog/{slug}/")
    plan.add(
        -6,
        "Prueba con datos en español",
        "Nuestra guía de mareas ya se puede leer en español.",
        language="es",
    )
    plan.add(
        -3,
        "Poster of the harbour",
        "Our poster of the harbour at low tide, drawn by @[shoal].",
        state="trouble",
    )
    for day, (title, text) in zip((3, 17, 31, 52, 80), CONFERENCE, strict=True):
        plan.add(day, title, text, campaign=CAMPAIGNS[2], tags="events", path="conference/")
    for number in range(9):
        name, description, *_rest = packages[18 + number % 7]
        text = f"Do you know {name}? {description} Tell us what you use it for. #OceanData"
        plan.add(2 + number * 7, f"Ask about {name}", text, tags="packages", path=f"packages/{name}/")
    plan.add(
        2, "Office hours", "Questions about your review? Our editors answer them on Thursday.", state="draft"
    )
    return plan.rows


def described() -> dict[str, Any]:
    """``publishing.yml``: what no file format holds, and the demo makes through the actions."""
    return {
        "zone": ZONE,
        "channels": [
            {
                "name": CHANNELS[0],
                "place": "mastodon",
                "page": "https://social.tidewater.example/@commons",
                "goal": [2, 7],
            },
            {"name": CHANNELS[1], "place": "bluesky", "goal": [2, 7]},
            {"name": CHANNELS[2], "place": "linkedin", "goal": [1, 7]},
            {"name": CHANNELS[3], "place": "x", "goal": [1, 14]},
        ],
        "campaigns": [
            {
                "name": CAMPAIGNS[0],
                "goal": "Each accepted package is introduced within a fortnight.",
                "days": [-180, 90],
            },
            {
                "name": CAMPAIGNS[1],
                "goal": "Forty people at the sprint, a third of them new.",
                "days": [-75, -50],
            },
            {"name": CAMPAIGNS[2], "goal": "Thirty talks, ten of them by newcomers.", "days": [0, 85]},
        ],
        "book": [
            {
                "alias": alias,
                "name": name,
                "mastodon": f"{alias}@social.tidewater.example",
                "bluesky": f"{alias}.tidewater.example",
            }
            for alias, name in ALIASES
        ],
        "site": {
            "name": "Tidewater blog",
            "generator": "hugo",
            "repository": "tidewater-commons/website",
            "path": "content/blog/{date}-{slug}.md",
            "address": f"{HOME}/blog/{{slug}}/",
            "front": "title: New\n",
        },
        "pool": {
            "name": "Tips of the tide",
            "rrule": "FREQ=WEEKLY;BYDAY=WE",
            "texts": [{"title": title, "text": text} for title, text in TIPS[:6]],
        },
        "recurring": {
            "name": "Monthly thanks",
            "rrule": "FREQ=MONTHLY;BYDAY=-1FR",
            "title": "Thanks of the month",
            "text": "Another month of reviews, fixes and kind words. Thank you to everybody who took part!",
        },
        "cards": [
            {
                "card": "Milestone",
                "post": "Thank you, reviewers",
                "values": {"number": "25", "what": "packages reviewed"},
            },
            {
                "card": "Event",
                "post": "Conference: call for talks",
                "values": {
                    "title": "Autumn conference",
                    "date": "In three months",
                    "place": "On the pier, and online",
                },
            },
            {
                "card": "Package accepted",
                "post": "tidekit accepted",
                "values": {
                    "package": "tidekit",
                    "description": "Harmonic analysis of tides",
                    "authors": "Its authors",
                },
            },
            {
                "card": "Quote",
                "post": "First contributions",
                "values": {
                    "quote": "I came for the tides and stayed for the people.",
                    "who": "A newcomer",
                    "role": "first review",
                },
            },
        ],
    }


def write(folder: Path, packages: tuple[Any, ...], anchor: dt.date, seed: int) -> int:
    """Write ``posts.csv``, ``publishing.yml`` and the articles.

    Returns:
        how many posts.
    """
    rows = posts(packages, anchor, seed)
    with (folder / "posts.csv").open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    text = yaml.safe_dump(described(), allow_unicode=True, sort_keys=False, width=120)
    (folder / "publishing.yml").write_text(text, encoding="utf-8")
    articles = folder / "articles"
    articles.mkdir(exist_ok=True)
    for slug, days, title, first in ARTICLES:
        day = (anchor - dt.timedelta(days=days)).isoformat()
        front = (
            f"---\ntitle: {title}\ndate: {day}\nauthor: Tidewater Commons\ntags: [water, community]\n---\n"
        )
        body = f"\n{first}\n\nThis article is as made up as the community it is about.\n"
        (articles / f"{day}-{slug}.md").write_text(front + body, encoding="utf-8")
    return sum(1 for row in rows if "title" in row)
