"""The made-up dump of AMY, continued: what training reads. A function for each model, with every column filled."""

from __future__ import annotations

from typing import Any

from tests.amy.dump import CREATED, UPDATED, Made, made

#: The organisations that AMY knows as lesson programmes, by number.
ADMINISTRATORS = {
    901: ("self-organized", "Self-Organised"),
    902: ("software-carpentry.org", "Software Carpentry"),
    903: ("datacarpentry.org", "Data Carpentry"),
    904: ("librarycarpentry.org", "Library Carpentry"),
    905: ("carpentries.org", "Instructor Training"),
    906: ("carpentries.org/community-lessons/", "Collaborative Lesson Development Training"),
}
SELF, SWC, TRAINING = 901, 902, 905
#: Tags by number.
TAGS = {1: "SWC", 2: "TTT", 3: "online", 4: "cancelled", 5: "stalled", 6: "unresponsive", 7: "Pilot"}
ROLES = {1: "instructor", 2: "helper", 3: "learner", 4: "host", 5: "organizer", 6: "contributor",
         7: "supporting-instructor"}  # fmt: skip


def uuid(number: int) -> str:
    """A key as AMY's newer models have it."""
    return f"{number:08d}-0000-4000-8000-000000000000"


def keyed(model: str, number: int, fields: dict[str, Any], over: dict[str, Any]) -> Made:
    """An object whose key is a UUID."""
    return made(model, number, fields, over) | {"pk": uuid(number)}


def administrators() -> list[Made]:
    """workshops.organization: those that AMY's code knows."""
    from tests.amy.dump import organization

    return [organization(pk, domain=domain, fullname=name) for pk, (domain, name) in ADMINISTRATORS.items()]


def tag(pk: int, **over: Any) -> Made:
    """workshops.tag."""
    return made(
        "workshops.tag", pk, {"name": TAGS.get(pk, f"tag {pk}"), "details": "A word.", "priority": 3}, over
    )


def category(number: int, **over: Any) -> Made:
    """workshops.eventcategory."""
    fields = {"created_at": CREATED, "last_updated_at": UPDATED, "active": True, "name": "skillup",
              "description": "An afternoon."}  # fmt: skip
    return keyed("workshops.eventcategory", number, fields, over)


def role(pk: int, **over: Any) -> Made:
    """workshops.role."""
    name = ROLES.get(pk, f"role-{pk}")
    return made(
        "workshops.role", pk, {"name": name, "verbose_name": name.replace("-", " ").capitalize()}, over
    )


def lesson(pk: int, **over: Any) -> Made:
    """workshops.lesson."""
    return made("workshops.lesson", pk, {"name": f"soil/lesson-{pk}"}, over)


def curriculum_type(number: int, **over: Any) -> Made:
    """workshops.curriculumtype."""
    fields = {"program_category": "Workshop", "name": "Two days", "description": "The usual workshop."}
    return keyed("workshops.curriculumtype", number, fields, over)


def curriculum(pk: int, **over: Any) -> Made:
    """workshops.curriculum."""
    fields = {
        "active": True,
        "carpentry": "SWC",
        "slug": f"swc-soil-{pk}",
        "name": f"Software Carpentry (soil {pk})",
        "description": "What is in the ground.",
        "other": False,
        "unknown": False,
        "mix_match": False,
        "website": "https://soil.example.org/curriculum",
    }
    return made("workshops.curriculum", pk, fields, over)


def event(pk: int, **over: Any) -> Made:
    """workshops.event: a workshop of 2024 in Lima, with everything that AMY can know of one."""
    fields = {
        "assigned_to": 1,
        "host": 1,
        "sponsor": 1,
        "membership": None,
        "administrator": SWC,
        "tags": [1],
        "start": "2024-03-04",
        "end": "2024-03-05",
        "slug": f"2024-03-04-lima-{pk}",
        "language": 1,
        "url": f"https://harbour.example.org/2024-03-04-lima-{pk}",
        "reg_key": "123456789",
        "manual_attendance": 21,
        "contact": "grace1@example.org;desk@harbour1.example",
        "country": "PE",
        "venue": "Harbour Hall",
        "address": "12 Quay Street, Lima",
        "latitude": -12.05,
        "longitude": -77.04,
        "completed": True,
        "learners_pre": "https://survey.example.org/learners-before",
        "learners_post": "https://survey.example.org/learners-after",
        "instructors_pre": "https://survey.example.org/instructors-before",
        "instructors_post": "https://survey.example.org/instructors-after",
        "learners_longterm": "https://survey.example.org/learners-later",
        "repository_last_commit_hash": "0123456789abcdef0123456789abcdef01234567",
        "repository_metadata": '{"slug": "old"}',
        "metadata_all_changes": "",
        "metadata_changed": False,
        "open_TTT_applications": False,
        "curricula": [1],
        "lessons": [1],
        "public_status": "public",
        "event_category": None,
        "allocated_benefit": None,
    }
    return made("workshops.event", pk, fields, over)


