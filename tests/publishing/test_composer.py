"""The composer: one form, counted by each platform's rules, kept while typing, saved as a whole or not at all."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from PIL import Image

from folkmoot.kernel.accounts.actions import add_user, grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.outbox.models import Channel
from folkmoot.publishing import drafting
from folkmoot.publishing.composing import texts_version
from folkmoot.publishing.models import Media, Part, PartMedia, Policy, Post, PostState, Variant
from tests.conftest import signed_in
from tests.factories import BookEntryFactory, CampaignFactory, MediaFactory, PostFactory
from tests.publishing.platform import make_channel

pytestmark = pytest.mark.django_db

NEW = "/publishing/posts/new/"
KEEP = "/publishing/posts/keep/"
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def as_wanda(wanda: User) -> Client:
    return signed_in(wanda)


@pytest.fixture
def as_mona(mona: User) -> Client:
    return signed_in(mona)


def said(post: Post, channel: Channel | None) -> list[str]:
    rows = Part.objects.filter(variant__post=post, variant__channel=channel)
    return list(rows.order_by("position").values_list("text", flat=True))


def form(**fields: Any) -> dict[str, Any]:
    """What the composer sends: fields with their dashes written as underscores twice."""
    return {"zone": "Europe/Berlin", **{name.replace("__", "-"): value for name, value in fields.items()}}


def opened(client: Client, post: Post) -> dict[str, Any]:
    """The hidden fields of a post's composer."""
    page = client.get(reverse("publishing:edit_post", args=[post.pk]))
    return {"seen": page.context["seen"], "seen_texts": page.context["seen_texts"], "post": post.pk}


def png(width: int = 40, height: int = 30) -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", (width, height), (10, 120, 90)).save(file, "PNG")
    return SimpleUploadedFile("reef.png", file.getvalue(), "image/png")


def test_written_once_for_all_and_differently_for_one(as_wanda: Client, wanda: User) -> None:
    one, other = make_channel(name="One"), make_channel("bare", name="Other")
    answer = as_wanda.post(
        NEW,
        form(
            text__base=["Wavefold 2 is out.", "It is faster."],
            link="example.org/wavefold",
            language="en",
            tags="release, Release, new",
            date="2030-11-20",
            time="09:00",
            owner=wanda.pk,
            channels=[one.pk, other.pk],
            **{
                f"own-{other.pk}": "1",
                f"text-{other.pk}": "Wavefold 2\r\nis out.",
                f"title-{other.pk}": "Wavefold 2",
                f"option-{one.pk}-visibility": "unlisted",
                f"date-{other.pk}": "2030-11-21",
                f"time-{other.pk}": "10:30",
            },
        ),
    )
    post = Post.objects.get()
    assert answer["Location"] == reverse("publishing:post", args=[post.pk])
    assert (post.title, post.link, post.language) == (
        "Wavefold 2 is out.",
        "https://example.org/wavefold",
        "en",
    )
    assert (post.wall_time, post.zone) == ("2030-11-20T09:00", "Europe/Berlin")
    assert (post.owner, post.written_by, post.state) == (wanda, wanda, PostState.DRAFT)
    assert sorted(post.tags.values_list("name", flat=True)) == ["new", "release"]
    assert said(post, None) == ["Wavefold 2 is out.", "It is faster."]
    assert said(post, other) == ["Wavefold 2\nis out."]
    assert list(
        Variant.objects.filter(post=post, channel__isnull=False)
        .order_by("channel")
        .values_list("channel", "follows_base", "title", "options", "wall_time", "zone")
    ) == [
        (one.pk, True, "", {"visibility": "unlisted"}, "", ""),
        (other.pk, False, "Wavefold 2", {}, "2030-11-21T10:30", "Europe/Berlin"),
    ]


