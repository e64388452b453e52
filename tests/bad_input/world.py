"""A house with a row of everything, whose rows all have one id."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from cryptography.hazmat.primitives.asymmetric import ec
from django.apps import apps
from django.db import models
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

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
from tests.bad_input.junk import REAL
from tests.bad_input.training import build_training, real_words


def build_world(alice: User) -> dict[str, str]:
    """One row of every kind that an address may name, each with the id :data:`REAL`, all of it alice's.

    Returns:
        by the name of an address, the word that leads to such a row where its id does not.
    """
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
    build_training(alice, person, project, organization)
    key = {"name": "Her key", "passwordless": True, "credential": made_up_passkey()}
    Authenticator.objects.create(pk=REAL, user=alice, type=Authenticator.Type.WEBAUTHN, data=key)
    return real_words()


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
