"""Members and partners: their own page, and the public list."""

from __future__ import annotations

import json
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from folkmoot.kernel import clock
from folkmoot.kernel.permissions.access import public, requires
from folkmoot.kernel.ui.answers import user_of
from folkmoot.people.public import Person, country_name
from folkmoot.training.exports.members import members_of, row_of
from folkmoot.training.queries import own_agreements as queries
from folkmoot.training.views.feeds import answer

#: The most that the public list and its feed hold.
MOST = 2000


@requires("people.own")
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """What the agreements give that somebody speaks for, what is left, the codes, and who got seats."""
    person = Person.objects.filter(user=user_of(request)).first()
    return render(request, "training/places/agreements.html", {"owned": queries.own(person)})


@public
@never_cache
@require_safe
def members(request: HttpRequest) -> HttpResponse:
    """Members and partners whose agreements run and are public, by tier."""
    rows = queries.for_everybody(clock.today(), request.GET.get("kind", ""))[:MOST]
    tiers = [
        (
            tier,
            [
                {
                    "name": row.holder,
                    "website": row.organization.website,
                    "country": country_name(row.organization.country) if row.organization.country else "",
                    "members": ", ".join(members_of(row)),
                }
                for row in found
            ],
        )
        for tier, found in groupby(rows, key=lambda row: row.tier.name)
    ]
    return render(request, "events/members.html", {"tiers": tiers})


@public
@require_safe
def members_json(request: HttpRequest) -> HttpResponse:
    """The same with the fields that ``feeds.carpentries.org`` publishes."""
    rows = list(queries.for_everybody(clock.today(), request.GET.get("kind", ""))[:MOST])
    content = json.dumps([row_of(row) for row in rows], ensure_ascii=False)
    newest = max((row.updated_at for row in rows), default=None)
    return answer(request, content.encode(), "application/json", newest)
