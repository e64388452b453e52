"""Requests: for workshops, inquiries, self-organised workshops, applications for instructor training."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from folkmoot.kernel.imports.seen import Wanted, bring
from folkmoot.kernel.imports.sources import source_parts
from folkmoot.kernel.text import clean, fold
from folkmoot.people.public import Identity
from folkmoot.training.imports.amy import asked, in_both
from folkmoot.training.imports.amy.common import SOURCE, Chunk, Names, Said, TrainingPart, key_of
from folkmoot.training.imports.amy.words import words
from folkmoot.training.models import FormVersion, Outcome, Request, RequestForm, RequestState, Task, TaskKind
from folkmoot.training.queries.asking import told_beside

DECIDED = (RequestState.ACCEPTED, RequestState.DISCARDED, RequestState.WITHDRAWN)
TRAINING = "workshops.trainingrequest"
_NAMES = {
    "name": "personal",
    "assigned_to_id": "assigned_to",
    "event_id": "event",
    "person_id": "person",
    "task_id": "person",
    "organization_id": "institution",
    "member_code": "member_code",
    "score_notes": "score_notes",
}


class RequestsPart(TrainingPart):
    """The requests of one form of AMY."""

    counters: ClassVar[tuple[str, ...]] = ("requests", "forms", "form_versions")

    def beside(self, model: str, pk: str, fields: Mapping[str, Any], names: Names) -> dict[str, Any]:
        found = asked.beside(model, fields, names)
        institution = names.get("workshops.organization", {}).get(str(fields.get("institution")), {})
        return {**found, "organization": str(institution.get("fullname") or "")}

    def bring(self, chunk: Chunk) -> None:
        model = self.models[0]
        chunk.find(
            {"event": "workshops.event"},
            people=("person",),
            organizations=("institution",),
            users=("assigned_to",),
            more={said.key for said in chunk.said},
        )
        form, version = _version(chunk, model)
        by_email = _people({clean(str(said.fields.get("email") or "")) for said in chunk.said})
        before = _answers_here(chunk)
        wanted = []
        twins = in_both.twins(chunk.said, chunk.rows)
        for said in chunk.said:
            one = _wanted(chunk, said, form, version, by_email, before.get(said.key, {}))
            if one is not None and twins.of(said, one.values.get("event_id")):
                one = replace(
                    one, values={name: value for name, value in one.values.items() if name != "event_id"}
                )
            if one is not None:
                wanted.append(one)
        if model == TRAINING:
            wanted = _with_parts(chunk, wanted)
        requests = bring(
            chunk.changes,
            source=SOURCE,
            model=Request,
            wanted=wanted,
            counter="requests",
            reckon=_reckoned,
        )
        chunk.list_nobodies("assigned_to", "assigned_to_id", requests)


def _part(model: str, order: int) -> None:
    name = model.rpartition(".")[2]
    needs = tuple(sorted(asked.named(model)))
    members = {
        "__doc__": f"Requests: {model}.",
        "__module__": __name__,
        "key": f"amy.training.{name}",
        "order": order,
        "models": (model,),
        "looks_up": needs if model == TRAINING else (*needs, "workshops.organization"),
    }
    source_parts.declare(type(f"Requests{name.title()}", (RequestsPart,), members))


for _place, _model in enumerate(asked.models()):
    _part(_model, 360 + _place)


def _version(chunk: Chunk, model: str) -> tuple[RequestForm, FormVersion]:
    """The form here, and the version of it that asks what AMY's form asks."""
    slug, fields = asked.form_of(model), asked.asked(model)
    form = RequestForm.objects.filter(slug=slug).first()
    if form is None:
        new = RequestForm(
            slug=slug, title=slug.replace("-", " ").capitalize(), outcome=Outcome.INQUIRY, is_open=False
        )
        [form] = chunk.changes.create(RequestForm, [new], counter="forms")
    versions = list(FormVersion.objects.filter(form=form).order_by("number"))
    found = next((one for one in versions if one.fields == fields), None)
    if found is None:
        number = versions[-1].number + 1 if versions else 1
        made = FormVersion(form=form, number=number, fields=fields, made_at=chunk.changes.now)
        [found] = chunk.changes.create(FormVersion, [made], counter="form_versions")
    return form, found


def _people(emails: set[str]) -> dict[str, int]:
    """Who has these addresses; one statement."""
    rows = Identity.objects.filter(
        system="email", folded__in={fold(one) for one in emails if one}, person__erased_at=None
    )
    return dict(rows.values_list("folded", "person_id"))


def _answers_here(chunk: Chunk) -> dict[str, dict[str, Any]]:
    """Key -> answers that are here, of requests of which AMY does not tell all this time; one statement at most."""
    keys = [said.key for said in chunk.said if not asked.is_whole(said.model, said.fields)]
    if not keys:
        return {}
    rows = Request.objects.filter(source=SOURCE, external_id__in=keys)
    return dict(rows.values_list("external_id", "answers"))


