"""What the walk with bad input needs: a world whose rows all have one id, junk, and what a page's forms ask for."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlencode

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from cryptography.hazmat.primitives.asymmetric import ec
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test.client import MULTIPART_CONTENT
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData
from hypothesis import HealthCheck, Phase, settings

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.imports.models import ImportRun, RejectedRow, RunState
from folkmoot.kernel.jobs.models import Job, JobState
from folkmoot.kernel.notices.models import Notice
from folkmoot.kernel.permissions.areas import Area, Level
from folkmoot.kernel.ui.models import SavedView
from folkmoot.kernel.users.models import Delegation, Invitation
from folkmoot.mailing.models import MailRule, PlannedMail
from folkmoot.outbox.models import ApprovalRule, Channel, Delivery, MessageTemplate, Suppression, digest
from folkmoot.people.models import Affiliation, Note
from folkmoot.reports.models import Share
from folkmoot.reviews.models import ChecklistTick, HoldUpRule, LabelMeaning, SubmissionDraft, SubmissionNote
from tests import factories
from tests.test_walk import BY_CONVERTER, Stop

#: The id of every row of the world: whatever kind of id an address or a field asks for, this one is there.
REAL = 4711
_USUAL: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "suppress_health_check": list(HealthCheck),
    # A request's shortest cause is found faster by reading its words than by shrinking them.
    "phases": [Phase.explicit, Phase.generate],
}
settings.register_profile("folkmoot", derandomize=True, max_examples=4, **_USUAL)
#: For a longer look, with other requests each time: ``FOLKMOOT_JUNK=200 python -m pytest tests/test_bad_input.py``.
settings.register_profile("longer", max_examples=int(os.environ.get("FOLKMOOT_JUNK", "0")) or 1, **_USUAL)
PROFILE = settings.get_profile("longer" if os.environ.get("FOLKMOOT_JUNK") else "folkmoot")

HUGE = "x" * 100_000
#: What a field or parameter may be told instead of what it asks for.
JUNK = (
    "",
    " ",
    "0",
    "-1",
    str(REAL),
    f"-{REAL}",
    str(2**63),
    "9" * 40,
    "1e999",
    "NaN",
    "²",
    "٣",
    "\0",
    "a\0b",
    HUGE,
    "\u202e\u200b\ufeff",
    "🏳️‍🌈" * 300,
    "2026-02-30",
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "2026-11-20T25:61",
    "2026Q9",
    "0001Q1..9999Q4",
    "2026-01-01..0001-01-01",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "%s%n{0}{{ 7 }}",
    "a\r\nSet-Cookie: b=c",
    "[]",
    '{"a": [1]}',
    "[" * 5_000,
    "null",
    "javascript:alert(1)",
    "http://[::1",
    "//elsewhere.example/",
    "=1+1",
    "Europe/Nowhere",
    "/etc/localtime",
    "any",
    "csv",
    "xlsx",
    "-name",
    "no-such-choice",
)
#: What an address may hold where it asks for an id, a word or a token; already percent-encoded.
IN_ADDRESS = (
    str(REAL),
    "0",
    "-1",
    "1.5",
    "007",
    str(2**31),
    str(2**63),
    "9" * 60,
    "%D9%A3",  # an Arabic digit
    "%00",
    "a%00b",
    "%ff%fe",
    "%ed%a0%80",  # half of a surrogate pair
    "%c3",
    "%2e%2e%2f",
    "%0d%0aSet-Cookie:%20a=b",
    quote("🏳️‍🌈"),
    "a" * 3000,
    "%",
    "%zz",
    "eyJ1c2VyIjo0NzExfQ:1rXXXX:AAAA",
    ":::",
    "4711-x",
    "pdf",
    "person",
    "project",
    "organisation",
    "community",
    "people",
    "github",
)
#: Parameters that the lists know without showing a field for each, and some that nobody knows.
PARAMETERS = (
    *("q", "sort", "columns", "page", "export", "next", "key", "until", "date", "before", "month", "day"),
    *("nobody-knows", "\0", "selected", "bulk", "view_save", "view_remove", "as_of", "period", "exclude"),
)


def build_world(alice: User) -> None:
    """One row of every kind that an address may name, each with the id :data:`REAL`, all of it alice's."""
    now = clock.now()
    person = factories.PersonFactory(pk=REAL, name="Ana Quintanar", user=alice)
    factories.IdentityFactory(pk=REAL, person=person)
    kind = factories.RoleKindFactory(pk=REAL, notice_days=30)
    project, team = factories.ProjectFactory(pk=REAL), factories.TeamFactory(pk=REAL)
    factories.TermFactory(
        pk=REAL, person=person, role_kind=kind, team=team, ended_on=clock.today() + dt.timedelta(days=5)
    )
    organization = factories.OrganizationFactory(pk=REAL)
    Affiliation.objects.create(pk=REAL, person=person, organization=organization)
    Note.objects.create(pk=REAL, person=person, body="Met at the sprint.", author=alice)
    tag = factories.TagFactory(pk=REAL)
    for record in (person, project, organization):
        record.tags.add(tag)
    item = factories.ItemFactory(pk=REAL, project=project)
    factories.ActivityFactory(pk=REAL, item=item, project=project)
    job = Job.objects.create(
        pk=REAL, kind="imports.run", arguments={"run": REAL}, state=JobState.FAILED, created_by=alice, error="Stopped."
    )  # fmt: skip
    run = ImportRun.objects.create(
        pk=REAL, source="people.csv", origin="people.csv", path="/nowhere/people.csv", state=RunState.STAGED,
        created_by=alice, job=job,
    )  # fmt: skip
    RejectedRow.objects.create(
        pk=REAL,
        run=run,
        file="people.csv",
        line=3,
        field="e-mail",
        reason="no address",
        content={"name": "x"},
    )
    SavedView.objects.create(pk=REAL, user=alice, list_key="people", name="Mine", query="q=a")
    later = now + dt.timedelta(days=30)
    Share.objects.create(
        pk=REAL, report="community", scope={"period": "2026Q2"}, token_hash="0" * 64, recipient="Council",
        created_by=alice, expires_at=later,
    )  # fmt: skip
    Invitation.objects.create(
        pk=REAL, token_hash="1" * 64, email="dora@example.org", levels={Area.PEOPLE.value: Level.VIEW.value},
        invited_by=alice, expires_at=later,
    )  # fmt: skip
    helper = factories.UserFactory(pk=REAL, name="Dora Helper")
    lending = Delegation(
        pk=REAL, from_user=alice, to_user=helper, areas=[Area.PEOPLE.value], first_day=clock.today(),
        last_day=clock.today() + dt.timedelta(days=3), zone="UTC",
    )  # fmt: skip
    lending.set_instants()
    lending.save()
    Notice.objects.create(
        pk=REAL, user=alice, kind="home.assigned", area=Area.PEOPLE, title="Given to you", url="/", dedupe="x"
    )
    build_outbox(alice, now)
    UserSession.objects.create(
        pk=REAL, user=alice, ip="127.0.0.1", session_key="a" * 32, user_agent="A browser"
    )
    SocialAccount.objects.create(pk=REAL, user=alice, provider="github", uid="1")
    build_reviews(alice, person, project)
    key = {"name": "Her key", "passwordless": True, "credential": made_up_passkey()}
    Authenticator.objects.create(pk=REAL, user=alice, type=Authenticator.Type.WEBAUTHN, data=key)