def training_event(pk: int, **over: Any) -> Made:
    """workshops.event: an instructor training."""
    return event(pk, **{"tags": [2], "administrator": TRAINING, "slug": f"2024-05-06-ttt-{pk}", "start": "2024-05-06",
                        "end": "2024-05-07", "url": None, "open_TTT_applications": True, **over})  # fmt: skip


def task(pk: int, **over: Any) -> Made:
    """workshops.task."""
    fields = {
        "event": 1,
        "person": 1,
        "role": 1,
        "seat_membership": None,
        "seat_public": True,
        "seat_open_training": False,
        "allocated_benefit": None,
    }
    return made("workshops.task", pk, fields, over)


def badge(pk: int, **over: Any) -> Made:
    """workshops.badge."""
    fields = {"name": "instructor", "title": "Instructor", "criteria": "Has passed everything."}
    return made("workshops.badge", pk, fields, over)


def award(pk: int, **over: Any) -> Made:
    """workshops.award."""
    fields = {"person": 1, "badge": 1, "awarded": "2023-06-07", "event": None, "awarded_by": 1}
    return made("workshops.award", pk, fields, over)


def qualification(pk: int, **over: Any) -> Made:
    """workshops.qualification."""
    return made("workshops.qualification", pk, {"person": 1, "lesson": 1}, over)


def requirement(pk: int, **over: Any) -> Made:
    """workshops.trainingrequirement."""
    fields = {
        "name": "Training",
        "url_required": False,
        "event_required": True,
        "involvement_required": False,
    }
    return made("workshops.trainingrequirement", pk, fields, over)


def involvement(pk: int, **over: Any) -> Made:
    """trainings.involvement."""
    fields = {
        "created_at": CREATED,
        "last_updated_at": UPDATED,
        "archived_at": None,
        "name": "GitHub Contribution",
        "display_name": "Contributed on GitHub",
        "url_required": True,
        "date_required": True,
        "notes_required": False,
    }
    return made("trainings.involvement", pk, fields, over)


def progress(pk: int, **over: Any) -> Made:
    """workshops.trainingprogress."""
    fields = {
        "created_at": CREATED,
        "last_updated_at": UPDATED,
        "trainee": 1,
        "date": None,
        "requirement": 1,
        "state": "p",
        "involvement_type": None,
        "event": 2,
        "url": None,
        "trainee_notes": "",
        "notes": "All days.",
    }
    return made("workshops.trainingprogress", pk, fields, over)


def membership(pk: int, **over: Any) -> Made:
    """workshops.membership: a silver one that was extended."""
    fields = {
        "name": "Harbour University 1",
        "variant": "silver",
        "agreement_start": "2024-01-01",
        "agreement_end": "2025-01-30",
        "extensions": "[30]",
        "contribution_type": "financial",
        "workshops_without_admin_fee_per_agreement": 4,
        "workshops_without_admin_fee_rolled_from_previous": None,
        "workshops_without_admin_fee_rolled_over": None,
        "public_instructor_training_seats": 10,
        "additional_public_instructor_training_seats": 2,
        "public_instructor_training_seats_rolled_from_previous": None,
        "public_instructor_training_seats_rolled_over": None,
        "inhouse_instructor_training_seats": 3,
        "additional_inhouse_instructor_training_seats": 0,
        "inhouse_instructor_training_seats_rolled_from_previous": None,
        "inhouse_instructor_training_seats_rolled_over": None,
        "registration_code": f"harbour-{pk}",
        "agreement_link": "https://documents.example.org/harbour",
        "public_status": "public",
        "emergency_contact": "Ola Berg, +51 1 5550100",
        "consortium": False,
        "rolled_to_membership": None,
    }
    return made("workshops.membership", pk, fields, over)


def member(pk: int, **over: Any) -> Made:
    """workshops.member."""
    return made("workshops.member", pk, {"membership": 1, "organization": 1, "role": 1}, over)


