"""Where every column of AMY's went that is about events, trainees and agreements, or why nowhere."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from folkmoot.people.public import amy_models, left

declare = amy_models.declare
STAMPS = {name: left(_("when a row was made and changed is reckoned here from the import on"))
          for name in ("created_at", "last_updated_at")}  # fmt: skip
_DEAD = left(_("AMY has not read websites since 2019; it is read anew here when somebody asks"))
_TWICE = left(_("the number stands once here, on the agreement that took it over"))

declare("workshops.tag", "people.Tag", {
    "name": "Tag.name; some also decide programme, kind, place and status of events",
    "details": left(_("tags are words without an explanation here")),
    "priority": left(_("tags stand in the order of their names here")),
})  # fmt: skip
declare("workshops.eventcategory", "EventKind", {
    "name": "EventKind.name, EventKind.slug",
    "description": "EventKind.description",
    "active": "EventKind.is_archived",
    **STAMPS,
})  # fmt: skip
declare("workshops.event", "Event", {
    "host": "Event.host, and Event.title of a new event: AMY’s have none",
    "sponsor": "Event.organizer; of a self-organised event nobody, since rules for mails tell them apart by that",
    "administrator": "Event.programme; Event.organizer where nobody is named",
    "membership": "Use of the allowance “workshops”, as AMY counts it: not of self-organised and stalled events",
    "assigned_to": "Event.owner, where that person signs in here",
    "tags": "Event.tags, Event.status, Event.status_reason, Event.kind, Event.is_online",
    "start": "Event.starts_on, Event.status",
    "end": "Event.ends_on, Event.status",
    "slug": "Event.slug",
    "language": "Event.languages",
    "url": "Event.website",
    "reg_key": "Event.registration_url, Event.registration_by",
    "manual_attendance": "Event.attendance",
    "contact": "Event.contact",
    "country": "Event.country; “online” is Event.is_online",
    "venue": "Event.venue",
    "address": "Event.address",
    "latitude": "Event.latitude",
    "longitude": "Event.longitude",
    "completed": "Event.status, where there are no days",
    "learners_pre": "EventLink (survey before)",
    "learners_post": "EventLink (survey after)",
    "instructors_pre": "EventLink (survey before)",
    "instructors_post": "EventLink (survey after)",
    "learners_longterm": "EventLink (survey after)",
    "repository_last_commit_hash": _DEAD,
    "repository_metadata": _DEAD,
    "metadata_all_changes": _DEAD,
    "metadata_changed": _DEAD,
    "open_TTT_applications": "Event.open_seats",
    "curricula": "Event.curricula",
    "lessons": "Event.lessons",
    "public_status": "Event.visibility",
    "event_category": "Event.kind; of events tagged TTT it is instructor training",
    "allocated_benefit": "Use of the allowance",
})  # fmt: skip
declare("workshops.role", "TaskKind", {
    "name": "TaskKind.slug",
    "verbose_name": "TaskKind.name",
})  # fmt: skip
declare("workshops.task", "Task", {
    "event": "Task.event",
    "person": "Task.person",
    "role": "Task.kind",
    "seat_membership": "Use of the allowance for public or in-house seats",
    "seat_public": "Use.is_in_house",
    "seat_open_training": "Use without an allowance: an open seat",
    "allocated_benefit": "Use of the allowance",
})  # fmt: skip
declare("workshops.lesson", "people.Project (lesson)", {"name": "Project.name"})
declare("workshops.curriculumtype", left(_("curricula are sorted by programmes here, not by types")))
declare("workshops.curriculum", "Curriculum", {
    "active": "Curriculum.is_archived",
    "carpentry": "Curriculum.programme",
    "slug": "Curriculum.slug",
    "name": "Curriculum.name",
    "description": "Curriculum.description",
    "website": "Curriculum.website",
    "unknown": "Curriculum.is_archived: “I do not know” is no curriculum that is taught",
    "other": left(_("a curriculum says by its name that it is another one")),
    "mix_match": left(_("a curriculum says by its name that it is a mixture")),
    "curriculum_type": left(_("curricula are sorted by programmes here, not by types")),
})  # fmt: skip
declare("workshops.badge", "Badge", {
    "name": "Badge.slug",
    "title": "Badge.name",
    "criteria": "Badge.description",
})  # fmt: skip
declare("workshops.award", "Award", {
    "person": "Award.person",
    "badge": "Award.badge",
    "awarded": "Award.awarded_on",
    "event": "Award.event",
    "awarded_by": "Award.awarded_by, where that person signs in here",
})  # fmt: skip
declare("workshops.qualification", "Qualification", {
    "person": "Qualification.person",
    "lesson": "Qualification.lesson",
})  # fmt: skip
declare("workshops.trainingrequirement", "Requirement", {
    "name": "Requirement.name, Requirement.slug",
    "url_required": "Requirement.needs_url",
    "event_required": "Requirement.needs_event",
    "involvement_required": "Involvement.requirement: of the one that asks for it",
})  # fmt: skip
declare("trainings.involvement", "Involvement", {
    "name": "Involvement.slug",
    "display_name": "Involvement.name",
    "url_required": "Involvement.needs_url",
    "date_required": "Involvement.needs_date",
    "notes_required": "Involvement.needs_note",
    "archived_at": "Involvement.is_archived",
    **STAMPS,
})  # fmt: skip
declare("workshops.trainingprogress", "Progress", {
    "trainee": "Progress.person",
    "date": "Progress.happened_on",
    "requirement": "Progress.requirement",
    "state": "Progress.state",
    "involvement_type": "Progress.involvement",
    "event": "Progress.event",
    "url": "Progress.url",
    "trainee_notes": "Progress.own_note",
    "notes": "Progress.note",
    "created_at": "Progress.created_at, Progress.submitted_at",
    "last_updated_at": "Progress.evaluated_at",
})  # fmt: skip

# ------------------------------------------------------------ agreements

declare("workshops.membership", "Agreement (member)", {
    "name": "Agreement.consortium of a consortium; else Agreement.note, where it is not the organisation’s name",
    "variant": "Agreement.tier",
    "agreement_start": "Agreement.starts_on",
    "agreement_end": "Agreement.ends_on, less the days of extensions",
    "extensions": "Extension.days, Agreement.last_day",
    "contribution_type": "Agreement.contribution",
    "workshops_without_admin_fee_per_agreement": "Allowance.granted (workshops)",
    "workshops_without_admin_fee_rolled_from_previous": "Allowance.rolled (workshops)",
    "workshops_without_admin_fee_rolled_over": _TWICE,
    "public_instructor_training_seats": "Allowance.granted (public seats)",
    "additional_public_instructor_training_seats": "Allowance.added (public seats)",
    "public_instructor_training_seats_rolled_from_previous": "Allowance.rolled (public seats)",
    "public_instructor_training_seats_rolled_over": _TWICE,
    "inhouse_instructor_training_seats": "Allowance.granted (in-house seats)",
    "additional_inhouse_instructor_training_seats": "Allowance.added (in-house seats)",
    "inhouse_instructor_training_seats_rolled_from_previous": "Allowance.rolled (in-house seats)",
    "inhouse_instructor_training_seats_rolled_over": _TWICE,
    "organizations": "Agreement.organization, AgreementParty",
    "registration_code": "RegistrationCode.text",
    "agreement_link": "Agreement.document_url",
    "public_status": "Agreement.is_public",
    "emergency_contact": "Agreement.note",
    "consortium": "Agreement.consortium",
    "rolled_to_membership": "Agreement.renews, Allowance.rolled_from",
})  # fmt: skip
declare("workshops.member", "Agreement.organization, AgreementParty", {
    "membership": "AgreementParty.agreement",
    "organization": "Agreement.organization of the main member, AgreementParty.organization of others",
    "role": "the main member is Agreement.organization; how others are members is not told apart here",
})  # fmt: skip
declare(
    "workshops.memberrole",
    left(_("a member is the main one of an agreement or another one; there is no more to it here")),
)
declare("fiscal.membershippersonrole", "ContactRole", {
    "name": "ContactRole.slug",
    "verbose_name": "ContactRole.name",
})  # fmt: skip
declare("fiscal.membershiptask", "AgreementContact", {
    "membership": "AgreementContact.agreement",
    "person": "AgreementContact.person",
    "role": "AgreementContact.role",
})  # fmt: skip
declare("fiscal.consortium", "Agreement.consortium, AgreementParty", {
    "name": "Agreement.consortium",
    "description": "Agreement.note",
    "organisations": "Agreement.organization, AgreementParty",
    **STAMPS,
})  # fmt: skip
declare("fiscal.partnershiptier", "Tier", {
    "name": "Tier.name, Tier.slug",
    "credits": "TierBenefit.amount (credits)",
    **STAMPS,
})  # fmt: skip
declare("fiscal.partnership", "Agreement (partner)", {
    "name": "Agreement.note, where it is not the organisation’s or consortium’s name",
    "tier": "Agreement.tier",
    "credits": "Allowance.granted (credits), less what was spent on benefits, which are allowances of their own",
    "credits_extensions": "Allowance.added (credits)",
    "account": "AgreementContact: owners of the account speak for its partnerships",
    "agreement_start": "Agreement.starts_on",
    "agreement_end": "Agreement.ends_on, less the days of extensions",
    "extensions": "Extension.days, Agreement.last_day",
    "rolled_to_partnership": "Agreement.renews",
    "agreement_link": "Agreement.document_url",
    "registration_code": "RegistrationCode.text",
    "public_status": "Agreement.is_public",
    "partner_consortium": "Agreement.consortium, AgreementParty",
    "partner_organisation": "Agreement.organization",
    **STAMPS,
})  # fmt: skip
declare("offering.account", "Agreement, where it bought something without a partnership", {
    "active": left(_("whether an agreement runs follows from its days")),
    "account_type": "Agreement.organization, Agreement.consortium; accounts of a single person are listed and left out",
    "generic_relation_content_type": "Agreement.organization",
    "generic_relation_pk": "Agreement.organization",
    **STAMPS,
})  # fmt: skip
declare("offering.accountowner", "AgreementContact", {
    "active": "who is not active is no contact",
    "account": "AgreementContact.agreement",
    "person": "AgreementContact.person",
    "permission_type": "AgreementContact.role",
    **STAMPS,
})  # fmt: skip
declare("offering.benefit", "BenefitKind", {
    "name": "BenefitKind.name, BenefitKind.slug",
    "description": "BenefitKind.description",
    "unit_type": "BenefitKind.counts",
    "credits": "what is left of Allowance (credits): what was spent is reckoned with it",
    "active": "BenefitKind.is_archived",
    **STAMPS,
})  # fmt: skip
declare("offering.accountbenefitdiscount", "Allowance.note", {"name": "Allowance.note", **STAMPS})
declare("offering.accountbenefit", "Allowance", {
    "account": "Allowance.agreement",
    "partnership": "Allowance.agreement",
    "benefit": "Allowance.benefit",
    "discount": "Allowance.note",
    "curriculum": "Allowance.curriculum",
    "registration_code": "RegistrationCode.text",
    "start_date": "Allowance.starts_on",
    "end_date": "Allowance.ends_on",
    "allocation": "Allowance.granted",
    "frozen": "Allowance.is_frozen",
    **STAMPS,
})  # fmt: skip