def test_the_form_shows_what_was_saved(as_wanda: Client, channel: Channel) -> None:
    as_wanda.post(
        NEW,
        form(
            text__base="Base",
            channels=[channel.pk],
            tags="new",
            date="2030-11-20",
            time="09:00",
            **{f"own-{channel.pk}": "1", f"text-{channel.pk}": ["Own", "Second"]},
        ),
    )
    post = Post.objects.get()
    page = as_wanda.get(reverse("publishing:edit_post", args=[post.pk]))
    shown = page.context["page"]
    assert [part.text for part in shown.base.parts] == ["Base"]
    assert [[part.text for part in editor.parts] for editor in shown.editors] == [["Own", "Second"]]
    assert page.context["form"]["tags"].value() == "new"
    assert [page.context["when"][name].value() for name in ("date", "time")] != [None, None]
    # sending it as it stands changes nothing
    before = (post.content_sha256, Post.history.filter(id=post.pk).count())
    as_wanda.post(
        reverse("publishing:edit_post", args=[post.pk]),
        form(
            **opened(as_wanda, post),
            title="Base",
            text__base="Base",
            channels=[channel.pk],
            tags="new",
            date="2030-11-20",
            time="09:00",
            **{f"own-{channel.pk}": "1", f"text-{channel.pk}": ["Own", "Second"]},
        ),
    )
    post.refresh_from_db()
    assert (post.content_sha256, Post.history.filter(id=post.pk).count()) == before


def test_while_typing_a_draft_is_kept_and_counted(as_wanda: Client, channel: Channel) -> None:
    typed = form(text__base="Hello", channels=[channel.pk])
    answer = as_wanda.post(KEEP, typed, **HTMX)
    post = Post.objects.get()
    assert answer["HX-Replace-Url"] == reverse("publishing:edit_post", args=[post.pk])
    assert [count.length for count in answer.context["page"].previews[0].parts[0].counts] == [5]
    again = form(
        text__base="Hello again",
        channels=[channel.pk],
        post=post.pk,
        title="Hello",
        seen=answer.context["seen"],
        seen_texts=answer.context["seen_texts"],
    )
    answer = as_wanda.post(KEEP, again, **HTMX)
    assert answer.context["problem"] == ""
    assert "HX-Replace-Url" not in answer
    assert (Post.objects.count(), said(post, None)) == (1, ["Hello again"])


def test_nothing_is_kept_of_an_empty_form(as_wanda: Client) -> None:
    assert as_wanda.post(KEEP, form(text__base=" "), **HTMX).status_code == 200
    assert Post.objects.count() == 0


def test_what_somebody_agreed_to_is_counted_but_not_kept(as_wanda: Client, channel: Channel) -> None:
    post = PostFactory.create(channels=[channel], state=PostState.APPROVED)
    typed = form(**opened(as_wanda, post), text__base="Other words", channels=[channel.pk])
    answer = as_wanda.post(KEEP, typed, **HTMX)
    assert [count.length for count in answer.context["page"].previews[0].parts[0].counts] == [11]
    assert said(post, None) == ["Hello, world"]


def test_an_edit_of_somebody_else_is_told_and_shown(
    as_wanda: Client, as_mona: Client, channel: Channel
) -> None:
    post = PostFactory.create(channels=[channel])
    page = reverse("publishing:edit_post", args=[post.pk])
    mine = form(**opened(as_wanda, post), title=post.title, text__base="Mine", channels=[channel.pk])
    theirs = form(**opened(as_mona, post), title=post.title, text__base="Theirs", channels=[channel.pk])
    assert as_mona.post(page, theirs).status_code == 302
    answer = as_wanda.post(page, mine)
    assert answer.status_code == 422
    assert answer.context["page"].base.parts[0].theirs == "Theirs"
    assert answer.context["page"].base.parts[0].text == "Mine"
    assert said(post, None) == ["Theirs"]
    # whoever has seen it may save
    mine |= {"seen": answer.context["seen"], "seen_texts": answer.context["seen_texts"]}
    assert as_wanda.post(page, mine).status_code == 302
    assert said(post, None) == ["Mine"]