def build_reviews(alice: User, person: Any, project: Any) -> None:
    """A programme that is open to authors, with a stage, a submission and what hangs on either."""
    programme = factories.ProgrammeFactory(pk=REAL, slug="person", is_open=True)
    stage = factories.StageFactory(pk=REAL, programme=programme, limit_days=14)
    item = factories.ChecklistItemFactory(pk=REAL, stage=stage)
    LabelMeaning.objects.create(pk=REAL, programme=programme, label="1/checks", means="stage", stage=stage)
    HoldUpRule.objects.create(pk=REAL, programme=programme, kind="quiet", days=30)
    submission = factories.SubmissionFactory(
        pk=REAL, programme=programme, stage=stage, stage_since=clock.now(), project=project
    )
    factories.SightingFactory(pk=REAL, submission=submission, stage=stage, is_exact=True)
    factories.AssignmentFactory(
        pk=REAL, submission=submission, person=person, role="reviewer", state="invited"
    )
    SubmissionNote.objects.create(pk=REAL, submission=submission, body="Looks fine.", author=alice)
    ChecklistTick.objects.create(pk=REAL, submission=submission, item=item, by=alice)
    SubmissionDraft.objects.create(
        pk=REAL, programme=programme, digest="2" * 64, owner=alice, content={"title": "tidelog"}
    )


def build_outbox(alice: User, now: dt.datetime) -> None:
    """A channel, a mail that waits on it, a text, a rule, an address without mail."""
    channel = Channel.objects.create(pk=REAL, kind="house", name="Mail", medium="mail", is_default=True)
    payload = {
        "message_id": "<fm-x@example.org>", "from": "moot@example.org", "envelope_from": "moot@example.org",
        "to": "ana@example.org", "to_name": "Ana", "subject": "Hello", "markdown": "Hello", "text": "Hello", "html": "",
        "headers": {},
    }  # fmt: skip
    Delivery.objects.create(
        pk=REAL, channel=channel, key="x", kind="people.letter", area=Area.PEOPLE, title="Hello", asked_by=alice,
        recipient="ana@example.org", payload=payload, payload_sha256=digest(payload),
        not_after=now + dt.timedelta(days=1),
    )  # fmt: skip
    MessageTemplate.objects.create(
        pk=REAL, kind="people.letter", name="Welcome", subject="Hi {{ person }}", body="Hello"
    )
    ApprovalRule.objects.create(pk=REAL, kind="people.letter", area=Area.PEOPLE)
    Suppression.objects.create(pk=REAL, address="gone@example.org", why="hard", source="test")
    text = MessageTemplate.objects.create(
        kind="rule.training.event", name="By rule", subject="{{ event }}", body="Dear {{ recipients }}"
    )
    rule = MailRule.objects.create(
        pk=REAL,
        name="A rule",
        subject="training.event",
        template=text,
        to=["owner"],
        is_active=True,
        active_since=now,
    )
    PlannedMail.objects.create(
        pk=REAL, rule=rule, subject=rule.subject, record_id=REAL, due_at=now + dt.timedelta(days=1)
    )


