"""What AMY says of an event, in the words of this house; asks nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from folkmoot.kernel.text import fold
from folkmoot.people.public import is_country
from folkmoot.training.imports.amy.common import Names, Said
from folkmoot.training.imports.amy.words import words
from folkmoot.training.models import RegistrationBy, Status, Visibility

#: Of these things it is read what belongs beside an event.
NEEDS = ("workshops.tag", "workshops.organization", "workshops.language")


def beside(fields: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Names of tags, the administrator's domain, the code of the language, the host's name, and the organisation whose
    programme the event belongs to.
    """
    tags, organizations = names["workshops.tag"], names["workshops.organization"]
    domains = {one.get("domain"): pk for pk, one in organizations.items()}
    named = [str(tags[str(pk)].get("name")) for pk in fields.get("tags") or () if str(pk) in tags]
    domain = _of(organizations, fields.get("administrator"), "domain")
    programme = str(fields.get("administrator") or "") if domain in words()["programmes"] else ""
    if not programme:
        letters = words()["tags"]["programmes"]
        programme = next((domains[letters[tag]] for tag in named if letters.get(tag) in domains), "")
    return {
        "tags": named,
        "administrator": domain,
        "programme": programme,
        "language": _of(names["workshops.language"], fields.get("language"), "subtag"),
        "has_code": "subtag" in names["workshops.language"].get(str(fields.get("language")), {"subtag": ""}),
        "host": _of(organizations, fields.get("host"), "fullname"),
    }


def _of(known: Mapping[str, Mapping[str, Any]], pk: Any, name: str) -> str:
    return str(known.get(str(pk), {}).get(name) or "")


def has_tag(said: Said, group: str) -> bool:
    """Whether the event has a tag of a group that ``amy.yml`` names."""
    return bool(set(words()["tags"][group]) & set(said.beside.get("tags", ())))


def is_self_organised(said: Said) -> bool:
    """Nobody of the community organises it."""
    return bool(said.beside.get("administrator") == words()["self_organised"])


def is_central(said: Said) -> bool:
    """The community organises it: what AMY counts as a workshop of a membership."""
    return said.beside.get("administrator") in words()["programmes"]


def days(said: Said) -> dict[str, dt.date | None]:
    """Its days; an end before the start, or without one, is left out."""
    first, last = said.day("start"), said.day("end")
    if last is not None and first is None:
        said.leave("end", _("there is no first day: left out"))
        last = None
    elif first is not None and last is not None and last < first:
        said.leave("end", _("is before the first day: left out"))
        last = None
    return {"starts_on": first, "ends_on": last}


def place(said: Said) -> dict[str, Any]:
    """Where it is. AMY's country "online" (W3) is none, and "Internet" no venue."""
    internet, code = words()["internet"], said.line("country", 2).upper()
    values: dict[str, Any] = {
        "is_online": code == words()["online_country"] or has_tag(said, "online"),
        "country": "" if code == words()["online_country"] else code,
        "venue": said.line("venue", 200),
        "address": said.line("address", 500),
    }
    for name in ("venue", "address"):
        if values[name] == internet:
            values[name] = ""
    if values["country"] and not is_country(values["country"]):
        said.leave("country", _("“%(said)s” is no code of a country: left out") % {"said": code})
        values["country"] = ""
    values["latitude"], values["longitude"] = coordinates(said, "latitude", "longitude")
    return values


def coordinates(said: Said, north: str, east: str) -> tuple[float | None, float | None]:
    """A place in degrees; nothing where one is missing, or it is not on Earth."""
    at = said.fields.get(north), said.fields.get(east)
    if at[0] in (None, "") or at[1] in (None, ""):
        return None, None
    try:
        latitude, longitude = float(at[0]), float(at[1])
    except (TypeError, ValueError):
        latitude, longitude = 1000.0, 0.0
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        said.leave(north, _("“%(said)s” is no place on Earth: left out") % {"said": f"{at[0]}, {at[1]}"[:60]})
        return None, None
    return latitude, longitude


def standing(said: Said, first: dt.date | None, last: dt.date | None, today: dt.date) -> dict[str, str]:
    """Where it stands, and why. AMY has no status: it says so by tags, days, and what is known of an event."""
    if has_tag(said, "cancelled"):
        return {"status": Status.CANCELLED, "status_reason": _("Cancelled in AMY.")}
    if has_tag(said, "stalled"):
        return {"status": Status.STALLED, "status_reason": _("Stalled in AMY.")}
    unanswered = _("Nobody answers any more, AMY says.") if has_tag(said, "unanswered") else ""
    if first is None:
        if unanswered or said.is_true("completed"):
            why = unanswered or _("Completed in AMY, without days.")
            return {"status": Status.STALLED, "status_reason": why}
        return {"status": Status.PLANNED, "status_reason": ""}
    if (last or first) < today:
        return {"status": Status.DONE, "status_reason": unanswered}
    if unanswered:
        return {"status": Status.STALLED, "status_reason": unanswered}
    if not is_published(said):
        return {"status": Status.PLANNED, "status_reason": ""}
    return {"status": Status.RUNNING if first <= today else Status.ANNOUNCED, "status_reason": ""}


