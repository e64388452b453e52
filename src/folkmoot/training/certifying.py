"""Certificates: what one says, what it looks like, and issuing many."""

from __future__ import annotations

import base64
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from folkmoot.kernel import clock, patterns
from folkmoot.kernel.community import Community
from folkmoot.kernel.jobs.context import JobContext, JobRefused
from folkmoot.training import letters, sheets
from folkmoot.training.models import (
    Award,
    Certificate,
    CertificatePattern,
    Event,
    Status,
    Task,
    TaskKind,
    TaskState,
)

JOB = "training.certify"
TEMPLATE = sheets.FOLDER / "certificate.typ"
#: The names that a pattern may have in double braces.
FACTS = (
    "accent",
    "address",
    "community",
    "days",
    "event",
    "heading",
    "issued",
    "name",
    "part",
    "place",
    "sentence",
)
#: The one whose place a picture takes, as an ``<image>``'s ``href``: the badge's.
PICTURE = "picture"
#: How wide a letter is, in parts of its size: one of Latin, and one that fills a square.
NARROW, WIDE = 0.58, 1.0
#: No text gets smaller than this, in pixels of the pattern; what does not fit then is cut.
SMALLEST = 9.0
MARGIN = 60.0


def pattern_of(event: Event) -> CertificatePattern | None:
    """What its certificates look like: the event's own pattern, or that of its kind; ``None``: there are none."""
    return event.certificate or event.kind.certificate


def check_pattern(svg: str) -> str:
    """A pattern that certificates can be made from.

    Raises:
        ValidationError: it is no SVG, names a fact that there is not, or reaches outside itself.
    """
    return patterns.check(svg, FACTS, (PICTURE,))


def sentence_of(kind: TaskKind) -> str:
    """What somebody did, before the event's title."""
    does = TaskKind.Does
    return {
        does.TEACHES: _("taught at"),
        does.HELPS: _("helped at"),
        does.HOSTS: _("hosted"),
        does.ORGANISES: _("organised"),
        does.SPEAKS: _("spoke at"),
        does.LEARNS: _("took part in"),
        does.OTHER: _("had a part in"),
    }[does(kind.does)]


def facts_of(task: Task, address: str) -> dict[str, str]:
    """What a certificate says, in the language that is spoken now. The event with its kind, the part and the person are
    read beforehand.
    """
    house = Community.current()
    event = task.event
    return {
        "name": task.person.name,
        "event": event.title,
        "part": task.kind.name,
        "heading": _("Certificate"),
        "sentence": sentence_of(task.kind),
        "days": letters.when(event),
        "place": letters.where(event),
        "issued": _("Issued on %(day)s") % {"day": date_format(clock.today(), "DATE_FORMAT")},
        "address": address,
        "community": house.name,
        "accent": house.accent or "#0f766e",
    }


def facts_of_award(award: Award, address: str) -> dict[str, str]:
    """The same for an award of a badge, whose name stands where an event's would. Badge, person and event are read
    beforehand.
    """
    house = Community.current()
    return {
        "name": award.person.name,
        "event": award.badge.name,
        "part": award.badge.name,
        "heading": _("Certificate"),
        "sentence": _("has been awarded the badge"),
        "days": date_format(award.awarded_on, "DATE_FORMAT"),
        "place": award.event.title if award.event is not None else "",
        "issued": _("Issued on %(day)s") % {"day": date_format(clock.today(), "DATE_FORMAT")},
        "address": address,
        "community": house.name,
        "accent": house.accent or "#0f766e",
        # The file of a badge's picture never changes, and stays when the badge gets another.
        PICTURE: award.badge.picture.name or "",
    }


def why_not(task: Task) -> str:
    """Why no certificate can be issued for a part, in words; ``""`` where one can."""
    words = {"person": task.person.name, "event": task.event.title}
    if task.event.status != Status.DONE:
        return _("%(event)s is not over yet.") % words
    if pattern_of(task.event) is None:
        return _("Choose a certificate for %(event)s or its kind first.") % words
    if task.state != TaskState.CONFIRMED or task.attended is False:
        return _("%(person)s did not take part in %(event)s.") % words
    if task.person.erased_at is not None:
        return _("This person asked to be forgotten.")
    return ""


def _width(text: str, size: float) -> float:
    return sum(size * (WIDE if unicodedata.east_asian_width(letter) in "WF" else NARROW) for letter in text)


