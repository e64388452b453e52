"""Notices by mail: at once, in quiet hours, in digests; over changes of the clock; once, whatever breaks."""

from __future__ import annotations

import datetime as dt
import re
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail as outgoing

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.actions import grant
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.community import Community
from folkmoot.kernel.jobs import runner, schedule
from folkmoot.kernel.jobs.models import Job, JobState
from folkmoot.kernel.notices import actions, hours, queries
from folkmoot.kernel.notices.models import Frequency, Notice
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.plugs import TodayItem, TodaySource, today_sources
from tests.factories import UserFactory
from tests.kernel.processes import ROOT, environment
from tests.kernel.test_notices import tell, wish

pytestmark = pytest.mark.django_db
BERLIN, NEW_YORK, KATHMANDU = (
    ZoneInfo("Europe/Berlin"),
    ZoneInfo("America/New_York"),
    ZoneInfo("Asia/Kathmandu"),
)
NIGHT = (dt.time(22), dt.time(7))


def utc(text: str) -> dt.datetime:
    return clock.parse_datetime(text)


def work() -> None:
    """What a worker does: every job that is due."""
    while runner.run_next():
        pass


def at(text: str, *, worker: bool = True) -> None:
    """The scheduler and a worker at a moment."""
    with time_machine.travel(utc(text), tick=False):
        schedule.fire(clock.now())
        if worker:
            work()


