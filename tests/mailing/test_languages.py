"""A rule's texts in several languages: the recipient's language chooses, whoever has none gets the fallback."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from folkmoot.kernel.accounts.actions import add_user, change_profile
from folkmoot.kernel.accounts.models import User
from folkmoot.kernel.changes.models import ChangedRow
from folkmoot.kernel.jobs.models import Job
from folkmoot.kernel.jobs.runner import run_in_foreground
from folkmoot.mailing import engine, jobs, languages
from folkmoot.mailing.models import MailRule, MailState, PlannedMail, RuleText, Together
from folkmoot.mailing.subjects import subjects
from folkmoot.outbox.actions import save_template
from folkmoot.outbox.models import MessageTemplate
from folkmoot.outbox.public import message_kinds, render
from folkmoot.people.models import Person, Tag
from folkmoot.people.public import languages_of
from folkmoot.training.mail_plugs import load_mail_rules
from folkmoot.training.models import Event, Task
from tests.conftest import PASSWORD
from tests.factories import EventFactory
from tests.mailing.conftest import SHORTLY, mails, person, sent, switch_on, takes, work
from tests.training.conftest import part

pytestmark = pytest.mark.usefixtures("world")
TEACHES, WEBSITE = "training.instructor-part-noted", "training.ask-for-website"


def speaks(who: Person, language: str) -> User:
    """An account of theirs, in this language."""
    user = add_user(email=f"account-{who.pk}@example.org", name=who.name, password=PASSWORD)
    User.objects.filter(pk=user.pk).update(language=language)
    Person.objects.filter(pk=who.pk).update(user=user)
    return user


def says(who: Person, *names: str) -> None:
    """What the register says that they speak."""
    for name in names:
        who.tags.add(
            Tag.objects.get_or_create(facet="language", folded=name.casefold(), defaults={"name": name})[0]
        )


def test_the_account_then_the_register_then_the_house(settings: Any) -> None:
    people = [person(name) for name in ("Ana", "Bea", "Cid", "Dag", "Eva")]
    speaks(people[0], "es")
    says(people[0], "English")
    says(people[1], "Spanish")
    says(people[2], "español", "English")
    says(people[3], "Klingon")
    found = languages_of(one.pk for one in people)
    assert [found.get(one.pk) for one in people] == [["es"], ["es"], ["en", "es"], None, None]
    rule = MailRule.objects.get(slug=WEBSITE)
    assert [languages.choose(rule, found.get(one.pk, ())) for one in people] == ["es", "es", "en", "en", "en"]
    assert [languages.choose(rule, [code]) for code in ("es-MX", "ES", "pt-BR")] == ["es", "es", "en"]
    settings.LANGUAGE_CODE = "es"
    assert languages.choose(rule, ["fr"]) == "es"
    rule.texts.all().delete()
    assert languages.choose(rule, ["es"]) == "en"


def test_every_rule_of_the_house_has_a_text_in_spanish_that_leaves() -> None:
    for rule in MailRule.objects.select_related("template"):
        kind = message_kinds.get(subjects.get(rule.subject).kind)
        assert (list(languages.offered(rule)), languages.warnings(rule, "es")) == (["en", "es"], [])
        words, body = languages.text_of(rule, "es")
        assert "{{" not in render(kind, words, body, kind.examples()).text
        assert (words, body) != languages.text_of(rule, "en")


def test_what_was_removed_or_edited_is_not_made_again(alice: User) -> None:
    RuleText.objects.get(rule__slug=WEBSITE).delete()
    RuleText.objects.filter(rule__slug=TEACHES).update(subject="Mine")
    load_mail_rules()
    assert not RuleText.objects.filter(rule__slug=WEBSITE).exists()
    assert RuleText.objects.get(rule__slug=TEACHES).subject == "Mine"
    RuleText.objects.all().delete()
    RuleText.history.all().delete()
    text = MessageTemplate.objects.get(mail_rules__slug=TEACHES)
    save_template(template=text, kind=text.kind, name=text.name, subject="Ours", body=text.body, actor=alice)
    load_mail_rules()
    # A rule whose own text was rewritten gets no translation of what it said before.
    assert set(
        MailRule.objects.filter(texts=None, slug__startswith="training").values_list("slug", flat=True)
    ) == {TEACHES}


def test_it_leaves_in_the_language_of_who_gets_it(workshop: Event, clock: Any) -> None:
    switch_on(TEACHES)
    ina = takes(workshop, "Ina", "instructor").person
    speaks(ina, "es")
    takes(workshop, "Ivo", "instructor")
    work()
    assert [one.languages for one in mails()] == [["es"], ["en"]]
    clock.move_to(SHORTLY)
    work()
    spanish, english = sent()
    assert spanish.title == "Enseñas en Packaging workshop"
    assert "(1 de marzo de 2027 a 2 de marzo de 2027; Leeds, Reino Unido)" in spanish.payload["text"]
    assert (spanish.payload["language"], english.payload["language"]) == ("es", "en")
    assert english.title == "You teach at Packaging workshop"


@pytest.mark.parametrize("how", ["profile", "update", "tag"])
def test_another_language_plans_it_anew(workshop: Event, how: str) -> None:
    switch_on(TEACHES, needs_approval=True)
    ina = takes(workshop, "Ina", "instructor").person
    user = speaks(ina, "") if how != "tag" else None
    work()
    (mail,) = mails()
    assert mail.languages == ["en"]
    PlannedMail.objects.update(state=MailState.APPROVED, approved_print=mail.fingerprint)
    if user is None:
        says(ina, "Spanish")
    elif how == "profile":
        change_profile(user=user, actor=user, language="es")
    else:
        User.objects.filter(pk=user.pk).update(language="es")
    work()
    (mail,) = mails()
    # Somebody has to agree to the text in Spanish.
    assert (mail.languages, mail.state) == (["es"], MailState.WAITING)


def test_one_mail_to_several_and_one_to_each(workshop: Event, clock: Any) -> None:
    rule = switch_on(WEBSITE, cc=[])
    for name in ("Ina", "Ivo"):
        speaks(takes(workshop, name, "instructor").person, "es")
    work()
    assert [one.languages for one in mails()] == [["es"]]
    takes(workshop, "Uma", "instructor")
    work()
    assert [one.languages for one in mails()] == [["en"]]
    MailRule.objects.filter(pk=rule.pk).update(together=Together.EACH)
    engine.evaluate(subjects.get("training.event"), [workshop.pk])
    assert [one.languages for one in mails()] == [["es", "es", "en"]]
    (mail,) = mails()
    clock.move_to(mail.due_at)
    work()
    assert [(one.recipient, one.payload["language"]) for one in sent()] == [
        ("ina@example.org", "es"),
        ("ivo@example.org", "es"),
        ("uma@example.org", "en"),
    ]


def test_it_costs_the_same_with_three(workshop: Event) -> None:
    switch_on(TEACHES)
    tasks = [takes(workshop, name, "instructor") for name in ("Ina", "Ivo", "Uma")]
    for task in tasks:
        speaks(task.person, "es")
    subject, costs = subjects.get("training.task"), []
    for number in (1, 3):
        PlannedMail.objects.all().delete()
        with CaptureQueriesContext(connection) as asked:
            engine.evaluate(subject, [task.pk for task in tasks[:number]])
        costs.append(len(asked))
        assert [one.languages for one in mails()] == [["es"]] * number
    assert costs[0] == costs[1] <= 16


def test_a_text_is_added_read_changed_and_removed(workshop: Event, as_alice: Client) -> None:
    rule = switch_on(WEBSITE)
    ina = takes(workshop, "Ina", "instructor").person
    says(ina, "French")
    work()
    page, new = reverse("mailing:rule", args=[rule.pk]), reverse("mailing:new_rule_text", args=[rule.pk])
    assert as_alice.get(new).context["form"].fields["language"].choices[0] == ("", "Choose a language")
    said = {"language": "fr", "subject": "{{ event }} : quel site ?", "body": "Bonjour {{ nobody }}"}
    refused = as_alice.post(new, said)
    assert (refused.status_code, rule.texts.filter(language="fr").exists()) == (422, False)
    assert "There is no variable nobody." in refused.content.decode()
    assert as_alice.post(new, said | {"language": "es"}).status_code == 422
    assert as_alice.post(new, said | {"body": "Bonjour {{ recipients }}, {{ community }}"}).status_code == 302
    for job in Job.objects.filter(kind=jobs.RULE, state="queued"):
        run_in_foreground(job)
    assert [one.languages for one in mails()] == [["fr"]]
    shown = as_alice.get(page).content.decode()
    assert "It lacks the variable days, which the rule" in shown
    text = reverse("mailing:rule_text", args=[rule.pk, "fr"])
    previewed = as_alice.get(text, {"q": "Pack", "record": workshop.pk})
    assert "Packaging workshop : quel site ?" in previewed.content.decode()
    assert as_alice.get(reverse("mailing:rule_text", args=[rule.pk, "de"])).status_code == 404
    row = rule.texts.get(language="fr")
    edit = reverse("mailing:edit_rule_text", args=[rule.pk, "fr"])
    assert as_alice.get(edit).context["form"].initial["subject"] == row.subject
    assert (
        as_alice.post(edit, {"subject": "Le site", "body": "Le {{ days }}, {{ community }}"}).status_code
        == 302
    )
    assert languages.warnings(MailRule.objects.get(pk=rule.pk), "fr") == [
        "It lacks the variable event, which the rule\u0027s own text names."
    ]
    gone = as_alice.post(reverse("mailing:remove_rule_text", args=[rule.pk, "fr"]), follow=True)
    assert "Removed: who reads it gets the text in English." in gone.content.decode()
    for job in Job.objects.filter(kind=jobs.RULE, state="queued"):
        run_in_foreground(job)
    assert (rule.texts.filter(language="fr").exists(), mails()[0].languages) == (False, ["en"])


def test_an_own_text_that_changed_makes_the_others_older(as_alice: Client, alice: User) -> None:
    rule = MailRule.objects.get(slug=WEBSITE)
    text = rule.template
    save_template(template=text, kind=text.kind, name=text.name, subject="New", body=text.body, actor=alice)
    older = "The rule\u0027s own text has changed since this one was written."
    assert older in languages.warnings(MailRule.objects.get(pk=rule.pk), "es")
    edit = reverse("mailing:edit_rule_text", args=[rule.pk, "es"])
    row = rule.texts.get()
    as_alice.post(edit, {"subject": row.subject, "body": row.body})
    assert older not in languages.warnings(MailRule.objects.get(pk=rule.pk), "es")


def test_pages_cost_the_same_with_three_languages(as_alice: Client, workshop: Event) -> None:
    rule = MailRule.objects.get(slug=WEBSITE)
    pages = [reverse("mailing:rule", args=[rule.pk]), reverse("mailing:rule_text", args=[rule.pk, "es"])]
    costs = []
    for _more in range(2):
        counts = []
        for page in pages:
            as_alice.get(page)
            with CaptureQueriesContext(connection) as asked:
                assert as_alice.get(page).status_code == 200
            counts.append(len(asked))
        costs.append(counts)
        for code in ("fr", "de"):
            RuleText.objects.get_or_create(
                rule=rule, language=code, defaults={"subject": "S", "body": "B", "written_for": ""}
            )
    assert costs[0] == costs[1]


def test_a_stranger_changes_no_text(as_bob: Client) -> None:
    rule = MailRule.objects.get(slug=WEBSITE)
    for name in ("rule_text", "edit_rule_text"):
        assert as_bob.get(reverse(f"mailing:{name}", args=[rule.pk, "es"])).status_code == 403
    assert as_bob.post(reverse("mailing:remove_rule_text", args=[rule.pk, "es"])).status_code == 403
    assert rule.texts.count() == 1


def test_an_account_that_has_no_record_changes_nothing(workshop: Event) -> None:
    switch_on(TEACHES)
    Task.objects.create(event=EventFactory(kind=workshop.kind), person=person("Ina"), kind=part("instructor"))
    work()
    User.objects.update(language="es")
    work()
    assert ChangedRow.objects.count() == 0
