"""Links that lead where they say."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from django.utils.translation import gettext as _

from folkmoot.publishing.policy.lists import SHORTENERS
from folkmoot.publishing.policy.registry import Hit, Param, check
from folkmoot.publishing.policy.subject import Link, Params, Subject

LOOKS = ("https", "shortener", "dead", "utm", "tracking", "embargo")
UTM = ("utm_source", "utm_medium", "utm_campaign")


@check(
    "links",
    Param("look_for", "words", ("https", "shortener", "dead", "utm", "embargo"), "What to look for.", LOOKS),
    Param("shorteners", "words", (), "Hosts that shorten, beside the shipped list."),
    Param("own", "words", (), "Your own hosts: links there carry all of `utm`."),
    Param("utm", "words", UTM, "What a link that is counted carries."),
    Param("leave", "words", (), "Hosts that are left alone."),
)
def links(subject: Subject, params: Params) -> Iterator[Hit]:
    """Links are `https`, show where they lead, and answer; those that are counted carry all of `utm_source`,
    `utm_medium` and `utm_campaign`; nothing appears before its embargo ends or before the page it announces is live.

    A link counts as dead when its address answered 404, 410 or 5xx, or not at all, at the last look (a job, once a
    day); one that refuses programs (401, 403, 429) does not. `tracking` finds every `utm_…`, for channels where none
    is wanted.

    Source: RFC 9110, section 15 (what a status means); Google Analytics, "URL builders" (which three belong together).
    """
    looks = params["look_for"]
    leave = {each.lower() for each in params["leave"]}
    shorteners = SHORTENERS | {each.lower() for each in params["shorteners"]}
    for part, link in subject.links():
        parsed = _parsed(link.url)
        if parsed is None or parsed[0] in leave:
            continue
        host, query = parsed
        at = link.at if part else None
        if "https" in looks and link.url.lower().startswith("http:"):
            yield Hit(
                _("%(url)s is not https.") % {"url": _short(link.url)},
                part,
                at,
                link.url,
                _("Try the same address with https://."),
                "https" + link.url[4:],
            )
        if "shortener" in looks and host in shorteners:
            yield Hit(
                _("%(host)s hides where the link leads.") % {"host": host},
                part,
                at,
                link.url,
                _("Put the page's own address."),
            )
        if "dead" in looks:
            yield from _dead(subject, part, at, link)
        has = [name for name in query if name.startswith("utm_")]
        if "utm" in looks and (has or host in {each.lower() for each in params["own"]}):
            missing = [name for name in params["utm"] if name not in has]
            if missing:
                yield Hit(
                    _("%(url)s lacks %(names)s.") % {"url": _short(link.url), "names": ", ".join(missing)},
                    part,
                    at,
                    link.url,
                    _("Set them in the channel's plan and the campaign, or leave all of them out."),
                )
        if "tracking" in looks and has:
            yield Hit(
                _("%(url)s carries %(names)s.") % {"url": _short(link.url), "names": ", ".join(has)},
                part,
                at,
                link.url,
                _("Leave them out here."),
            )
    if "embargo" in looks:
        yield from _embargo(subject)


def _dead(subject: Subject, part: int, at: int | None, link: Link) -> Iterator[Hit]:
    facts = subject.link_facts.get(link.url)
    if facts is None or not facts.is_dead or (subject.waits_for_link and link.url == subject.link):
        return
    said = str(facts.status) if facts.status else facts.words or _("nobody answers")
    yield Hit(
        _("%(url)s does not answer (%(said)s).") % {"url": _short(link.url), "said": said},
        part,
        at,
        link.url,
        _("Mend the address; if the page is yet to come, let the post wait until its link is live."),
    )


def _embargo(subject: Subject) -> Iterator[Hit]:
    until = subject.embargo_until
    if until is not None and subject.due_at is not None and subject.due_at < until:
        yield Hit(
            _("It is planned before its embargo ends (%(when)s UTC).") % {"when": f"{until:%Y-%m-%d %H:%M}"},
            fix=_("Move it to a later time."),
        )


def _parsed(url: str) -> tuple[str, list[str]] | None:
    """Host and names of the query; ``None`` for what cannot be read."""
    try:
        found = urlsplit(url)
        host = (found.hostname or "").removeprefix("www.")
        return host, list(parse_qs(found.query, keep_blank_values=True, max_num_fields=100))
    except ValueError:
        return None


def _short(url: str) -> str:
    return url if len(url) <= 80 else url[:79] + "…"
