"""Publishing in the API: everything is read, drafts are written, nothing leaves."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest

from folkmoot.api.webhooks import feed
from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.outbox.models import Channel, Delivery
from folkmoot.outbox.public import State, Verb
from folkmoot.publishing import settling
from folkmoot.publishing.models import Post, PostState, Reading
from tests.api.conftest import Program, program
from tests.factories import CampaignFactory, PersonFactory, PostFactory, TagFactory, VariantFactory
from tests.publishing.platform import make_channel
from tests.publishing.published import make_published

pytestmark = pytest.mark.django_db
ProgramOf = Callable[..., Program]
__all__ = ["program"]
JUNE = dt.datetime(2026, 6, 2, 9, tzinfo=dt.UTC)


@pytest.fixture
def reader(alice: User, program: ProgramOf) -> Program:
    return program(alice, "publishing:read")


@pytest.fixture
def writer(wanda: User, program: ProgramOf) -> Program:
    return program(wanda, "publishing:read", "publishing:write")


def titles(reader: Program, query: str = "") -> list[str]:
    return [one["title"] for one in reader.all(f"posts?{query}")]


def errors(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.content
    return {one["field"]: one["detail"] for one in answer.json()["errors"]}


def test_a_post_is_told_with_its_texts_and_what_became_of_it(reader: Program, channel: Channel) -> None:
    publication = make_published(channel, JUNE, "Sprint", likes=3)
    post = publication.variant.post
    post.tags.add(TagFactory(name="sprints"))
    told = reader.get(f"posts/{post.pk}").json()
    assert {key: told[key] for key in ("title", "state", "wall_time", "zone", "due_at", "tags")} == {
        "title": "Sprint",
        "state": "published",
        "wall_time": "2026-06-02T09:00",
        "zone": "UTC",
        "due_at": "2026-06-02T09:00:00Z",
        "tags": ["sprints"],
    }
    base, variant = told["variants"]
    assert (base["channel_id"], base["publications"]) == (None, [])
    assert (variant["channel_id"], variant["follows_base"]) == (channel.pk, True)
    assert variant["parts"] == base["parts"] == [{"text": "Sprint!", "pictures": []}]
    (there,) = variant["publications"]
    assert (there["id"], there["state"], there["url"]) == (
        publication.pk,
        "sent",
        publication.delivery.remote_url,
    )
    assert there["figures"] == {
        "at": "2026-06-02T10:00:00Z",
        **dict.fromkeys(("shares", "replies", "quotes", "views", "clicks")),
        "likes": 3,
    }


def test_the_list_is_narrowed(reader: Program, channel: Channel) -> None:
    spring = CampaignFactory(name="Spring")
    PostFactory(title="Sprint", text="Come to the reef", campaign=spring, channels=[channel], language="en")
    tagged = PostFactory(title="Thanks", state=PostState.REVIEW, language="es")
    tagged.tags.add(TagFactory(name="Thank you"))
    make_published(channel, JUNE, "News")
    assert titles(reader) == ["Sprint", "Thanks", "News"]
    assert titles(reader, "state=draft&state=published") == ["Sprint", "News"]
    assert titles(reader, "q=REEF") == ["Sprint"]
    assert titles(reader, f"channel={channel.pk}") == ["Sprint", "News"]
    assert titles(reader, f"campaign={spring.pk}") == ["Sprint"]
    assert titles(reader, "tag=thank%20you") == ["Thanks"]
    assert titles(reader, "language=es") == ["Thanks"]
    assert titles(reader, "due_since=2026-06-01T00:00:00Z&due_until=2026-06-03T00:00:00Z") == ["News"]
    assert titles(reader, "limit=1") == ["Sprint", "Thanks", "News"]


def test_only_what_was_written_sent_or_read_about_since(reader: Program, channel: Channel) -> None:
    publication = make_published(channel, JUNE, "News")
    quiet = PostFactory(title="Quiet")
    past = clock.now() - dt.timedelta(days=30)
    for history in (Post.history.model, quiet.variants.model.history.model):
        history.objects.update(history_date=past)
    Post.objects.update(changed_at=past)
    since = f"updated_since={clock.now():%Y-%m-%dT%H:%M:%S}Z"
    assert titles(reader, since) == []
    Reading.objects.create(publication=publication, at=clock.now() + dt.timedelta(seconds=2), likes=1)
    assert titles(reader, since) == ["News"]
    Reading.objects.all().delete()
    Delivery.objects.update(changed_at=clock.now() + dt.timedelta(seconds=2))
    assert titles(reader, since) == ["News"]
    assert [one["title"] for one in reader.all(f"published?{since}")] == ["News"]
    VariantFactory(post=quiet, channel=channel)
    assert titles(reader, since) == ["News", "Quiet"]


def test_what_appeared_is_a_feed(reader: Program, channel: Channel) -> None:
    other = make_channel()
    second = make_published(other, JUNE + dt.timedelta(days=1), "Second", likes=2)
    first = make_published(channel, JUNE, "First", views=90)
    gone = make_published(channel, JUNE + dt.timedelta(days=2), "Gone")
    Delivery.objects.create(
        channel=channel,
        key="withdrawn",
        kind="publishing.post",
        area="publishing",
        title="Gone",
        state=State.SENT,
        verb=Verb.WITHDRAW,
        sent_at=JUNE,
        about=gone.delivery,
        due_at=JUNE,
        not_after=JUNE,
        payload={},
        payload_sha256="0",
    )
    told = reader.all("published?limit=1")
    assert [(one["title"], one["text"], one["platform"], one["sent_at"]) for one in told] == [
        ("First", "First!", "keeping", "2026-06-02T09:00:00Z"),
        ("Second", "Second!", "keeping", "2026-06-03T09:00:00Z"),
    ]
    assert [one["figures"] and one["figures"]["views"] for one in told] == [90, None]
    assert [one["id"] for one in reader.all(f"published?channel={other.pk}")] == [second.pk]
    assert [one["id"] for one in reader.all("published?until=2026-06-03T00:00:00Z")] == [first.pk]
    assert [one["likes"] for one in reader.all(f"readings?post={second.variant.post_id}")] == [2]


def test_channels_tell_what_they_take_and_no_secrets(reader: Program) -> None:
    channel = make_channel(
        name="Reef", secrets='{"token": "s3cr3t-word"}', settings={"address": "private.example"}
    )
    Channel.objects.create(kind="smtp", name="Mail", medium="mail")
    answer = reader.get("channels")
    (told,) = answer.json()["results"]
    assert (told["name"], told["platform"], told["limits"]["text"], told["limits"]["unit"]) == (
        "Reef",
        "keeping",
        100,
        "code points",
    )
    assert [word for word in ("s3cr3t", "private.example") if word in answer.content.decode()] == []
    assert reader.get(f"channels/{channel.pk}").json() == told


def test_campaigns_count_their_posts(reader: Program) -> None:
    spring = CampaignFactory(name="Spring")
    for state in (PostState.DRAFT, PostState.PUBLISHED, PostState.CANCELLED):
        PostFactory(campaign=spring, state=state)
    told = reader.get(f"campaigns/{spring.pk}").json()
    assert (told["name"], told["posts"], told["published"]) == ("Spring", 2, 1)


def test_a_draft_is_written_changed_and_handed_in(writer: Program, mona: User, channel: Channel) -> None:
    person, other = PersonFactory(), make_channel()
    body = {
        "title": "Sprint",
        "parts": ["Come on Friday", "Bring a friend"],
        "channels": [channel.pk, other.pk],
        "texts": [{"channel_id": other.pk, "parts": ["Only here"]}],
        "tags": ["sprints"],
        "people_ids": [person.pk],
        "wall_time": "2099-03-29T09:00",
        "zone": "Europe/Berlin",
    }
    made = writer.post("posts", body, Idempotency_Key="sprint")
    assert made.status_code == 201
    told = made.json()
    assert writer.post("posts", body, Idempotency_Key="sprint").json()["id"] == told["id"]
    assert (told["state"], told["due_at"], told["people_ids"]) == (
        "draft",
        "2099-03-29T07:00:00Z",
        [person.pk],
    )
    assert [[part["text"] for part in one["parts"]] for one in told["variants"]] == [
        ["Come on Friday", "Bring a friend"],
        ["Come on Friday", "Bring a friend"],
        ["Only here"],
    ]
    read = writer.get(made["Location"])
    changed = writer.patch(
        f"posts/{told['id']}",
        {"title": "Sprint!", "texts": [{"channel_id": other.pk, "follows_base": True}]},
        If_Match=read["ETag"],
    )
    assert changed.json()["title"] == "Sprint!"
    assert changed.json()["variants"][2]["parts"] == changed.json()["variants"][0]["parts"]
    stale = writer.patch(f"posts/{told['id']}", {"title": "Late"}, If_Match=read["ETag"])
    assert stale.status_code == 412
    handed = writer.post(f"posts/{told['id']}/hand-in", {})
    assert (handed.status_code, handed.json()["state"]) == (200, _after_handing_in(told["id"]))
    assert writer.post(f"posts/{told['id']}/hand-in", {}).json() == handed.json()
    assert errors(writer.patch(f"posts/{told['id']}", {"title": "Other"})).keys() == {""}
    assert Delivery.objects.count() == 0


def _after_handing_in(number: int) -> str:
    state = Post.objects.get(pk=number).state
    assert state in (PostState.REVIEW, PostState.APPROVED)
    return state


def test_what_is_refused_names_its_field_and_leaves_nothing(writer: Program, channel: Channel) -> None:
    def refused(**more: Any) -> dict[str, str]:
        return errors(writer.post("posts", {"title": "News", **more}))

    assert refused(channels=[999_999]) == {"channels": "There is no channel 999999."}
    assert refused(campaign_id=999_999).keys() == {"campaign_id"}
    assert refused(wall_time="2099-01-01T09:00").keys() == {"zone"}
    assert refused(wall_time="2099-01-01T09:00", zone="Mars").keys() == {"zone"}
    assert refused(wall_time="2020-01-01T09:00", zone="UTC").keys() == {"wall_time"}
    assert refused(texts=[{"channel_id": channel.pk, "parts": ["Hi"]}]).keys() == {""}
    mail = Channel.objects.create(kind="smtp", name="Mail", medium="mail")
    assert refused(channels=[mail.pk]).keys() == {"channels"}
    assert refused(state="approved").keys() == {"state"}
    assert Post.objects.count() == 0


def test_scopes_and_rights(alice: User, wanda: User, program: ProgramOf) -> None:
    post = PostFactory()
    assert program(alice, "people:read").get("posts").status_code == 403
    assert program(alice, "publishing:read").post("posts", {"title": "News"}).status_code == 403
    assert program(alice, "publishing:read").post(f"posts/{post.pk}/hand-in", {}).status_code == 403
    wandas = program(wanda, "publishing:read")
    assert wandas.get("posts").status_code == 200
    wanda.grants.all().delete()
    for path in ("posts", "published", "readings", "channels", "campaigns"):
        assert wandas.get(path).status_code == 403


def test_webhooks_are_told_what_appeared(
    alice: User, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "settled_until", lambda: dt.datetime(9999, 1, 1, tzinfo=dt.UTC))
    from folkmoot.api.webhooks import actions

    assert {"posts.changed", "posts.published", "campaigns.changed"} <= set(feed.events())
    row, _secret = actions.add_webhook(
        name="site", address="https://site.example/", events=["posts.published"], actor=alice
    )
    publication = make_published(channel, JUNE)
    settling.heard(None, publication.delivery)
    assert feed.look(row.pk) == 1
    (delivery,) = Delivery.objects.filter(kind="webhook")
    said = json.loads(delivery.payload["body"])
    assert (said["type"], said["data"]) == (
        "posts.published",
        {"records": [{"id": publication.variant.post_id, "what": "published"}]},
    )