def _wanted(
    chunk: Chunk, said: Said, form: RequestForm, version: FormVersion, by_email: Mapping[str, int],
    before: Mapping[str, Any],
) -> Wanted | None:  # fmt: skip
    email = clean(str(said.fields.get("email") or ""))
    try:
        validate_email(email)
    except ValidationError:
        said.leave("email", _("“%(said)s” is no address: the request is left out") % {"said": email[:60]})
        return None
    names = [said.line(one, 200) for one in ("personal", "middle", "family")]
    answers = asked.answers(said, str(said.beside["organization"]), before)
    state = words()["states"].get(str(said.fields.get("state")))
    if state is None and not said.has("state"):
        state = RequestState.PENDING
    elif state is None:
        why = _("“%(said)s” is no state: taken as waiting")
        said.leave("state", why % {"said": str(said.fields.get("state"))[:20]})
        state = RequestState.PENDING
    made = said.moment("created_at") or chunk.changes.now
    person = chunk.person(said, "person") if said.fields.get("person") else by_email.get(fold(email))
    values = {
        "state": state,
        "name": (" ".join(filter(None, names)) or email)[:200],
        "email": email[:320],
        "answers": answers,
        "person_id": person,
        "organization_id": chunk.organization(said, "institution"),
        "assigned_to_id": chunk.user(said, "assigned_to"),
        "event_id": _event(chunk, said),
        **scores(said),
    }
    known = _NAMES | {"answers": "email", "person_id": "email"}
    values = said.only_said(values, known) | told_beside(version.fields, answers)
    changed = said.moment("last_updated_at") or made
    fixed: dict[str, Any] = {
        "form_id": form.pk,
        "version_id": version.pk,
        "decided_at": max(changed, made) if state in DECIDED else None,
        **dict.fromkeys(("started_at", "sent_at", "proven_at", "received_at"), made),
        "source": SOURCE,
        "external_id": said.key,
    }
    if "state" not in values:
        fixed["state"] = state
    if state == RequestState.PENDING:
        fixed["due_at"] = made + dt.timedelta(days=form.answer_days)
    return Wanted(said.key, values, None, fixed, said.row, _NAMES)


def _with_parts(chunk: Chunk, wanted: Sequence[Wanted]) -> list[Wanted]:
    """Applications with the learner's part that they became. AMY accepts an application and gives its person a part in
    one step, and does not keep which: it is their first part in a training from the day on which they applied.
    Three statements, and one where somebody got a part here and another one in AMY.
    """
    refused = set(
        Request.objects.filter(
            source=SOURCE,
            external_id__in=[one.key for one in wanted],
            state__in=(RequestState.DISCARDED, RequestState.WITHDRAWN),
        ).values_list("external_id", flat=True)
    )
    accepted = [
        one
        for one in wanted
        if one.values.get("state") == RequestState.ACCEPTED
        and one.values.get("person_id") is not None
        and one.key not in refused
    ]
    people = {one.values["person_id"] for one in accepted}
    tasks = Task.objects.filter(
        person__in=people, session=None, kind__does=TaskKind.Does.LEARNS, event__kind__takes_seats=True
    ).order_by("event__starts_on", "pk")
    held = {
        task: f"{source}/{external}"
        for task, source, external in Request.objects.filter(task__person__in=people).values_list(
            "task", "source", "external_id"
        )
    }
    theirs: dict[int, list[tuple[int, dt.date | None, int]]] = {}
    for task, person, day, event in tasks.values_list("pk", "person_id", "event__starts_on", "event_id"):
        theirs.setdefault(person, []).append((task, day, event))
    parts: dict[str, tuple[int, int]] = {}
    taken: set[int] = set()
    others: dict[str, list[int]] = {}
    for one in sorted(accepted, key=lambda one: one.fixed["received_at"]):
        mine = f"{SOURCE}/{one.key}"
        free = [
            (task, day, event)
            for task, day, event in theirs.get(one.values["person_id"], ())
            if task not in taken
            and held.get(task, mine) == mine
            and (day is None or day >= one.fixed["received_at"].date())
        ]
        # the one that it has stays, also when others come before it
        found = next((part for part in free if part[0] in held), None) or next(iter(free), None)
        if found is not None:
            taken.add(found[0])
            parts[one.key] = (found[0], found[2])
            if found[0] in held:
                others[one.key] = [part[0] for part in free if part != found]
    given = {key: parts[key][0] for key in others}
    in_both.tell_parts(chunk, given, {key: set(tasks) - taken for key, tasks in others.items()})
    return [
        replace(one, values={**one.values, "task_id": parts[one.key][0], "event_id": parts[one.key][1]})
        if one.key in parts
        else one
        for one in wanted
    ]


def _event(chunk: Chunk, said: Said) -> int | None:
    pk = said.fields.get("event")
    if pk in (None, ""):
        return None
    found = chunk.rows.get(key_of("workshops.event", pk))
    if found is None:
        said.leave("event", _("event %(pk)s of AMY is not here: look why it was left out") % {"pk": pk})
    return found


def scores(said: Said) -> dict[str, Any]:
    """Points: AMY adds those by hand to its own; here those by hand count alone, so they hold the sum."""
    if not said.has("score_auto"):  # the API does not tell it, and without it the sum is not known
        return {"score_notes": said.text("score_notes")} if said.has("score_notes") else {}
    auto, manual = said.number("score_auto"), said.number("score_manual", least=-1_000_000)
    return {
        "score_auto": auto,
        "score_manual": None if manual is None else (auto or 0) + manual,
        "score_notes": said.text("score_notes"),
    }


def _reckoned(row: Request) -> dict[str, Any]:
    values: dict[str, Any] = {"email_folded": fold(row.email)[:320]}
    if row.state in DECIDED and row.decided_at is None:
        values["decided_at"] = row.updated_at
    return values
