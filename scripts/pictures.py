#!/usr/bin/env python3
"""Screenshots of the main pages with the sample community, into var/pictures: at 1280 and 375 px, light and dark.

scripts/pictures.py              every page
scripts/pictures.py today person only these
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "var" / "pictures"
DATA = OUT / ".data"
CHROMIUM = os.environ.get("FOLKMOOT_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
WINDOWS = ((1280, 900), (375, 800))
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def load() -> None:
    """The sample community, in a data folder of its own; a second run keeps it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FOLKMOOT_")}
    os.environ.clear()
    os.environ.update(kept)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="folkmoot.settings",
        DJANGO_ALLOW_ASYNC_UNSAFE="1",  # Playwright keeps an event loop in this thread
        FOLKMOOT_DATA_DIR=str(DATA),
    )
    DATA.mkdir(parents=True, exist_ok=True)
    made = subprocess.run(
        [sys.executable, "-m", "folkmoot.cli", "demo", "--no-serve"],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if made.returncode:
        sys.exit(f"The sample community could not be loaded:\n{made.stdout}")
    import django

    django.setup()


def serve() -> str:
    """The web application on a free port of this machine; its address."""
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """The pictures tell enough."""

    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(get_wsgi_application())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://localhost:{server.server_address[1]}"


def pages() -> dict[str, str]:
    """Name to address: the navigation's entries, and one record of each kind that has many things to show."""
    from django.db.models import Count
    from django.urls import NoReverseMatch, reverse

    from folkmoot.home.demo import EMAIL
    from folkmoot.kernel.accounts.models import User
    from folkmoot.kernel.imports.models import ImportRun
    from folkmoot.kernel.jobs.models import Job
    from folkmoot.kernel.ui.navigation import Navigation
    from folkmoot.people.models import Organization, Person, Project, Team
    from folkmoot.publishing.models import Article, Campaign, Post, Series
    from folkmoot.reviews.models import Programme, Submission

    user = User.objects.get(email=EMAIL)
    found = {}
    for entry in Navigation(user, "/").entries:
        found[entry.key] = entry.url
        found |= {child.key: child.url for child in entry.children}
    records = {
        "person": (
            "people:person",
            Person.objects.annotate(n=Count("identities__activities")).order_by("-n", "pk").first(),
        ),
        "organization": (
            "people:organization",
            Organization.objects.annotate(n=Count("affiliations")).order_by("-n", "pk").first(),
        ),
        "project": (
            "people:project",
            Project.objects.annotate(n=Count("terms")).order_by("-n", "pk").first(),
        ),
        "team": ("people:team", Team.objects.annotate(n=Count("terms")).order_by("-n", "pk").first()),
        "submission": (
            "reviews:submission",
            Submission.objects.annotate(n=Count("assignments")).order_by("-n", "pk").first(),
        ),
        "post": ("publishing:post", Post.objects.filter(state="published").order_by("-due_at").first()),
        "planned-post": ("publishing:post", Post.objects.filter(state="review").order_by("due_at").first()),
        "composer": ("publishing:edit_post", Post.objects.filter(state="draft").order_by("due_at").first()),
        "campaign": ("publishing:campaign", Campaign.objects.order_by("pk").first()),
        "series": ("publishing:series", Series.objects.order_by("pk").first()),
        "article": ("publishing:article", Article.objects.order_by("pk").first()),
        "programme": ("reviews:programme", Programme.objects.order_by("pk").first()),
        "import": ("imports:run", ImportRun.objects.order_by("pk").first()),
        "job": ("jobs:job", Job.objects.order_by("pk").first()),
    }
    for name, (url_name, record) in records.items():
        try:
            if record is not None:
                found[name] = reverse(url_name, args=[record.pk])
        except NoReverseMatch:
            print(f"{name}: no address {url_name}")
    return found | {
        "search": "/search/?q=tide",
        "profile": reverse("accounts:profile"),
        "help": reverse("home:help"),
        "login": reverse("account_login"),
        "not-found": "/no/such/page/",
    }


def session() -> str:
    """The demo user, signed in: the session's key."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from folkmoot.home.demo import EMAIL
    from folkmoot.kernel.accounts.models import User

    user = User.objects.get(email=EMAIL)
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return str(store.session_key)


def listen(page: Page, heard: list[str]) -> None:
    """Keep what the page's console says."""
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))


def main(names: list[str]) -> int:
    if not Path(CHROMIUM).exists():
        print(
            "Pictures need Chromium: install it (on Debian: apt install chromium) or name it in FOLKMOOT_CHROMIUM."
        )
        return 1
    load()
    from playwright.sync_api import sync_playwright

    base, known = serve(), pages()
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"No page is called {', '.join(unknown)}. There are: {', '.join(known)}.")
        return 2
    key, said = session(), 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        for width, height in WINDOWS:
            for scheme in SCHEMES:
                context = browser.new_context(
                    viewport={"width": width, "height": height},
                    color_scheme=scheme,
                    locale="en-GB",
                    reduced_motion="reduce",
                )
                page = context.new_page()
                heard: list[str] = []
                listen(page, heard)
                for name in names or known:
                    context.clear_cookies()
                    if name != "login":
                        context.add_cookies([{"name": "sessionid", "value": key, "url": base}])
                    answer = page.goto(f"{base}{known[name]}")
                    page.wait_for_load_state("networkidle")
                    page.screenshot(path=OUT / f"{name}-{width}-{scheme}.png")
                    wide = page.evaluate("() => document.documentElement.scrollWidth")
                    status = answer.status if answer else 0
                    if name == "not-found":
                        heard.clear()
                    if wide > width or heard or status >= 500:
                        said += 1
                        print(f"{name} at {width}: status {status}, {wide} px wide; {'; '.join(heard)[:300]}")
                    heard.clear()
                context.close()
        browser.close()
    count = len(names or known) * len(WINDOWS) * len(SCHEMES)
    print(
        f"{count} pictures in {OUT.relative_to(ROOT)}" + (f"; {said} of them want looking at" if said else "")
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