def member_role(pk: int, **over: Any) -> Made:
    """workshops.memberrole."""
    return made("workshops.memberrole", pk, {"name": "main", "verbose_name": "Main Member"}, over)


def person_role(pk: int, **over: Any) -> Made:
    """fiscal.membershippersonrole."""
    fields = {"name": "programmatic_contact", "verbose_name": "Programmatic Contact"}
    return made("fiscal.membershippersonrole", pk, fields, over)


def membership_task(pk: int, **over: Any) -> Made:
    """fiscal.membershiptask."""
    return made("fiscal.membershiptask", pk, {"membership": 1, "person": 1, "role": 1}, over)


def consortium(pk: int, **over: Any) -> Made:
    """fiscal.consortium."""
    fields = {
        "created_at": CREATED,
        "last_updated_at": UPDATED,
        "name": "Soil Alliance",
        "description": "Those who dig.",
        "organisations": [1, 2],
    }
    return made("fiscal.consortium", pk, fields, over)


def tier(number: int, **over: Any) -> Made:
    """fiscal.partnershiptier."""
    fields = {"created_at": CREATED, "last_updated_at": UPDATED, "name": "Gold", "credits": 24}
    return keyed("fiscal.partnershiptier", number, fields, over)


def partnership(number: int, **over: Any) -> Made:
    """fiscal.partnership of an organisation."""
    fields = {
        "created_at": CREATED,
        "last_updated_at": UPDATED,
        "name": "Harbour University 1",
        "tier": uuid(1),
        "credits": 24,
        "credits_extensions": "[6]",
        "account": uuid(1),
        "agreement_start": "2025-01-01",
        "agreement_end": "2025-12-31",
        "extensions": "[]",
        "rolled_to_partnership": None,
        "agreement_link": "https://documents.example.org/partner",
        "registration_code": f"partner-{number}",
        "public_status": "private",
        "partner_consortium": None,
        "partner_organisation": 1,
    }
    return keyed("fiscal.partnership", number, fields, over)


def account(number: int, **over: Any) -> Made:
    """offering.account of an organisation."""
    fields = {
        "created_at": CREATED,
        "last_updated_at": UPDATED,
        "active": True,
        "account_type": "organisation",
        "generic_relation_content_type": ["workshops", "organization"],
        "generic_relation_pk": 1,
    }
    return keyed("offering.account", number, fields, over)


def account_owner(number: int, **over: Any) -> Made:
    """offering.accountowner."""
    fields = {
        "created_at": CREATED,
        "last_updated_at": UPDATED,
        "active": True,
        "account": uuid(1),
        "person": 1,
        "permission_type": "billing_contact",
    }
    return keyed("offering.accountowner", number, fields, over)


def benefit(number: int, **over: Any) -> Made:
    """offering.benefit."""
    fields = {
        "created_at": CREATED,
        "last_updated_at": UPDATED,
        "active": True,
        "name": "Instructor training seat",
        "description": "A seat in any training.",
        "unit_type": "seat",
        "credits": 2,
    }
    return keyed("offering.benefit", number, fields, over)


def discount(number: int, **over: Any) -> Made:
    """offering.accountbenefitdiscount."""
    fields = {"created_at": CREATED, "last_updated_at": UPDATED, "name": "partial"}
    return keyed("offering.accountbenefitdiscount", number, fields, over)


def account_benefit(number: int, **over: Any) -> Made:
    """offering.accountbenefit."""
    fields = {
        "created_at": CREATED,
        "last_updated_at": UPDATED,
        "account": uuid(1),
        "partnership": uuid(1),
        "benefit": uuid(1),
        "discount": uuid(1),
        "curriculum": None,
        "registration_code": f"benefit-{number}",
        "start_date": "2025-01-01",
        "end_date": "2025-12-31",
        "allocation": 5,
        "frozen": False,
    }
    return keyed("offering.accountbenefit", number, fields, over)