def picture_of(facts: Mapping[str, Any]) -> str:
    """The picture that a certificate's facts name, as an address that holds it; ``""``: none, or its file is gone."""
    name = str(facts.get(PICTURE) or "")
    if not name:
        return ""
    try:
        with default_storage.open(name) as file:
            content = file.read()
    except OSError:
        return ""
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def drawn(svg: str, facts: Mapping[str, Any], picture: str = "") -> str:
    """The pattern with its gaps filled; a line that would run over the edge is set smaller.

    Args:
        picture: what its picture shows, as :func:`picture_of` says; without, the place stays empty.

    Raises:
        ValidationError: it is no SVG.
    """
    filled = patterns.fill(svg, lambda name, line: picture if name == PICTURE else str(facts.get(name, "")))
    ET.register_namespace("", "http://www.w3.org/2000/svg")
    try:
        tree = ET.fromstring(filled)  # noqa: S314 - checked before it was kept: without a DOCTYPE no entities
    except ET.ParseError as problem:
        raise ValidationError(_("The certificate cannot be drawn: %(why)s") % {"why": problem}) from None
    if not picture:
        for parent in list(tree.iter()):
            for image in [child for child in parent if child.tag.rpartition("}")[2] == "image"]:
                parent.remove(image)
    across = _number(tree.get("width")) or 1123.0
    _shrink(tree, across, {})
    return ET.tostring(tree, encoding="unicode")


def _number(value: str | None) -> float:
    try:
        return float((value or "").removesuffix("px"))
    except ValueError:
        return 0.0


def _shrink(element: ET.Element, across: float, inherited: Mapping[str, str]) -> None:
    said = {
        **inherited,
        **{name: element.attrib[name] for name in ("text-anchor",) if name in element.attrib},
    }
    if element.tag.rpartition("}")[2] == "text" and element.text:
        at, size = _number(element.get("x")), _number(element.get("font-size"))
        anchor = said.get("text-anchor", "start")
        room = {
            "middle": 2 * (min(at, across - at) - MARGIN),
            "end": at - MARGIN,
        }.get(anchor, across - at - MARGIN)
        wide = _width(element.text, size)
        if size and room > 0 and wide > room:
            smaller = max(SMALLEST, size * room / wide)
            element.set("font-size", f"{smaller:.1f}")
            while len(element.text) > 2 and _width(element.text, smaller) > room:
                element.text = element.text[:-2].rstrip() + "…"
    for child in element:
        _shrink(child, across, said)


def size_of(svg: str) -> tuple[float, float]:
    """Width and height of a pattern, in pixels (96 to the inch)."""
    tree = ET.fromstring(svg)  # noqa: S314 - as in drawn()
    return _number(tree.get("width")) or 1123.0, _number(tree.get("height")) or 794.0


def pdf(certificate: Certificate) -> bytes:
    """A certificate as a PDF of one page, tagged (PDF/UA-1), the same each time.

    Raises:
        ValidationError: its pattern cannot be drawn.
    """
    svg = drawn(certificate.svg, certificate.facts, picture_of(certificate.facts))
    width, height = size_of(svg)
    facts = certificate.facts
    said = " ".join(str(facts.get(name, "")) for name in ("name", "sentence", "event", "days", "place"))
    sheet = {
        "svg": svg,
        "width": width * 0.75,
        "height": height * 0.75,
        "title": f"{facts.get('heading', '')}: {facts.get('name', '')}",
        "alt": said,
    }
    try:
        return sheets.pdf(TEMPLATE, sheet, moment=int(certificate.issued_at.timestamp()))
    except sheets.NotDrawn as problem:
        raise ValidationError(_("The certificate cannot be drawn: %(why)s") % {"why": problem}) from None


def certify_all(context: JobContext) -> dict[str, int]:
    """The job: a certificate for everybody who was there and has none, twenty in a transaction."""
    from folkmoot.training.actions.certificates import attended_without, issue

    event = Event.objects.filter(pk=context.arguments["event"]).first()
    if event is None:
        raise JobRefused(_("This was removed meanwhile."))
    actor = context.job.created_by
    issued = 0
    while True:
        with transaction.atomic():
            rows = list(attended_without(event).order_by("pk")[:20])
            if not rows:
                return {"issued": issued}
            try:
                for row in rows:
                    issue(task=row, actor=actor)
            except ValidationError as problem:
                raise JobRefused(" ".join(problem.messages)) from None
            issued += len(rows)
            context.checkpoint({"issued": issued}, done=issued)