def is_published(said: Said) -> bool:
    """Whether AMY would show it: days, country, place and address of a page are known."""
    needed = ["start", "country", "venue", "address", "url"]
    if said.line("country", 2) != words()["online_country"]:
        needed += ["latitude", "longitude"]
    return all(said.fields.get(name) not in (None, "") for name in needed)


def signing_up(said: Said) -> dict[str, Any]:
    """Where people sign up: AMY knows a number of Eventbrite."""
    key = said.line("reg_key", 300)
    if not key:
        return {"registration_by": RegistrationBy.NONE, "registration_url": ""}
    url = key if key.startswith(("https://", "http://")) else f"{words()['registration']}{key}"
    return {"registration_by": RegistrationBy.ELSEWHERE, "registration_url": url}


def languages(said: Said) -> dict[str, list[str]]:
    """The language of teaching, as a code; nothing where AMY's API names one, for it does not tell the code."""
    code = str(said.beside.get("language") or "")
    if not said.beside.get("has_code", True):
        return {}
    if not code and said.fields.get("language") not in (None, ""):
        said.leave("language", _("this language of AMY has no code: left out"))
    return {"languages": [code] if code else []}


def values(said: Said, today: dt.date) -> dict[str, Any]:
    """All that an event says of itself."""
    when = days(said)
    private = said.fields.get("public_status") == "private"
    return {
        **when,
        **place(said),
        **standing(said, when["starts_on"], when["ends_on"], today),
        **signing_up(said),
        "visibility": Visibility.PRIVATE if private else Visibility.PUBLIC,
        **languages(said),
        "open_seats": said.is_true("open_TTT_applications"),
        "attendance": said.number("manual_attendance") or None,
        "website": said.url("url", 500),
        "contact": said.line("contact", 320),
    }


#: So many curricula are named in a title.
_IN_TITLE = 2


def title(said: Said, kind: str, programme: str = "", taught: Sequence[tuple[str, str]] = ()) -> str:
    """What a new event is called, since AMY's events have no title: what is taught, and where.

    Args:
        kind: the name of its kind.
        programme: the name of its programme.
        taught: programme and name of each curriculum.
    """
    names: list[str] = []
    for of, name in taught if len(taught) <= _IN_TITLE else ():
        full = name if not of or fold(name).startswith(fold(of)) else f"{of} {name}"
        # the second of the same programme goes without its name
        names.append(name if names and of == taught[0][0] else full)
    if names:
        what = ", ".join(names)
    else:
        what = f"{programme} {kind[:1].lower()}{kind[1:]}" if programme else kind
    host, venue = str(said.beside.get("host") or ""), said.line("venue", 200)
    where = host or ("" if venue == words()["internet"] else venue)
    if where:
        return (_("%(kind)s at %(place)s") % {"kind": what, "place": where})[:200]
    if names and said.line("country", 2).upper() == words()["online_country"]:
        return (_("%(kind)s, online") % {"kind": what})[:200]
    return said.line("slug", 100) or what[:200]


#: What AMY calls columns, where something of them is listed.
NAMES = {
    "starts_on": "start",
    "ends_on": "end",
    "host_id": "host",
    "organizer_id": "sponsor",
    "programme_id": "administrator",
    "kind_id": "event_category",
    "owner_id": "assigned_to",
    "status": "tags",
    "status_reason": "tags",
    "registration_url": "reg_key",
    "registration_by": "reg_key",
    "attendance": "manual_attendance",
    "website": "url",
    "visibility": "public_status",
    "open_seats": "open_TTT_applications",
    "languages": "language",
    "is_online": "country",
}


def surveys(said: Said) -> list[tuple[str, str, str, str]]:
    """Field, kind, label and address of each survey; one address stands once for each kind."""
    found: list[tuple[str, str, str, str]] = []
    met: set[tuple[str, str]] = set()
    for name, about in words()["surveys"].items():
        url = said.url(name)
        if url and (about["kind"], url) not in met:
            met.add((about["kind"], url))
            found.append((name, about["kind"], about["label"], url))
    return found