_MIXED = {
    "created_at": CREATED,
    "last_updated_at": UPDATED,
    "data_privacy_agreement": True,
    "code_of_conduct_agreement": True,
    "state": "a",
    "secondary_email": "second@home.example.org",
}
_COMMON = {
    **_MIXED,
    "host_responsibilities": True,
    "assigned_to": 1,
    "event": 1,
    "personal": "Ines",
    "family": "Castro",
    "email": "ines@harbour1.example",
    "institution": 1,
    "institution_other_name": "",
    "institution_other_URL": "https://harbour1.example",
    "institution_department": "Soil science",
    "member_code": "harbour-1",
    "online_inperson": "inperson",
    "workshop_listed": True,
    "public_event": "public",
    "public_event_other": "Anybody who digs",
    "additional_contact": "desk@harbour1.example",
}
_WORKSHOP = {
    **_COMMON,
    "instructor_availability": True,
    "location": "Lima",
    "country": "PE",
    "requested_workshop_types": [1],
    "preferred_dates": "2024-03-04",
    "other_preferred_dates": "Any week of March",
    "language": 1,
    "number_attendees": "10-40",
    "domains": [1],
    "domains_other": "Pedology",
    "academic_levels": [1],
    "computing_levels": [1],
    "audience_description": "Students who dig.",
    "administrative_fee": "member",
    "travel_expences_management": "booked",
    "travel_expences_management_other": "By boat",
    "travel_expences_agreement": True,
    "institution_restrictions": "no_restrictions",
    "institution_restrictions_other": "Boots",
    "carpentries_info_source": [1],
    "carpentries_info_source_other": "A poster",
    "user_notes": "We have a harbour.",
}


def workshop_request(pk: int, **over: Any) -> Made:
    """workshops.workshoprequest."""
    fields = {**_WORKSHOP, "conference_details": "Soil days", "scholarship_circumstances": "None"}
    return made("workshops.workshoprequest", pk, fields, over)


def inquiry(pk: int, **over: Any) -> Made:
    """extrequests.workshopinquiryrequest."""
    fields = {**_WORKSHOP, "routine_data": [1], "routine_data_other": "Maps", "event": None, "state": "p"}
    return made("extrequests.workshopinquiryrequest", pk, fields, over)


def data_variant(pk: int, **over: Any) -> Made:
    """extrequests.datavariant."""
    return made("extrequests.datavariant", pk, {"name": "Tables", "unknown": False}, over)


def self_organised(pk: int, **over: Any) -> Made:
    """extrequests.selforganisedsubmission."""
    fields = {
        **_COMMON,
        "event": None,
        "state": "d",
        "workshop_url": "https://harbour.example.org/own",
        "workshop_format": "standard",
        "workshop_format_other": "Long",
        "start": "2024-06-01",
        "end": "2024-06-02",
        "workshop_types": [1],
        "workshop_types_other": "Spades",
        "workshop_types_other_explain": "The second half only.",
        "country": "PE",
        "language": 1,
        "additional_contact_details": "Ring the bell.",
    }
    return made("extrequests.selforganisedsubmission", pk, fields, over)


def training_request(pk: int, **over: Any) -> Made:
    """workshops.trainingrequest."""
    fields = {
        **_MIXED,
        "training_completion_agreement": True,
        "workshop_teaching_agreement": True,
        "person": 1,
        "review_process": "open",
        "member_code": "harbour-1",
        "member_code_override": False,
        "eventbrite_url": "https://tickets.example.org/9",
        "personal": "Ines",
        "middle": "Luz",
        "family": "Castro",
        "email": "ines@harbour1.example",
        "github": "ines-digs",
        "occupation": "postdoc",
        "occupation_other": "Digger",
        "affiliation": "Harbour University 1",
        "location": "Lima",
        "country": "PE",
        "airport_iata": "LIM",
        "underresourced": True,
        "domains": [1],
        "domains_other": "Pedology",
        "underrepresented": "yes",
        "underrepresented_details": "From the coast",
        "nonprofit_teaching_experience": "Sea scouts",
        "previous_involvement": [2],
        "previous_training": "course",
        "previous_training_other": "By doing",
        "previous_training_explanation": "A summer of it.",
        "previous_experience": "ta",
        "previous_experience_other": "At sea",
        "previous_experience_explanation": "Three years.",
        "programming_language_usage_frequency": "daily",
        "checkout_intent": "yes",
        "teaching_intent": "yes-local",
        "teaching_frequency_expectation": "yearly",
        "teaching_frequency_expectation_other": "In winter",
        "max_travelling_frequency": "yearly",
        "max_travelling_frequency_other": "By boat",
        "reason": "I like to explain.",
        "user_notes": "Nothing.",
        "score_auto": 7,
        "score_manual": 2,
        "score_notes": "Convincing.",
    }
    return made("workshops.trainingrequest", pk, fields, over)


def recruitment(pk: int, **over: Any) -> Made:
    """recruitment.instructorrecruitment."""
    fields = {
        "created_at": CREATED,
        "last_updated_at": UPDATED,
        "assigned_to": 1,
        "status": "o",
        "notes": "Somebody with boots.",
        "event": 1,
        "priority": 3,
    }
    return made("recruitment.instructorrecruitment", pk, fields, over)