def test_buttons_change_what_was_typed_and_save_nothing(as_wanda: Client, channel: Channel) -> None:
    key = str(channel.pk)

    def press(what: str, **fields: Any) -> Any:
        data = form(channels=[channel.pk], do=what, **fields)
        answer = as_wanda.post(NEW, data, **HTMX)
        assert answer.status_code == 200
        return answer.context["page"]

    def parts(page: Any) -> tuple[list[str], list[str], bool]:
        (editor,) = page.editors
        return (
            [part.text for part in page.base.parts],
            [part.text for part in editor.parts],
            editor.text.is_own,
        )

    assert parts(press("add-part:base", text__base="One")) == (["One", ""], [""], False)
    assert parts(press("remove-part:base:1", text__base=["One", "Two"])) == (["Two"], [""], False)
    assert parts(press(f"own:{key}", text__base="One")) == (["One"], ["One"], True)
    assert parts(press(f"follow:{key}", text__base="One", **{f"own-{key}": "1", f"text-{key}": "Own"})) == (
        ["One"],
        ["Own"],
        False,
    )
    assert parts(press(f"own:{key}", text__base="One", **{f"text-{key}": "Own"})) == (["One"], ["Own"], True)
    long = " ".join(["Sentence of some words."] * 8)
    _base, split, is_own = parts(press(f"split:{key}", text__base=long))
    assert is_own
    assert " ".join(split) == long
    assert [len(part) <= 100 for part in split] == [True, True]
    assert press("own:987654321", text__base="One").editors[0].text.is_own is False
    assert Post.objects.count() == 0


def test_a_picture_is_uploaded_into_a_part_and_taken_out(
    as_wanda: Client, channel: Channel, files: Path
) -> None:
    answer = as_wanda.post(
        NEW,
        form(text__base="Look", channels=[channel.pk], do="upload:base:1", **{"files-base-1": [png()]}),
        **HTMX,
    )
    media = Media.objects.get()
    assert [one.media for one in answer.context["page"].base.parts[0].pictures] == [media]
    (preview,) = answer.context["page"].previews
    assert [picture.url for picture in preview.parts[0].pictures] == [
        reverse("publishing:picture_file", args=[media.sha256])
    ]
    typed = {"pictures-base-1": media.pk, f"alt-base-1-{media.pk}": "A reef"}
    answer = as_wanda.post(
        NEW, form(text__base="Look", channels=[channel.pk], do=f"unpick:base:1:{media.pk}", **typed), **HTMX
    )
    assert answer.context["page"].base.parts[0].pictures == []
    as_wanda.post(NEW, form(text__base="Look", channels=[channel.pk], **typed))
    assert list(PartMedia.objects.values_list("media", "alt")) == [(media.pk, "A reef")]
    got = as_wanda.get(preview.parts[0].pictures[0].url)
    assert (got.status_code, got["Content-Type"]) == (200, "image/png")
    assert Image.open(io.BytesIO(b"".join(got))).size == (40, 30)


def test_no_picture_is_refused_in_words(as_wanda: Client, channel: Channel, files: Path) -> None:
    bad = SimpleUploadedFile("notes.png", b"no picture", "image/png")
    answer = as_wanda.post(
        NEW, form(text__base="Look", do="upload:base:1", **{"files-base-1": [bad]}), **HTMX
    )
    assert Media.objects.count() == 0
    assert len(answer.context["said"]) == 1


def test_pictures_of_the_library_are_offered(as_wanda: Client) -> None:
    reef, _other = MediaFactory.create(name="reef.png"), MediaFactory.create(name="shore.png", alt="")
    page = as_wanda.get("/publishing/posts/pictures/?key=base&part=2&q=reef")
    assert [picture.pk for picture in page.context["pictures"]] == [reef.pk]
    assert f'value="pick:base:2:{reef.pk}"' in page.content.decode()


def test_a_mention_is_written_as_each_platform_writes_it(as_wanda: Client, channel: Channel) -> None:
    entry = BookEntryFactory.create(alias="ada", name="Ada Lovelace")
    entry.handles.create(platform="keeping", handle="ada@fedi.example")
    answer = as_wanda.post(KEEP, form(text__base="Thanks, @[ada]!", channels=[channel.pk]), **HTMX)
    part = answer.context["page"].previews[0].parts[0]
    assert [(piece.kind, piece.text) for piece in part.shown] == [
        ("text", "Thanks, "),
        ("mention", "@ada@fedi.example"),
        ("text", "!"),
    ]
    offered = as_wanda.get("/publishing/handle-book/suggestions/?q=ad").content.decode()
    assert 'data-handle="[ada]"' in offered


