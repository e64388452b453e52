"""Asked of every post right before it leaves: is this what was agreed to, does the policy let it pass, is it time, is
the page live that it announces."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from folkmoot.kernel import clock
from folkmoot.kernel.http import Client, HttpProblem, Limits
from folkmoot.outbox.public import Delivery, LeaveCheck, NotYet, Verb, leave_checks
from folkmoot.publishing import content
from folkmoot.publishing.actions import leaving
from folkmoot.publishing.models import LinkCheck, Post, PostState, Publication
from folkmoot.publishing.policy import engine
from folkmoot.publishing.queries import agreement

#: States in which something of a post may leave.
LEAVING = (PostState.SCHEDULED, PostState.PUBLISHED, PostState.TROUBLE)
#: How often a page that is waited for is asked for, in seconds.
EVERY = 60.0
#: Read of a page, at most: enough to know that it is there.
LIMITS = Limits(connect=5, read=10, write=10, total=20, size=2_000_000, tries=1)


def publication_of(delivery: Delivery) -> Publication | None:
    """What a delivery publishes, corrects or withdraws."""
    rows = Publication.objects.select_related("variant__post", "variant__channel")
    return rows.filter(delivery=delivery.about_id or delivery.pk).first()


def may_leave(delivery: Delivery) -> str | NotYet:
    """Whether this content is the one that was agreed to, the agreement still holds, the policy finds nothing that
    blocks, and the embargo is over. What is taken away needs no agreement."""
    if delivery.verb == Verb.WITHDRAW:
        return ""
    publication = publication_of(delivery)
    if publication is None:
        return _("The post that it belongs to was deleted.")
    post = publication.variant.post
    if post.state not in LEAVING:
        return _("The post is “%(state)s” by now.") % {"state": post.get_state_display()}
    if publication.content_sha256 != post.content_sha256:
        return _("The post was changed after this was planned.")
    missing = agreement.missing(post)
    if missing:
        names = ", ".join(rule.name for rule in missing)
        return _("Nobody agrees to it any more: %(rules)s.") % {"rules": names}
    blocking = engine.blocking(engine.findings(post, channel=publication.variant.channel))
    if blocking:
        return " ".join(leaving.in_words(one) for one in blocking)
    return _embargo(post)


def _embargo(post: Post) -> str | NotYet:
    now = clock.now()
    if post.embargo_until is None or post.embargo_until <= now:
        return ""
    left: dt.timedelta = post.embargo_until - now
    return NotYet(_("It is under embargo."), left.total_seconds())


def link_is_live(delivery: Delivery) -> str | NotYet:
    """Whether the page answers that the post waits for. The page of an article is asked for by the job that also looks
    for its title; any other is asked for here."""
    if delivery.verb != Verb.SEND:
        return ""
    publication = publication_of(delivery)
    if publication is None or not publication.variant.post.waits_for_link:
        return ""
    post = publication.variant.post
    link = _link(post, publication)
    if not link:
        return ""
    known = LinkCheck.objects.filter(url=link).first()
    if known is not None and known.status == 200:
        return ""
    article = post.article
    if article is not None and article.url == link:
        return NotYet(_("The article's page is not live yet: %(url)s.") % {"url": link}, EVERY)
    said = ask(link)
    if said.status == 200:
        return ""
    words = str(said.status) if said.status else said.words
    return NotYet(_("The link is not live yet (%(said)s): %(url)s.") % {"said": words, "url": link}, EVERY)


def _link(post: Post, publication: Publication) -> str:
    for source in content.sources([post])[post.pk]:
        if source.variant.pk == publication.variant_id:
            return content.card_link(source)
    return ""


def ask(url: str, client: Client | None = None) -> LinkCheck:
    """Ask for a page and keep what it answered. Not within a transaction: it takes as long as the page does."""
    own = client or Client(limits=LIMITS)
    try:
        answer = own.get(url, headers={"accept": "text/html, */*"})
        values = {"status": answer.status, "words": "", "final_url": answer.url[:500]}
    except HttpProblem as problem:
        values = {"status": 0, "words": str(problem)[:300], "final_url": ""}
    finally:
        if client is None:
            own.close()
    row, _new = LinkCheck.objects.update_or_create(url=url, defaults={**values, "checked_at": clock.now()})
    return row


leave_checks.register(
    LeaveCheck("publishing.link", link_is_live, frozenset({leaving.KIND}), asks_outside=True, order=10)
)
leave_checks.register(LeaveCheck("publishing.post", may_leave, frozenset({leaving.KIND}), order=20))
