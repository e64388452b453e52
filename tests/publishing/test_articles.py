"""Articles of websites: written, read from files, proposed, merged, and seen to be live."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote_plus

import pytest
from django.core.exceptions import ValidationError
from django.test import Client as Browser

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.http import Client
from folkmoot.kernel.saving import current_version
from folkmoot.outbox.public import Channel, Delivery, State
from folkmoot.publishing.actions import articles as actions
from folkmoot.publishing.models import Article, ArticleState, Generator, LinkCheck, Post, Site
from folkmoot.publishing.site import files, live
from tests.factories import PersonFactory
from tests.outbox import faulty
from tests.people.importing import applied, created, undone

pytestmark = pytest.mark.django_db
FRONT = "title:\ndate:\ntype: blog # always\nauthor:\n"


@pytest.fixture(autouse=True)
def platforms() -> Iterator[None]:
    yield from faulty.register()


@pytest.fixture
def site(db: None) -> Site:
    return Site.objects.create(
        name="Harbour",
        generator=Generator.JEKYLL,
        repository="harbour/site",
        path="_posts/{date}-{slug}.md",
        address="https://harbour.example/blog/{slug}/",
        front=FRONT,
    )


def started(site: Site, title: str = "Tides: a year on", **more: object) -> Article:
    return actions.start_article(
        site=site,
        title=title,
        actor=None,
        day=dt.date(2026, 11, 20),
        **more,  # type: ignore[arg-type]
    )


def test_a_new_article_has_the_front_matter_of_its_site(site: Site) -> None:
    ada = PersonFactory(name="Ada Lovelace")
    article = started(site, authors=[ada])
    assert files.document_of(article).text == (
        "---\ntitle: 'Tides: a year on'\ndate: 2026-11-20\ntype: blog # always\nauthor: Ada Lovelace\n---\n\n"
    )
    assert article.path == "_posts/2026-11-20-tides-a-year-on.md"
    assert article.url == "https://harbour.example/blog/tides-a-year-on/"
    assert list(article.authors.all()) == [ada]


def test_two_articles_cannot_have_one_file(site: Site) -> None:
    started(site)
    with pytest.raises(ValidationError) as raised:
        started(site)
    assert list(raised.value.message_dict) == ["slug"]


def test_an_edit_changes_the_lines_it_is_about(site: Site) -> None:
    article = started(site)
    front = article.front
    edited = actions.edit_article(
        article=article,
        actor=None,
        title="Tides, a year on",
        slug=article.slug,
        day=article.published_on,
        front_text=front.replace("\n", "\r\n"),  # as browsers send it
        body="\r\nHello.\r\n",
    )
    assert edited.front == front.replace("title: 'Tides: a year on'", "title: Tides, a year on")
    assert edited.body == "\nHello.\n"
    with pytest.raises(ValidationError) as raised:
        actions.edit_article(
            article=edited,
            actor=None,
            title="x",
            slug="x",
            day=None,
            front_text="title: x\nbroken: [1\n",
            body="",
        )
    assert "Line 3" in str(raised.value.message_dict["front"]) or "Line 2" in str(
        raised.value.message_dict["front"]
    )


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("path", "_posts/{when}.md", "There is no gap {when}"),
        ("address", "https://harbour.example/blog/", "It has to name {slug}"),
        ("front", "a: [1\n", "Line"),
        ("repository", "website", "Write owner/name"),
        ("address", "javascript:alert(1)//{slug}", "Begin with https://"),
    ],
)
def test_a_site_says_what_is_wrong_with_it(site: Site, name: str, value: str, words: str) -> None:
    values = {
        "name": "Other",
        "generator": "hugo",
        "repository": "a/b",
        "branch": "main",
        "path": "content/{slug}.md",
        "address": "https://a.example/{slug}/",
        "front": "",
        "zone": "UTC",
        "channel": None,
        name: value,
    }
    with pytest.raises(ValidationError) as raised:
        actions.save_site(site=None, values=values, actor=None)
    assert list(raised.value.message_dict) == [name]
    assert words in raised.value.message_dict[name][0]
    assert Site.objects.count() == 1


# ------------------------------------------------------------------- imports


def folder(tmp_path: Path) -> Path:
    (tmp_path / "2026-05-01-spring.md").write_text(
        "---\ntitle: Spring\ndate: 2026-05-01\nauthor: Ada Lovelace, Nobody\n---\nHi\n"
    )
    (tmp_path / "2026-06-01-summer.es.md").write_bytes(
        b"---\r\ntitle: Verano\r\nurl: /es/verano.html\r\n---\r\nHola\r\n"
    )
    (tmp_path / "_index.md").write_text("---\nlayout: list\n---\n")
    (tmp_path / "broken.md").write_text("---\ntitle: [a\n---\n")
    (tmp_path / "nameless.md").write_text("no front matter")
    (tmp_path / "latin.md").write_bytes(b"---\ntitle: x\n---\n\xe9")
    return tmp_path


def test_files_become_articles_letter_by_letter_and_twice_changes_nothing(site: Site, tmp_path: Path) -> None:
    ada = PersonFactory(name="Ada Lovelace")
    where = folder(tmp_path)
    run = applied("articles", where, site="harbour")
    assert created(run) == {"articles": 2, "authors": 1}
    rows = {one.slug: one for one in Article.objects.all()}
    assert sorted(rows) == ["spring", "summer"]
    assert rows["spring"].path == "_posts/2026-05-01-spring.md"
    assert list(rows["spring"].authors.all()) == [ada]
    assert (rows["summer"].language, rows["summer"].published_on) == ("es", dt.date(2026, 6, 1))
    assert rows["summer"].url == "https://harbour.example/es/verano.html"
    for file in ("2026-05-01-spring.md", "2026-06-01-summer.es.md"):
        article = next(one for one in rows.values() if one.path.endswith(file))
        assert files.document_of(article).text.encode() == (where / file).read_bytes()
    assert sorted((one.file, one.line, one.field) for one in run.rejected.all()) == [
        ("broken.md", 3, ""),
        ("latin.md", 4, ""),
        ("nameless.md", 1, "title"),
    ]
    again = applied("articles", where, site="Harbour")
    assert created(again) == {}
    undone(run)
    assert Article.objects.count() == 0


def test_what_is_worked_on_here_is_left_alone(site: Site, tmp_path: Path) -> None:
    applied("articles", folder(tmp_path), site="Harbour")
    article = Article.objects.get(slug="spring")
    article.state = ArticleState.DRAFT
    article.save()
    (tmp_path / "2026-05-01-spring.md").write_text("---\ntitle: Other\n---\n")
    run = applied("articles", tmp_path, site="Harbour")
    article.refresh_from_db()
    assert article.title == "Spring"
    assert "2026-05-01-spring.md" in {one.file for one in run.rejected.all()}


def test_the_real_blog_is_read_whole(real_data: Path, site: Site, tmp_path: Path) -> None:
    where = real_data / "pyopensci" / "blog"
    run = applied("articles", where, site="Harbour")
    wanted = sorted(where.glob("[0-9]*.md"))
    assert created(run)["articles"] == len(wanted)
    assert run.rejected.count() == 0
    for article in Article.objects.all():
        file = where / article.path.rpartition("/")[2]
        assert files.document_of(article).text.encode() == file.read_bytes()


# ----------------------------------------------------------- out to the site


@pytest.fixture
def channel(site: Site) -> Channel:
    found = Channel.objects.create(kind="mute", name="Files", medium="file")
    site.channel = found
    site.save()
    return found


def sent(delivery: Delivery) -> None:
    from folkmoot.outbox.public import settled

    Delivery.objects.filter(pk=delivery.pk).update(state=State.SENT, sent_at=clock.now())
    delivery.refresh_from_db()
    settled.send(sender=Delivery, delivery=delivery)


def test_an_article_is_proposed_once_and_merged_at_its_time(site: Site, channel: Channel) -> None:
    article = started(site)
    with pytest.raises(ValidationError):
        actions.propose(article=article, actor=None)  # no text yet
    article.body = "Hello.\n"
    article.save()
    with pytest.raises(ValidationError):
        actions.plan_merge(article=article, wall_time=None, zone="UTC", actor=None)
    article = actions.propose(article=article, actor=None)
    assert actions.propose(article=article, actor=None).proposal_id == article.proposal_id
    first = article.proposal
    assert first is not None
    assert first.payload["branch"] == f"folkmoot/article-{article.pk}"
    assert first.payload["content"] == files.document_of(article).text
    later = clock.now().replace(tzinfo=None, microsecond=0, second=0) + dt.timedelta(days=2)
    article = actions.plan_merge(article=article, wall_time=later, zone="UTC", actor=None)
    assert article.merge is not None
    assert article.merge.depends_on_id == first.pk
    moved = actions.plan_merge(
        article=article, wall_time=later + dt.timedelta(hours=1), zone="UTC", actor=None
    )
    assert (moved.merge_id, moved.due_at) == (
        article.merge_id,
        (later + dt.timedelta(hours=1)).replace(tzinfo=dt.UTC),
    )
    sent(first)
    article.refresh_from_db()
    assert article.state == ArticleState.PROPOSED
    sent(article.merge)
    article.refresh_from_db()
    assert article.state == ArticleState.MERGED
    assert [one.pk for one in live.waiting(clock.now())] == [article.pk]


class Pages(BaseHTTPRequestHandler):
    """A website: an address that is there, one that is not, one that shows something else."""

    pages: ClassVar[dict[str, str]] = {
        "/there/": "<h1>Tides: a&nbsp;year on</h1>",
        "/other/": "<h1>Not found, but 200</h1>",
    }

    def do_GET(self) -> None:
        page = self.pages.get(self.path)
        self.send_response(200 if page else 404)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write((page or "gone").encode())

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def website() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "there", "status"), [("/there/", True, 200), ("/other/", False, 0), ("/no/", False, 404)]
)
def test_an_article_is_live_when_its_page_shows_its_title(
    site: Site, website: str, path: str, there: bool, status: int
) -> None:
    article = started(site)
    Article.objects.filter(pk=article.pk).update(state=ArticleState.MERGED, url=website + path)
    article.refresh_from_db()
    with Client(allow=["127.0.0.1"]) as client:
        assert live.check(article, client) is there
    article.refresh_from_db()
    assert (article.state == ArticleState.LIVE) is there
    assert LinkCheck.objects.get(url=article.url).status == status


# --------------------------------------------------------------------- pages


def test_the_pages_of_an_article(as_alice: Browser, alice: User, site: Site) -> None:
    answer = as_alice.post(
        "/publishing/articles/new/",
        {
            "site": site.pk,
            "title": "Tides",
            "day": "2026-11-20",
            "authors": "Nobody Known",
            "slug": "",
            "language": "",
        },
    )
    assert answer.status_code == 422
    assert "Nobody in the register is called “Nobody Known”." in answer.content.decode()
    answer = as_alice.post(
        "/publishing/articles/new/",
        {"site": site.pk, "title": "Tides", "day": "2026-11-20", "authors": "", "slug": "", "language": ""},
    )
    article = Article.objects.get()
    assert answer["Location"] == f"/publishing/articles/{article.pk}/edit/"
    page = as_alice.get(f"/publishing/articles/{article.pk}/")
    assert page.status_code == 200
    asked = f"title=Tides&amp;text=Tides&amp;link={quote_plus(article.url)}&amp;language=&amp;article={article.pk}"
    assert f"/publishing/posts/new/?{asked}&amp;waits_for_link=on" in page.content.decode()
    file = as_alice.get(f"/publishing/articles/{article.pk}/file/")
    assert file.content.decode() == files.document_of(article).text
    assert "2026-11-20-tides.md" in file["Content-Disposition"]
    as_alice.post(f"/publishing/articles/{article.pk}/remove/")
    assert Article.objects.count() == 0


def test_a_post_about_an_article_knows_it(as_alice: Browser, site: Site) -> None:
    article = started(site, "Tides")
    page = as_alice.get(f"/publishing/posts/new/?article={article.pk}&waits_for_link=on").content.decode()
    assert f'<input type="hidden" name="article" value="{article.pk}"' in page
    values = {"title": "News", "text-base": "News", "article": article.pk, "waits_for_link": "on"}
    as_alice.post("/publishing/posts/new/", {**values, "link": "https://harbour.example/blog/tides/"})
    post = Post.objects.get()
    assert (post.article, post.waits_for_link) == (article, True)
    del values["article"]  # a form that does not name it
    as_alice.post(f"/publishing/posts/{post.pk}/edit/", {**values, "title": "Other news"})
    post.refresh_from_db()
    assert (post.article, post.title) == (article, "Other news")
    assert as_alice.get("/publishing/posts/new/?article=99999").status_code == 200


def test_what_is_being_written_is_shown_as_it_will_read(as_alice: Browser) -> None:
    answer = as_alice.post(
        "/publishing/articles/preview/", {"body": "# Tides\n\n```\nx\n```\n<script>x</script>"}
    )
    assert answer.content.decode().strip() == (
        '<h2>Tides</h2>\n<pre tabindex="0"><code>x\n</code></pre>\n<p>&lt;script&gt;x&lt;/script&gt;</p>'
    )


def test_an_edit_in_between_is_shown_and_then_seen(as_alice: Browser, alice: User, site: Site) -> None:
    article = started(site, "Tides")
    seen = current_version(article)
    as_other = {
        "title": "Tides",
        "day": "2026-11-20",
        "slug": "ebb",
        "front": article.front,
        "body": "Theirs",
    }
    as_alice.post(f"/publishing/articles/{article.pk}/edit/", {**as_other, "version": seen})
    typed = {**as_other, "slug": "flood", "body": "Mine", "version": seen}
    answer = as_alice.post(f"/publishing/articles/{article.pk}/edit/", typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Text: Saved meanwhile: Theirs" in page
    assert "Short name: Saved meanwhile: ebb" in page
    article.refresh_from_db()
    assert f'name="version" value="{current_version(article)}"' in page
    as_alice.post(f"/publishing/articles/{article.pk}/edit/", {**typed, "version": current_version(article)})
    article.refresh_from_db()
    assert (article.slug, article.body) == ("flood", "Mine")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_however_long_it_is(
    as_alice: Browser, site: Site, rows: int, django_assert_num_queries: object
) -> None:
    for number in range(rows):
        started(site, f"Tides {number}", authors=[PersonFactory()])
    as_alice.get("/publishing/articles/")
    with django_assert_num_queries(9):  # type: ignore[operator]
        as_alice.get("/publishing/articles/")