def test_a_time_without_a_day_is_told_at_its_field(as_wanda: Client) -> None:
    answer = as_wanda.post(NEW, form(text__base="Hello", time="09:00"))
    assert answer.status_code == 422
    assert answer.context["when"].errors == {"date": ["Give a day and a time, or neither."]}
    assert Post.objects.count() == 0


def test_a_moment_that_is_over_is_told_and_nothing_is_saved(as_wanda: Client) -> None:
    answer = as_wanda.post(NEW, form(text__base="Hello", date="2020-01-01", time="09:00"))
    assert answer.status_code == 422
    assert answer.context["when"].errors == {"date": ["That moment is over."]}
    assert Post.objects.count() == 0


def test_other_clocks_are_shown(as_wanda: Client, channel: Channel) -> None:
    from folkmoot.publishing.models import ChannelPlan

    ChannelPlan.objects.create(channel=channel, zone="America/Bogota")
    typed = form(text__base="Hello", channels=[channel.pk], date="2030-11-20", time="09:00")
    answer = as_wanda.post(KEEP, typed, **HTMX)
    assert answer.context["moments"] == [
        ("on your clock", "Wednesday 20 November 2030, 08:00 (UTC)"),
        (channel.name, "Wednesday 20 November 2030, 03:00 (America/Bogota)"),
    ]


def test_an_address_can_say_what_a_new_post_begins_with(as_wanda: Client, channel: Channel) -> None:
    page = as_wanda.get(f"{NEW}?text=Hello&channel={channel.pk}&date=2030-11-20&title=News")
    assert page.context["page"].base.parts[0].text == "Hello"
    assert [each.channel for each in page.context["page"].editors] == [channel]
    assert (page.context["form"]["title"].value(), page.context["when"]["date"].value()) == (
        "News",
        "2030-11-20",
    )


def test_what_is_scheduled_is_changed_only_by_who_may_schedule(as_wanda: Client, channel: Channel) -> None:
    post = PostFactory.create(channels=[channel])
    Post.objects.filter(pk=post.pk).update(
        state=PostState.SCHEDULED, wall_time="2030-01-01T09:00", zone="UTC", due_at="2030-01-01T09:00Z"
    )
    assert as_wanda.get(reverse("publishing:edit_post", args=[post.pk])).status_code == 403
    assert as_wanda.post(KEEP, form(post=post.pk, text__base="x"), **HTMX).status_code == 403


def test_a_form_of_nonsense_changes_nothing(as_wanda: Client, channel: Channel) -> None:
    data = form(
        text__base=["x"] * 300,
        channels=["0", "x", "987654321"],
        post="x",
        do="pick:base:1:x",
        **{"pictures-base-1": ["x", "987654321"], f"option-{channel.pk}-visibility": "\x00"},
    )
    answer = as_wanda.post(NEW, data, **HTMX)
    assert answer.status_code == 200
    assert len(answer.context["page"].base.parts) == 100
    assert answer.context["page"].base.parts[0].pictures == []


def test_drafts_are_plain_data() -> None:
    data = QueryDict(mutable=True)
    data.setlist("text-base", ["One", "Two"])
    data.setlist("pictures-base-2", ["7", "7", "8"])
    data["alt-base-2-7"] = "A reef"
    draft = drafting.typed(data, [])
    assert [[one.media for one in part.pictures] for part in draft.base.parts] == [[], [7, 8]]
    assert draft.base.parts[1].pictures[0].alt == "A reef"
    assert drafting.remove_picture(draft, "base", 2, 7).media == {8}
    assert drafting.add_pictures(draft, "base", 1, [8, 9]).base.parts[0].pictures[1].media == 9
    assert drafting.first_words(draft) == "One"
    assert texts_version(draft) == texts_version(drafting.typed(data, []))
    assert texts_version(draft) != texts_version(drafting.add_part(draft, "base"))


# ------------------------------------------------------------- what the policy finds meanwhile

CHECK = "/publishing/posts/check/"
#: Words and a picture in which rules of every severity find something.
RULES = """
rules:
- {id: names, check: names, severity: block}
- {id: must, check: required, severity: warn, params: {fields: [campaign]}}
- {id: plain, check: required, severity: info, params: {fields: [picture]}}
"""