def sign_up(pk: int, **over: Any) -> Made:
    """recruitment.instructorrecruitmentsignup."""
    fields = {
        "created_at": CREATED,
        "last_updated_at": UPDATED,
        "state": "a",
        "recruitment": 1,
        "person": 1,
        "interest": "session",
        "user_notes": "I have boots.",
        "notes": "She has.",
    }
    return made("recruitment.instructorrecruitmentsignup", pk, fields, over)


def email_template(number: int, **over: Any) -> Made:
    """emails.emailtemplate."""
    fields = {
        "created_at": CREATED,
        "last_updated_at": UPDATED,
        "active": True,
        "name": "Badge awarded",
        "signal": "instructor_badge_awarded",
        "from_header": "team@example.org",
        "reply_to_header": "answers@example.org",
        "cc_header": '["copies@example.org"]',
        "bcc_header": "[]",
        "subject": "Well done, {{ person.personal }}",
        "body": "Dear {{ person.personal }}, you are an instructor.",
    }
    return keyed("emails.emailtemplate", number, fields, over)


def scheduled_email(number: int, **over: Any) -> Made:
    """emails.scheduledemail."""
    fields = {
        "created_at": CREATED,
        "last_updated_at": UPDATED,
        "state": "scheduled",
        "scheduled_at": "2030-01-01T09:00:00Z",
        "to_header": '["grace1@example.org"]',
        "to_header_context_json": [],
        "from_header": "team@example.org",
        "reply_to_header": "",
        "cc_header": "[]",
        "bcc_header": "[]",
        "subject": "Well done, Grace",
        "body": "Dear Grace",
        "context_json": {},
        "template": uuid(1),
        "generic_relation_content_type": ["workshops", "award"],
        "generic_relation_pk": 1,
    }
    return keyed("emails.scheduledemail", number, fields, over)


def scheduled_log(number: int, **over: Any) -> Made:
    """emails.scheduledemaillog."""
    fields = {
        "created_at": CREATED,
        "details": "Scheduled",
        "state_before": None,
        "state_after": "scheduled",
        "scheduled_email": uuid(1),
        "author": 1,
    }
    return keyed("emails.scheduledemaillog", number, fields, over)


def attachment(number: int, **over: Any) -> Made:
    """emails.attachment."""
    fields = {
        "created_at": CREATED,
        "email": uuid(1),
        "filename": "certificate.pdf",
        "s3_path": "attachments/1/certificate.pdf",
        "s3_bucket": "amy-files",
        "presigned_url": "",
        "presigned_url_expiration": None,
    }
    return keyed("emails.attachment", number, fields, over)


def training() -> list[Made]:
    """A thing of every model that training reads, hanging together; needs those of the register."""
    from tests.amy.dump import comment

    return [
        *administrators(),
        *(tag(pk) for pk in TAGS),
        *(role(pk) for pk in ROLES),
        category(1),
        lesson(1),
        curriculum_type(1),
        curriculum(1),
        badge(1),
        requirement(1),
        requirement(2, name="Get Involved", event_required=False, involvement_required=True),
        requirement(3, name="Welcome Session", event_required=False),
        requirement(4, name="Demo", event_required=False),
        involvement(1),
        member_role(1),
        person_role(1),
        membership(1),
        member(1),
        membership_task(1),
        consortium(1),
        tier(1),
        account(1),
        account_owner(1),
        partnership(1),
        benefit(1),
        discount(1),
        account_benefit(1),
        event(1, membership=1),
        training_event(2),
        task(1),
        task(2, event=2, role=3, seat_membership=1),
        award(1),
        qualification(1),
        progress(1),
        progress(2, requirement=2, event=None, state="n", involvement_type=1, date="2024-07-08",
                 url="https://code.example.org/pull/1", trainee_notes="My first."),
        data_variant(1),
        workshop_request(1),
        inquiry(1),
        self_organised(1),
        training_request(1),
        recruitment(1),
        sign_up(1),
        email_template(1),
        scheduled_email(1),
        scheduled_log(1),
        attachment(1),
        comment(101, content_type=["workshops", "workshoprequest"], comment="Ring them."),
        comment(102, content_type=["workshops", "membership"], comment="They will renew."),
        comment(103, content_type=["workshops", "event"], comment="The key is at the desk."),
    ]  # fmt: skip
