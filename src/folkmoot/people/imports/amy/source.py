"""The source "amy": what a person names on the command line and in the browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.imports.sources import Fetch, Fetched, Option, Source, sources

AMY = "amy"


def _fetched(said: Mapping[str, str], tell: Callable[[int, str], None]) -> Fetched:
    """AMY read by its API, by the token that was given or is kept for its address."""
    from folkmoot.people.imports.amy import (
        fetching,  # it reads what parts have kept, and parts need this source
    )

    return fetching.fetched(said, tell)


SOURCE = sources.register(
    Source(
        key=AMY,
        label=_("AMY, the workshop system of The Carpentries"),
        help=_(
            "A dump that AMY's “manage.py dumpdata” wrote: JSON, or JSON lines, also packed with gzip, bzip2 or xz. "
            "Import it again whenever AMY has changed: nothing is doubled, and what was edited here stays."
        ),
        takes="file",
        permission="people.manage",
        files=("*.json", "*.jsonl", "*.json.gz", "*.jsonl.gz", "*.json.bz2", "*.json.xz"),
        options=(
            Option(
                "mails",
                _(
                    "“here” once AMY’s own mails are switched off: what is new in AMY then sets off mails by rule "
                    "here, like what is entered here. Empty: AMY writes to people, and only what is ahead is planned."
                ),
            ),
        ),
        writes_itself=True,
        order=30,
        results=(
            (_("Look at the people"), "people:people"),
            (_("Counts on both sides"), "people:amy_report"),
        ),
        fetch=Fetch(
            (
                Option("url", _("AMY’s address: read it by its API instead of a dump.")),
                Option("token", _("A token of its API; empty: the one that is kept for this address.")),
                Option(
                    "session", _("The cookie sessionid of an administrator: for what API v2 does not have.")
                ),
            ),
            _fetched,
        ),
    )
)