def made_up_passkey() -> dict[str, Any]:
    """What a browser would have sent for a passkey (WebAuthn, RegistrationResponseJSON); nobody holds its key."""
    private = ec.generate_private_key(ec.SECP256R1())
    known = AttestedCredentialData.create(
        Aaguid.NONE, b"4711", ES256.from_cryptography_key(private.public_key())
    )
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    data = AuthenticatorData.create(hashlib.sha256(b"localhost").digest(), flags, 0, known)
    said = {"type": "webauthn.create", "challenge": websafe_encode(b"asked"), "origin": "http://localhost"}
    return {
        "id": websafe_encode(b"4711"),
        "rawId": websafe_encode(b"4711"),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(json.dumps(said).encode()),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        },
        "clientExtensionResults": {},
    }


def belongings(user: User) -> dict[str, list[Any]]:
    """Everything that is one user's own: their row, and every row that hangs on it."""
    found: dict[str, list[Any]] = {"self": list(User.objects.filter(pk=user.pk).values_list())}
    for model in apps.get_models():
        for each in model._meta.get_fields():
            if (
                isinstance(each, models.ForeignKey)
                and each.related_model is User
                and not hasattr(model, "history_id")
            ):
                rows = model._base_manager.filter(**{each.name: user}).order_by("pk")
                found[f"{model._meta.label}.{each.name}"] = list(rows.values_list())
    return found


def made_up(stop: Stop) -> list[str]:
    """The made-up arguments as they stand in the address of a stop."""
    return [quoted for value in BY_CONVERTER.values() if (quoted := quote(str(value))) in stop.url]


def variants(stop: Stop) -> list[str]:
    """The address of a stop with everything in the place of its arguments; the first one leads to a real row."""
    words = made_up(stop)
    if not words:
        return [stop.url]
    found = []
    for junk in IN_ADDRESS:
        url = stop.url
        for word in words:
            url = url.replace(word, junk)
        found.append(url)
    kinds = ("person", "project", "organisation") if len(words) > 1 else ()
    real = stop.url.replace(str(BY_CONVERTER["IntConverter"]), str(REAL))
    return [*found, *(real.replace("no-such-thing", kind) for kind in kinds)]


@dataclass
class Fields(HTMLParser):
    """The fields of a page's forms: their names, with the values that the page gives them."""

    found: dict[str, list[str]] = field(default_factory=dict)
    _select: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {key: value or "" for key, value in attrs}
        name = said.get("name", "")
        if tag in ("input", "textarea", "button", "select") and name and name != "csrfmiddlewaretoken":
            values = self.found.setdefault(name, [])
            if said.get("value"):
                values.append(said["value"])
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self.found.setdefault(self._select, []).append(said.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


def fields_of(html: str) -> dict[str, list[str]]:
    """The fields of a page, by name."""
    parser = Fields()
    parser.feed(html)
    return parser.found


@dataclass(frozen=True)
class Body:
    """What is posted."""

    data: bytes | dict[str, Any]
    content_type: str = MULTIPART_CONTENT

    def __str__(self) -> str:
        if isinstance(self.data, bytes):
            return f"{self.data[:200]!r} as {self.content_type}"
        return str({key: _short(value) for key, value in self.data.items()})


def _short(value: Any) -> str:
    said = f"a file {value.name!r}" if isinstance(value, SimpleUploadedFile) else repr(value)
    return said if len(said) < 60 else f"{said[:50]}… ({len(said)})"


def junk_file(name: str = "x\0.csv", content: bytes = b"\xff\xfe\0name\n\x80") -> SimpleUploadedFile:
    """A file that is none."""
    return SimpleUploadedFile(
        name.replace("\0", ""), content, content_type="text/\x00plain".replace("\0", "")
    )


def plain_bodies(asked: dict[str, list[str]]) -> Iterator[Body]:
    """The posts that every form gets: the page's own, then each kind of junk in all fields at once."""
    if not asked:  # all of these would be the same: nothing
        yield from (Body({}), Body(b"", "application/x-www-form-urlencoded"))
        return
    names = list(asked)
    own = {name: (values[-1] if values else "x") for name, values in asked.items()}
    yield Body(own)
    for value in ("\0", HUGE, str(2**63), "²", "http://[::1"):
        yield Body(dict.fromkeys(names, value))
    yield Body({name: junk_file() for name in names})
    yield Body({name: [own[name], "a\0b", str(REAL)] for name in names})
    broken = "&".join(f"{quote(name)}=%ff%00%ed%a0%80" for name in names)
    yield Body(broken.encode(), "application/x-www-form-urlencoded")


def query_string(pairs: list[tuple[str, str]]) -> str:
    """The parameters of an address."""
    return urlencode(pairs)