@pytest.fixture(autouse=True)
def _only_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other scheduled work."""
    from folkmoot.kernel import plugs

    monkeypatch.setattr(plugs.schedule, "_items", {"notices.plan": plugs.schedule.get("notices.plan")})


def subjects() -> list[tuple[str, str]]:
    return [(message.to[0], message.subject) for message in outgoing.outbox]


# --- hours


@pytest.mark.parametrize(
    ("now", "zone", "quiet", "until"),
    [
        ("2026-11-20T20:59Z", BERLIN, NIGHT, None),
        ("2026-11-20T21:00Z", BERLIN, NIGHT, "2026-11-21T06:00Z"),
        ("2026-11-21T05:59Z", BERLIN, NIGHT, "2026-11-21T06:00Z"),
        ("2026-11-21T06:00Z", BERLIN, NIGHT, None),
        ("2026-11-20T12:00Z", BERLIN, (dt.time(13), dt.time(14)), "2026-11-20T13:00Z"),
        ("2026-11-20T13:00Z", BERLIN, (dt.time(13), dt.time(14)), None),
        ("2026-11-20T12:00Z", BERLIN, None, None),
        # The clock is put forward in the night: 7 hours instead of 8 to the same time of the morning.
        ("2026-03-28T22:30Z", BERLIN, NIGHT, "2026-03-29T05:00Z"),
        # It is put back: 10 hours.
        ("2026-10-24T20:30Z", BERLIN, NIGHT, "2026-10-25T06:00Z"),
        # They end at a time that the clock skips (02:30 on 8 March): as much later.
        ("2026-03-08T05:00Z", NEW_YORK, (dt.time(22), dt.time(2, 30)), "2026-03-08T07:30Z"),
        # They end at a time that comes twice (01:30 on 1 November): at the second, and are not broken between them.
        ("2026-11-01T04:00Z", NEW_YORK, (dt.time(22), dt.time(1, 30)), "2026-11-01T06:30Z"),
        ("2026-11-01T05:45Z", NEW_YORK, (dt.time(22), dt.time(1, 30)), "2026-11-01T06:30Z"),
        ("2026-11-01T06:30Z", NEW_YORK, (dt.time(22), dt.time(1, 30)), None),
        ("2026-11-20T17:00Z", KATHMANDU, NIGHT, "2026-11-21T01:15Z"),
    ],
)
def test_quiet_hours(now: str, zone: ZoneInfo, quiet: Any, until: str | None) -> None:
    assert hours.quiet_until(utc(now), zone, quiet) == (utc(until) if until else None)


@pytest.mark.parametrize(
    ("now", "zone", "hour", "weekday", "day", "moment"),
    [
        ("2026-11-20T07:00Z", BERLIN, 8, None, "2026-11-20", "2026-11-20T07:00Z"),
        ("2026-11-20T06:59Z", BERLIN, 8, None, "2026-11-19", "2026-11-19T07:00Z"),
        ("2026-11-20T12:00Z", BERLIN, 8, 0, "2026-11-16", "2026-11-16T07:00Z"),
        ("2026-11-23T07:00Z", BERLIN, 8, 0, "2026-11-23", "2026-11-23T07:00Z"),
        ("2026-03-29T12:00Z", BERLIN, 8, None, "2026-03-29", "2026-03-29T06:00Z"),
        ("2026-03-08T12:00Z", NEW_YORK, 2, None, "2026-03-08", "2026-03-08T07:00Z"),
        # 01:00 comes twice on 1 November: the first is meant, and the second is no other day.
        ("2026-11-01T05:00Z", NEW_YORK, 1, None, "2026-11-01", "2026-11-01T05:00Z"),
        ("2026-11-01T06:00Z", NEW_YORK, 1, None, "2026-11-01", "2026-11-01T05:00Z"),
        ("2026-11-20T23:00Z", KATHMANDU, 4, None, "2026-11-21", "2026-11-20T22:15Z"),
    ],
)
def test_digest_times(
    now: str, zone: ZoneInfo, hour: int, weekday: int | None, day: str, moment: str
) -> None:
    assert hours.last_digest(utc(now), zone, hour, weekday) == (dt.date.fromisoformat(day), utc(moment))


def test_whose_zone(bob: User, settings: Any) -> None:
    settings.DISPLAY_TIME_ZONE = "Asia/Kathmandu"
    assert hours.zone_of(bob) == KATHMANDU
    Community.objects.create(pk=1, time_zone="America/New_York")
    assert hours.zone_of(bob) == NEW_YORK
    bob.time_zone = "Europe/Berlin"
    assert hours.zone_of(bob) == BERLIN
    bob.time_zone = "No/Where"
    assert hours.zone_of(bob) == KATHMANDU


# --- at once


def test_at_once_and_only_who_wants_it(bob: User, alice: User, settings: Any) -> None:
    settings.BASE_URL = "https://community.example"
    wish(bob)
    tell(bob, alice, title="Look\nhere")
    work()
    [message] = outgoing.outbox
    notice = Notice.objects.get(user=bob)
    assert (message.to, message.subject) == (["bob@example.org"], "[Folkmoot] Look here")
    assert f"https://community.example/notices/{notice.pk}/" in message.body
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    [stop] = re.findall(r"^<https://community\.example(/.+)>$", message.extra_headers["List-Unsubscribe"])
    assert f"https://community.example{stop}" in message.body
    [(page, kind)] = message.alternatives
    assert (kind, f'href="https://community.example/notices/{notice.pk}/"' in page, "<img" in page) == (
        "text/html",
        True,
        False,
    )
    assert (notice.mailed_at is None, Notice.objects.get(user=alice).mailed_at) == (False, None)
    work()
    assert len(outgoing.outbox) == 1


def test_what_is_read_or_out_of_sight_is_not_mailed(bob: User) -> None:
    wish(bob)
    tell(bob)
    actions.mark_read(notices=queries.notices_for(bob), actor=bob)
    tell(bob, dedupe="two")
    grant(user=bob, area=Area.PEOPLE, level=None)
    work()
    assert subjects() == []


def test_html_in_a_title_stays_text(bob: User) -> None:
    wish(bob)
    tell(bob, title="<b>Bold</b> & more")
    work()
    [message] = outgoing.outbox
    assert "* <b>Bold</b> & more\n" in message.body
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; more" in message.alternatives[0][0]


def test_in_quiet_hours_it_waits_and_comes_in_one_mail(bob: User) -> None:
    bob.time_zone = "Europe/Berlin"
    bob.save()
    with time_machine.travel(utc("2026-10-24T20:30Z"), tick=False):  # the night in which clocks are put back
        wish(bob, quiet_from=dt.time(22), quiet_to=dt.time(7))
        tell(bob)
        tell(bob, dedupe="two")
    assert Job.objects.count() == 1
    at("2026-10-25T05:30Z")
    assert subjects() == []
    at("2026-10-25T06:00Z")
    assert subjects() == [("bob@example.org", "[Folkmoot] 2 notices")]


def test_quiet_hours_that_were_set_meanwhile_hold(bob: User) -> None:
    with time_machine.travel(utc("2026-11-20T21:59Z"), tick=False):
        wish(bob)
        tell(bob)
        wish(bob, quiet_from=dt.time(22), quiet_to=dt.time(7))
    at("2026-11-20T22:00Z")
    assert subjects() == []
    at("2026-11-21T07:00Z")
    assert subjects() == [("bob@example.org", "[Folkmoot] Title of one")]


def test_what_was_told_while_mail_was_off_is_not_mailed_later(bob: User) -> None:
    with time_machine.travel(utc("2026-11-20T12:00Z"), tick=False) as now:
        wish(bob, Frequency.NEVER)
        tell(bob)
        now.shift(60)
        wish(bob)
        now.shift(60)
        tell(bob, dedupe="two")
        work()
    assert subjects() == [("bob@example.org", "[Folkmoot] Title of two")]


def test_what_was_left_behind_is_found(bob: User) -> None:
    with time_machine.travel(utc("2026-11-20T12:00Z"), tick=False):
        wish(bob)
        tell(bob)
        Job.objects.all().delete()
    at("2026-11-20T12:30Z")
    assert subjects() == []
    at("2026-11-20T13:30Z")
    assert subjects() == [("bob@example.org", "[Folkmoot] Title of one")]


# --- digests


def test_a_daily_digest_comes_once_at_the_persons_hour(bob: User) -> None:
    bob.time_zone = "Asia/Kathmandu"  # 8:00 is 2:15 UTC
    bob.save()
    with time_machine.travel(utc("2026-11-20T12:00Z"), tick=False):
        tell(bob)
        tell(bob, dedupe="two")
    at("2026-11-21T02:00Z")
    assert subjects() == []
    at("2026-11-21T02:30Z")
    with time_machine.travel(utc("2026-11-21T02:40Z"), tick=False):
        tell(bob, dedupe="three")
    for later in ("2026-11-21T03:00Z", "2026-11-21T03:00Z", "2026-11-21T20:00Z"):
        at(later)
    assert subjects() == [("bob@example.org", "[Folkmoot] 2 notices")]
    at("2026-11-22T02:30Z")
    assert subjects()[1:] == [("bob@example.org", "[Folkmoot] 1 notice")]
    at("2026-11-23T02:30Z")  # nothing to say
    assert len(outgoing.outbox) == 2


def test_a_digest_is_made_up_for_after_a_stop(bob: User) -> None:
    with time_machine.travel(utc("2026-11-20T12:00Z"), tick=False):
        tell(bob)
    at("2026-11-21T19:00Z")
    assert subjects() == [("bob@example.org", "[Folkmoot] 1 notice")]


def test_an_hour_chosen_after_it_has_passed_begins_the_next_day(bob: User) -> None:
    with time_machine.travel(utc("2026-11-20T12:00Z"), tick=False):
        tell(bob)
    with time_machine.travel(utc("2026-11-21T06:00Z"), tick=False):
        wish(bob, Frequency.DAILY, digest_hour=5)
    at("2026-11-21T08:00Z")
    assert subjects() == []
    at("2026-11-22T05:00Z")
    assert subjects() == [("bob@example.org", "[Folkmoot] 1 notice")]


def test_the_weekly_digest_says_what_needs_someone(bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    now = utc("2026-11-20T12:00Z")

    def found(user: User, _now: dt.datetime, _rows: object) -> list[TodayItem]:
        item = TodayItem("a", "people", "People", "t", "w", now, "Do", "/")
        other = TodayItem("c", "reviews", "Reviews", "t", "w", now, "Do", "/")
        return [
            item,
            TodayItem("b", "people", "People", "t", "w", now, "Do", "/", mine=frozenset({user.pk})),
            other,
        ]

    monkeypatch.setattr(today_sources, "_items", {})
    today_sources.register(TodaySource("test", "people", "people.view", None, found))
    with time_machine.travel(now, tick=False):
        wish(bob, Frequency.WEEKLY)
    at("2026-11-22T23:30Z")
    assert subjects() == []
    at("2026-11-23T08:00Z")
    assert subjects() == [("bob@example.org", "[Folkmoot] Your week")]
    assert (
        "* People: 2 things need someone, 1 is yours\n  http://localhost:8000/?area=people"
        in outgoing.outbox[0].body
    )
    assert "Reviews" not in outgoing.outbox[0].body
    at("2026-11-24T08:00Z")
    assert len(outgoing.outbox) == 1
    monkeypatch.setattr(today_sources, "_items", {})
    at("2026-11-30T08:00Z")  # nothing to say
    assert len(outgoing.outbox) == 1


def test_an_account_that_is_off_gets_nothing(bob: User) -> None:
    with time_machine.travel(utc("2026-11-20T12:00Z"), tick=False):
        tell(bob)
    bob.is_active = False
    bob.save()
    at("2026-11-21T08:00Z")
    assert (subjects(), Job.objects.exclude(kind="notices.plan").count()) == ([], 0)


@pytest.mark.parametrize("people", [1, 3])
def test_planning_takes_the_same_queries(people: int, django_assert_num_queries: Any) -> None:
    with time_machine.travel(utc("2026-11-20T12:00Z"), tick=False):
        for n in range(people):
            user = UserFactory()
            grant(user=user, area=Area.PEOPLE, level=Level.VIEW)
            wish(user, Frequency.DAILY)
            tell(user, dedupe=f"n{n}")
    with django_assert_num_queries(4):  # the community, wishes, what waits, people
        assert len(queries.due_digests(utc("2026-11-21T09:00Z"))) == people


#: A scheduler and worker in a process of its own, that writes mails into a folder.
WORKER = """
import sys, django
django.setup()
from django.conf import settings
from folkmoot.kernel import clock, plugs
from folkmoot.kernel.jobs import runner, schedule
settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", sys.argv[1]
plugs.schedule._items = {"notices.plan": plugs.schedule.get("notices.plan")}
print("ready", flush=True)
sys.stdin.readline()
schedule.fire(clock.now())
while runner.run_next():
    pass
