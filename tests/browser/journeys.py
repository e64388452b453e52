"""What journeys through the pages share: mail that can leave, work that is done, links out of mails."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from folkmoot.kernel import clock
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.kernel.ui.guarded import FASTEST
from folkmoot.mailing import jobs
from folkmoot.mailing.merges import rows as merge_rows
from folkmoot.mailing.models import MailRule
from folkmoot.mailing.seeding import load_rules
from folkmoot.outbox.models import Channel, Delivery
from folkmoot.people.public import load_seeds
from folkmoot.training.actions.allowances import save_allowance
from folkmoot.training.mail_plugs import load_mail_rules
from folkmoot.training.models import Allowance
from folkmoot.training.seeds import load
from folkmoot.training.seeds.progress import load_progress
from folkmoot.training.seeds.requests import load_forms
from tests.browser.conftest import Visit
from tests.training import agreeing


def begin(*rules: str) -> None:
    """The rows that a community starts with, mail that can leave, these mail rules switched on."""
    load_seeds()
    load()
    load_progress()
    load_forms()
    load_mail_rules()
    load_rules(merge_rows())
    Channel.objects.create(
        kind="house",
        name="Mail",
        medium="mail",
        is_default=True,
        settings={"from": "Moot <moot@example.org>"},
    )
    now = clock.now()
    assert MailRule.objects.filter(slug__in=rules).update(
        is_active=True, active_since=now, ready_at=now
    ) == len(rules)


def work() -> None:
    """What workers do: queued jobs, changes that rules hear of, mails that are due."""
    for job in Job.objects.filter(state="queued").order_by("pk"):
        run_in_foreground(job)
    jobs.look_at_changes()
    jobs.send()


def one_seat(actor: User) -> Allowance:
    """An agreement of this year with Leeds, by the code LEEDS-2027, that gives one seat at a public training."""
    row = agreeing.agreement(actor, starts_on=clock.today())
    held: Allowance = row.allowances.get(benefit__slug="public-seats")  # as the tier has it
    return save_allowance(allowance=held, agreement=row, values={"granted": 1}, actor=actor)


def mails(kind: str = "") -> list[tuple[str, str]]:
    """Kind and recipient of every mail that was written, the first one first."""
    rows = Delivery.objects.filter(kind__startswith=kind).order_by("pk")
    return list(rows.values_list("kind", "recipient"))


def link_in_mail(kind: str, to: str) -> str:
    """The path that the newest such mail to somebody leads to."""
    sent = Delivery.objects.filter(kind=kind, recipient=to).latest("pk")
    found = re.search(r"https?://[^/\s]+(/events/\S+)", sent.payload["text"])
    assert found is not None
    return found[1]


def press(page: Page, name: str) -> None:
    """Press a button, and wait for the page that answers."""
    page.get_by_role("button", name=name, exact=True).first.click()
    page.wait_for_load_state("networkidle")


def heard(page: Page, words: str) -> None:
    """A toast says these words."""
    expect(page.locator(".toast, [role=status]").filter(has_text=words).first).to_be_visible()


def refused(window: Visit, words: str) -> None:
    """The form came back and says why; Chromium tells of the answer 422 itself."""
    expect(window.page.locator("main").get_by_text(words).first).to_be_visible()
    window.said.clear()


def slowly(page: Page) -> None:
    """As a person fills in a form: machines are quicker, and are refused."""
    spent = page.evaluate("() => performance.now()")
    page.wait_for_timeout(max(0, FASTEST.total_seconds() * 1000 + 300 - spent))


def choose(page: Page, label: str, words: str) -> None:
    """Choose the first option that says these words."""
    field = page.get_by_label(label)
    field.select_option(field.locator("option").filter(has_text=words).first.get_attribute("value"))