def rows() -> dict[str, int]:
    """How many rows each table of publishing holds, histories too."""
    from django.apps import apps

    return {
        model.__name__: model._default_manager.count()
        for model in apps.get_app_config("publishing").get_models()
    }


def counted(page: Any) -> list[tuple[str, int, int, int]]:
    return [(one.name, one.blocks, one.warnings, one.notes) for one in page.context["checked"].channels]


def test_what_the_policy_finds_is_told_while_typing_and_nothing_is_saved(
    as_wanda: Client,
) -> None:
    channel, other = make_channel(name="Fedi"), make_channel("bare", name="Other")
    Policy.objects.create(pk=1, text=RULES)
    before = rows()
    typed = form(
        text__base="We like Numpy",
        channels=[channel.pk, other.pk],
        **{f"own-{other.pk}": "1", f"text-{other.pk}": ["Fine", "Numpy too"]},
    )
    page = as_wanda.post(CHECK, typed, **HTMX)
    assert page.status_code == 200
    checked = page.context["checked"]
    assert counted(page) == [(channel.name, 1, 1, 1), ("Other", 1, 1, 1)]
    assert [
        (one.finding.rule, one.finding.found, one.finding.where, one.anchor) for one in checked.serious
    ] == [
        ("names", "Numpy", "Fedi", "text-base-1"),
        ("names", "Numpy", "Other · part 2", f"text-{other.pk}-2"),
        ("must", "campaign", f"{channel.name}, Other", "text-base-1"),
    ]
    assert [one.finding.rule for one in checked.notes] == ["plain"]
    assert rows() == before
    # the same again is not said again; other words are
    typed["told"] = checked.digest
    assert as_wanda.post(CHECK, typed, **HTMX).status_code == 204
    page = as_wanda.post(CHECK, typed | {"text-base": "We like NumPy"}, **HTMX)
    assert counted(page) == [(channel.name, 0, 1, 1), ("Other", 1, 1, 1)]
    assert rows() == before


def test_the_form_counts_not_what_is_saved(as_wanda: Client, wanda: User, channel: Channel) -> None:
    """Of a saved post: its waivers count, its saved words do not, and it is no double of itself."""
    from folkmoot.publishing.actions import agreement
    from folkmoot.publishing.actions.planning import set_time

    post = PostFactory.create(text="We like Numpy", channels=[channel], written_by=wanda)
    campaign = CampaignFactory.create()
    set_time(post=post, wall_time=dt.datetime(2030, 5, 6, 9), zone="UTC", actor=wanda)
    Policy.objects.create(pk=1, text=RULES + "- {id: twice, check: duplicate, severity: warn}\n")
    typed = form(**opened(as_wanda, post), text__base="We like Numpy", channels=[channel.pk], zone="UTC")
    typed |= {"campaign": campaign.pk, "date": "2030-05-06", "time": "09:00", "zone": "UTC"}
    assert counted(as_wanda.post(CHECK, typed, **HTMX)) == [(channel.name, 1, 0, 1)]
    mona = add_user(email="mona@example.org", name="Mona Manager", password="correct horse battery")
    grant(user=mona, area=Area.PUBLISHING, level=Level.MANAGE)
    agreement.waive(post=post, rule="names", actor=mona, reason="A joke", days=3)
    assert counted(as_wanda.post(CHECK, typed, **HTMX)) == [(channel.name, 0, 0, 2)]
    other = PostFactory.create(text="We like Numpy", channels=[channel])
    set_time(post=other, wall_time=dt.datetime(2030, 5, 7, 9), zone="UTC", actor=wanda)
    assert counted(as_wanda.post(CHECK, typed, **HTMX)) == [(channel.name, 0, 1, 2)]
    assert as_wanda.post(CHECK, typed | {"campaign": ""}, **HTMX).context["checked"].serious[
        0
    ].finding.rule in (
        "must",
        "twice",
    )