"""


@pytest.mark.django_db(transaction=True)
def test_two_workers_one_digest(tmp_path: Path) -> None:
    user = UserFactory(email="two@example.org")
    grant(user=user, area=Area.PEOPLE, level=Level.VIEW)
    Notice.objects.create(
        user=user,
        kind="home.assigned",
        area="people",
        title="t",
        url="/",
        dedupe="d",
        created_at=clock.now() - dt.timedelta(days=2),
    )
    mails = tmp_path / "mails"
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(mails)],
            env=environment(tmp_path),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    assert [worker.communicate(timeout=60) and worker.returncode for worker in workers] == [0, 0]
    [text] = [file.read_text() for file in mails.iterdir()]
    assert (text.count("\nTo: two@example.org\n"), text.count("\nSubject: [Folkmoot] 1 notice\n")) == (1, 1)


# --- when a mail server fails


class Server(socketserver.ThreadingTCPServer):
    """A mail server on loopback that keeps to a script: at ``fails_at`` it answers ``failure``, or hangs up."""

    allow_reuse_address = True
    daemon_threads = True
    fails_at = ""
    failure = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.taken: list[str] = []


class Session(socketserver.StreamRequestHandler):
    server: Server

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        self.say("220 ready")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "DATA":
                self.say("354 go on")
                text = ""
                while (part := self.rfile.readline().decode()) != ".\r\n":
                    text += part
                self.server.taken.append(text)
            if verb == self.server.fails_at:
                if not self.server.failure:
                    return
                self.say(self.server.failure)
            else:
                self.say("221 bye" if verb == "QUIT" else "250 fine")
            if verb == "QUIT":
                return


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    with Server() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = running.server_address
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_TIMEOUT = 5
        yield running
        running.shutdown()


def parsed(text: str) -> Message:
    from email import message_from_string

    return message_from_string(text)


def test_what_leaves(bob: User, server: Server) -> None:
    wish(bob)
    tell(bob)
    work()
    [text] = server.taken
    message = parsed(text)
    job = Job.objects.get()
    assert (message["To"], message["Subject"]) == ("bob@example.org", "[Folkmoot] Title of one")
    assert message["Message-ID"] == f"<notices.{job.pk}@localhost>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [part.get_content_type() for part in message.get_payload()] == ["text/plain", "text/html"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("fails_at", "failure"), [("RCPT", "450 later"), ("DATA", "451 later"), ("MAIL", "550 no")]
)
def test_a_refused_mail_is_tried_again(bob: User, server: Server, fails_at: str, failure: str) -> None:
    with time_machine.travel(utc("2026-11-20T12:00Z"), tick=False) as now:
        wish(bob)
        tell(bob)
        server.fails_at, server.failure = fails_at, failure
        work()
        job = Job.objects.get()
        assert (job.state, job.attempts, job.cursor, Notice.objects.get().mailed_at) == (
            JobState.QUEUED,
            1,
            None,
            None,
        )
        server.fails_at = ""
        server.taken.clear()
        now.shift(60)
        work()
    assert (len(server.taken), Job.objects.get().state) == (1, JobState.SUCCEEDED)


def test_a_server_that_stays_down_ends_the_tries(bob: User, server: Server) -> None:
    server.shutdown()
    server.server_close()
    with time_machine.travel(utc("2026-11-20T12:00Z"), tick=False) as now:
        wish(bob)
        tell(bob)
        for _ in range(10):
            work()
            now.shift(600)
    job = Job.objects.get()
    assert (job.state, job.attempts, Notice.objects.get().mailed_at) == (JobState.FAILED, 8, None)
    assert job.error.startswith("NotSent: The mail server cannot be reached")


def test_when_nobody_knows_it_is_not_sent_again(bob: User, server: Server) -> None:
    """The server took the text and hung up without an answer: the mail may have arrived."""
    wish(bob)
    tell(bob)
    server.fails_at = "DATA"
    work()
    server.fails_at = ""
    work()
    assert (len(server.taken), Job.objects.get().outcome) == (1, {"mailed": 0, "outcome not known": 1})
    assert Notice.objects.get().mailed_at is not None


def test_a_worker_that_died_while_it_sent_is_not_repeated(bob: User) -> None:
    wish(bob)
    tell(bob)
    notice = Notice.objects.get()
    Notice.objects.update(mailed_at=clock.now())
    Job.objects.update(cursor={"claimed": [notice.pk]})
    work()
    assert (subjects(), Job.objects.get().outcome) == ([], {"mailed": 0, "outcome not known": 1})


def test_a_mail_speaks_the_language_that_the_person_chose(bob: User, alice: User) -> None:
    """Its own words; what somebody else wrote stays as it is."""
    for user in (bob, alice):
        user.language = "es" if user == bob else ""
        user.save()
        wish(user, Frequency.DAILY)
    with time_machine.travel(utc("2026-11-20T12:00Z"), tick=False):
        tell(bob, alice, title="Something happened")
    at("2026-11-21T20:00Z")
    found = {message.to[0]: message for message in outgoing.outbox}
    assert {to: message.subject for to, message in found.items()} == {
        "alice@example.org": "[Folkmoot] 1 notice",
        "bob@example.org": "[Folkmoot] 1 aviso",
    }
    assert "Tu día en" in found["bob@example.org"].body
    assert "Your day in" in found["alice@example.org"].body
    assert '<html lang="es" dir="ltr">' in found["bob@example.org"].alternatives[0][0]
    assert all("Something happened" in message.body for message in found.values())
