"""What the demo shows of training beside events and agreements. Nobody is written to: rows are made as they would be
once everything was done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.search.index import rows_changed
from folkmoot.people.public import ConsentKind, Identity, Person, consenting, record_consent
from folkmoot.training.actions import awards, base, openings, progress, scoring, seats, tasks
from folkmoot.training.actions.events import finish, save_event
from folkmoot.training.actions.rows import save_row
from folkmoot.training.models import (
    Allowance,
    Badge,
    Event,
    EventKind,
    Involvement,
    Request,
    RequestForm,
    RequestState,
    Requirement,
    SignUp,
    Survey,
    TaskKind,
)
from folkmoot.training.queries import asking
from folkmoot.training.queries.finder import CONTACT
from folkmoot.training.unconference_sample import make_unconference

SOURCE = "sample"
Said = Mapping[str, Any]


def training_sample_is_loaded() -> bool:
    """Whether it was made before, even if somebody removed some of it since."""
    return Request.history.filter(source=SOURCE).exists()


@transaction.atomic
def make_training_sample(*, about: Said, actor: User) -> None:
    """Make what ``sample/training.yml`` says; people, events and agreements of the sample are there already."""
    people = _people(about)
    training = _training(about["training"], people, actor)
    _progress(about, people, training, actor)
    for row in about["surveys"]:
        kind = EventKind.objects.filter(slug=row["event_kind"]).first()
        save_row(row=Survey(), values={**row, "event_kind": kind}, actor=actor)
    for row in about["openings"]:
        _opening(row, people, actor)
    for row in about["requests"]:
        _request(row)
    for row in about["charges"]:
        _charge(row, actor)
    make_unconference(about["unconference"], people, actor)


def _people(about: Said) -> dict[str, Person]:
    logins = {one["github"] for name in ("progress", "awards") for one in about[name]}
    logins |= {*about["training"]["learners"], about["training"]["instructor"]}
    logins |= {one["github"] for opening in about["openings"] for one in opening["sign_ups"]}
    logins |= {one["github"] for one in about["unconference"]["proposed"] if "github" in one}
    rows = Identity.objects.filter(system="github", folded__in=[login.casefold() for login in logins])
    known = {row.folded: row.person for row in rows.select_related("person")}
    return {login: known[login.casefold()] for login in logins if login.casefold() in known}


def _training(said: Said, people: Mapping[str, Person], actor: User) -> Event:
    kinds = {kind.slug: kind for kind in TaskKind.objects.filter(slug__in=["instructor", "learner"])}
    event = save_event(
        values={
            "title": said["title"],
            "kind": EventKind.objects.get(slug="instructor-training"),
            "starts_on": said["from"],
            "ends_on": said["to"],
            "is_online": True,
        },
        actor=actor,
    )
    for login in said["learners"]:
        if login in people:
            tasks.add_task(
                event=event, person=people[login], kind=kinds["learner"], actor=actor, attended=True
            )
    if said["instructor"] in people:
        teacher = people[said["instructor"]]
        tasks.add_task(event=event, person=teacher, kind=kinds["instructor"], actor=actor)
    return finish(event=event, actor=actor)


def _progress(about: Said, people: Mapping[str, Person], training: Event, actor: User) -> None:
    needed = {row.slug: row for row in Requirement.objects.all()}
    ways = {row.slug: row for row in Involvement.objects.all()}
    for login in about["training"]["learners"]:
        if login in people:
            progress.add_progress(
                person=people[login], requirement=needed["training"], event=training, actor=actor
            )
    for row in about["progress"]:
        if row["github"] not in people:
            continue
        way = (
            ways[row.get("involvement", "other-involvement")]
            if row["requirement"] == "get-involved"
            else None
        )
        progress.add_progress(
            person=people[row["github"]],
            requirement=needed[row["requirement"]],
            state=row["state"],
            happened_on=row["on"],
            involvement=way,
            note=row.get("says", "Told us about it."),
            actor=actor,
        )
    for row in about["awards"]:
        if row["github"] in people:
            badge = Badge.objects.get(slug=row["badge"])
            awards.award(person=people[row["github"]], badge=badge, awarded_on=row["on"], actor=actor)


def _opening(said: Said, people: Mapping[str, Person], actor: User) -> None:
    ahead = Event.objects.filter(title=said["event"], starts_at__gt=clock.now()).order_by("starts_at").first()
    if ahead is None:
        return
    kinds = {kind.slug: kind for kind in TaskKind.objects.filter(slug__in=said["seeks"])}
    sought = {kinds[slug]: number for slug, number in said["seeks"].items() if slug in kinds}
    row, _undo = openings.save_opening(event=ahead, values={"text": said["text"]}, sought=sought, actor=actor)
    for one in said["sign_ups"]:
        if one["github"] in people:
            _agrees_to_be_asked(people[one["github"]], actor)
            openings.save_profile(
                person=people[one["github"]],
                values={"place": one["from"], "languages": one["languages"]},
                actor=actor,
            )
            wish = SignUp(
                opening=row,
                person=people[one["github"]],
                kind=kinds[one["part"]],
                interest=one["says"],
                is_own=True,
            )
            base.write(wish, actor=None)


def _agrees_to_be_asked(person: Person, actor: User) -> None:
    """As everybody does who signs up: without it nobody could accept them, and the finder would find nobody."""
    kind = ConsentKind.objects.filter(slug=CONTACT).first()
    if kind is not None and not consenting(CONTACT).filter(pk=person.pk).exists():
        newest = kind.texts.order_by("-version").values_list("version", flat=True).first()
        record_consent(
            person=person,
            kind=kind,
            is_given=True,
            source="form of the sample",
            note="ticked when they signed up",
            version=newest,
            actor=actor,
        )


def _request(said: Said) -> None:
    form = RequestForm.objects.filter(slug=said["form"]).first()
    if form is None:
        return
    at = clock.now() - dt.timedelta(days=said["days_ago"])
    version = asking.version_of(form)
    row = Request(
        form=form,
        version=version,
        state=RequestState.PENDING,
        name=said["name"],
        email=said["email"],
        answers=said["answers"],
        started_at=at,
        sent_at=at,
        proven_at=at,
        received_at=at,
        due_at=at + dt.timedelta(days=form.answer_days),
        source=SOURCE,
        external_id=said["email"],
        **asking.told_beside(version.fields, said["answers"]),
    )
    scoring.score(row)
    base.write(row, actor=None, reason="received")
    rows_changed(Request, [row.pk])


def _charge(said: Said, actor: User) -> None:
    event = Event.objects.filter(title=said["event"], starts_on=said["on"]).first()
    held = Allowance.objects.filter(
        agreement__organization__name=said["organization"],
        benefit__slug="workshops",
        agreement__starts_on__lte=said["on"],
        agreement__last_day__gte=said["on"],
    ).first()
    if event is not None and held is not None:
        seats.charge_event(event=event, allowance=held, actor=actor)