def test_the_page_and_the_composer_find_the_same(as_wanda: Client, wanda: User, channel: Channel) -> None:
    from folkmoot.publishing.policy import engine

    post = PostFactory.create(
        text="See https://bit.ly/x 🎉🎉🎉🎉 #openscience, mail ada@example.org",
        channels=[channel],
        owner=wanda,
    )
    page = as_wanda.get(reverse("publishing:edit_post", args=[post.pk]))
    typed = form(
        **opened(as_wanda, post), text__base=page.context["page"].base.parts[0].text, channels=[channel.pk]
    )
    typed["owner"] = wanda.pk
    checked = as_wanda.post(CHECK, typed, **HTMX).context["checked"]
    found = [one.finding for one in (*checked.serious, *checked.notes)]
    assert found == engine.findings(post)
    assert len(found) > 3


def test_checking_costs_the_same_with_one_channel_and_with_three(
    as_wanda: Client, django_assert_num_queries: Any
) -> None:
    channels = [make_channel() for _n in range(3)]
    for some in (channels[:1], channels):
        typed = form(text__base="Hello", channels=[each.pk for each in some])
        with django_assert_num_queries(8):
            assert as_wanda.post(CHECK, typed, **HTMX).status_code == 200


def test_who_may_not_edit_may_not_check(as_wanda: Client, channel: Channel) -> None:
    post = PostFactory.create(channels=[channel])
    Post.objects.filter(pk=post.pk).update(
        state=PostState.SCHEDULED, wall_time="2030-01-01T09:00", zone="UTC", due_at="2030-01-01T09:00Z"
    )
    assert as_wanda.post(CHECK, form(post=post.pk, text__base="Hello"), **HTMX).status_code == 403
    viewer = add_user(email="vera@example.org", name="Vera Viewer", password="correct horse battery")
    grant(user=viewer, area=Area.PUBLISHING, level=Level.VIEW)
    assert signed_in(viewer).post(CHECK, form(text__base="Hello"), **HTMX).status_code == 403
    assert Client().post(CHECK, form(text__base="Hello"), **HTMX).status_code == 302
    assert as_wanda.get(CHECK).status_code == 405


def test_nothing_and_too_much_are_told_in_words(as_wanda: Client, channel: Channel) -> None:
    page = as_wanda.post(CHECK, form(text__base=" "), **HTMX)
    assert page.context["checked"].problem == "Write something: what the policy finds in it stands here."
    page = as_wanda.post(CHECK, form(text__base=["x" * 30_000, "y" * 30_000]), **HTMX)
    assert page.context["checked"].problem.startswith("This is too long")


@pytest.mark.parametrize(
    "bad",
    [
        {"post": "9" * 30},
        {"post": "-1"},
        {"post": "\x00"},
        {"post": "²"},
        {"text-base": "\x00\ud800 @[\x00] https://[bad #"},
        {"campaign": "9" * 30},
        {"campaign": "\x00"},
        {"owner": "x", "project": "\x00", "people": ", ,\x00", "sponsor": "nobody", "tags": "," * 500},
        {"embargo_until": "yesterday", "language": "\x00", "link": "http://[", "grace_hours": "1e9"},
        {"date": "0001-01-01", "time": "00:00", "zone": "Pacific/Kiritimati"},
        {"date": "9999-12-31", "time": "23:59", "zone": "Etc/GMT+12"},
        {"date": "2030-13-45", "time": "99:99", "zone": "../../etc/passwd"},
        {"channels": ["x", "\x00", "9" * 30]},
        {"pictures-base-1": ["9" * 18, "x", "-1"], "alt-base-1-1": "\x00"},
        {"told": "\x00" * 50, "seen": "x", "seen_texts": "\x00"},
    ],
)
def test_whatever_is_sent_is_no_error_of_the_server(
    as_wanda: Client, channel: Channel, bad: dict[str, Any]
) -> None:
    key = channel.pk
    odd = {"date": "0001-01-01", "time": "00:00", "zone": "\x00/.."}
    typed = {"text-base": "Hello", "channels": [key], "zone": "UTC", f"option-{key}-visibility": "\x00"}
    typed |= {f"{name}-{key}": word for name, word in odd.items()} | bad
    sent = {
        name: [
            str(word).encode("utf-8", "replace").decode()
            for word in (words if isinstance(words, list) else [words])
        ]
        for name, words in typed.items()
    }
    for address in (CHECK, KEEP, NEW):
        assert as_wanda.post(address, sent, **HTMX).status_code in (200, 204, 302, 404, 422), address
