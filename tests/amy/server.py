"""An AMY of our own: a real server on this machine that answers as AMY's API does, faults included.

Each rule names where in AMY's source it stands (read in November 2026, version 4.9.0-dev). What was tried against it
was tried against nothing else: no AMY in the world was asked.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

TOKEN = "0123456789abcdef-of-the-tests"
SESSION = "session-of-the-tests"
Json = dict[str, Any]

#: ``amy/api/v2/views.py``, StandardResultsSetPagination: page_size 10, page_size_query_param, max_page_size 1000.
PAGE_SIZE, MOST = 10, 1000
#: ``amy/api/v1/views.py``: these have no paginator of their own, and ``REST_FRAMEWORK`` sets none; that of
#: applications is ``None``.
APPLICATIONS = "/api/v1/training_requests/"
WHOLE = frozenset({"/api/v1/communityroleconfigs", "/api/v1/instructorrecruitment", APPLICATIONS})
#: ``PersonConsentViewSet``: it filters consents by the person in the path, and does not look whether there is one.
CONSENTS = re.compile(r"/api/v1/persons/\d+/consents")
#: ``TrainingRequestForManualScoringSerializer`` and ``TrainingRequestWithPersonSerializer``: what each tells.
SCORES_TELL = (
    "request_id", "score_manual", "score_notes", "review_process", "member_code", "personal", "middle", "family",
    "affiliation", "nonprofit_teaching_experience", "previous_training", "previous_training_other",
    "previous_training_explanation", "previous_experience", "previous_experience_other",
    "previous_experience_explanation", "checkout_intent", "teaching_intent", "teaching_frequency_expectation",
    "teaching_frequency_expectation_other", "max_travelling_frequency", "max_travelling_frequency_other", "reason",
    "user_notes",
)  # fmt: skip
ONLY_SCORES_TELL = frozenset({"request_id", "score_manual", "score_notes"})


@dataclass
class World:
    """What this AMY knows, and how it fares.

    Attributes:
        lists: path -> records, as the serializers give them.
        faults: path -> what to do instead, used up one by one: a status, ``cut``, ``html``, ``elsewhere``.
        throttle: seconds in ``Retry-After`` of a 429.
        asked: the paths that were asked, with their query.
    """

    lists: dict[str, list[Json]] = field(default_factory=lambda: defaultdict(list))
    faults: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    throttle: int = 0
    asked: list[str] = field(default_factory=list)
    is_admin: bool = True
    url: str = ""


def _handler(world: World) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            world.asked.append(self.path)
            fault = world.faults[parts.path].pop(0) if world.faults[parts.path] else None
            if fault == "cut":
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "100000")
                self.end_headers()
                self.wfile.write(b'{"count": 3, "results": [')
                self.wfile.flush()
                self.connection.close()
            elif fault == "html":
                self.answer(
                    200, "<html><body>Down for maintenance</body></html>", kind="text/html; charset=utf-8"
                )
            elif fault == 429:
                # rest_framework.views.exception_handler: "Retry-After: %d" from Throttled.wait
                self.answer(429, {"detail": "Request was throttled."}, **{"Retry-After": str(world.throttle)})
            elif isinstance(fault, int):
                # behind a proxy, errors of the server come as pages
                self.answer(fault, "<html><body>error</body></html>", kind="text/html")
            elif not self.lets_in(parts.path):
                pass
            elif parts.path not in world.lists and not CONSENTS.fullmatch(parts.path):
                self.answer(404, "<html><body>Not found</body></html>", kind="text/html")
            else:
                self.list(parts.path, parse_qs(parts.query), fault == "elsewhere")

        def lets_in(self, path: str) -> bool:
            said, cookie = self.headers.get("Authorization", ""), self.headers.get("Cookie", "")
            if path.startswith("/api/v2/"):
                # knox.auth.TokenAuthentication comes first: its authenticate_header makes a refusal 401
                if said != f"Token {TOKEN}":
                    self.answer(401, {"detail": "Invalid token." if said else
                                      "Authentication credentials were not provided."})  # fmt: skip
                    return False
            else:
                basic = "Basic " + base64.b64encode(b"admin:secret").decode()
                if cookie != f"sessionid={SESSION}" and said != basic:
                    # SessionAuthentication has no authenticate_header: 403
                    self.answer(403, {"detail": "Authentication credentials were not provided."})
                    return False
            if not world.is_admin:
                # api/v2/permissions.py ApiAccessPermission, api/v1/views.py IsAdmin
                self.answer(403, {"detail": "You do not have permission to perform this action."})
                return False
            return True

        def list(self, path: str, query: dict[str, list[str]], elsewhere: bool) -> None:
            rows = world.lists[path]
            if path.rstrip("/") == APPLICATIONS.rstrip("/"):
                self.answer(200, applications(rows, query))
                return
            if path in WHOLE or CONSENTS.fullmatch(path):
                self.answer(200, rows)
                return
            # rest_framework.pagination.PageNumberPagination: page_size out of range is the default or the most
            asked = int(query.get("page_size", ["0"])[0] or 0)
            size = min(asked, MOST) if asked > 0 else PAGE_SIZE
            page = int(query.get("page", ["1"])[0])
            if page > 1 and (page - 1) * size >= len(rows):
                self.answer(404, {"detail": "Invalid page."})
                return
            host = "http://evil.example" if elsewhere else world.url
            following = None
            if page * size < len(rows) or elsewhere:
                following = f"{host}{path}?{urlencode({'page': page + 1, 'page_size': size})}"
            previous = f"{host}{path}?{urlencode({'page_size': size})}" if page > 1 else None
            found = rows[(page - 1) * size : page * size]
            self.answer(200, {"count": len(rows), "next": following, "previous": previous, "results": found})

        def answer(self, status: int, body: Any, *, kind: str = "application/json", **headers: str) -> None:
            data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

    return Handler


def applications(rows: list[Json], query: dict[str, list[str]]) -> list[Json]:
    """``api/v1/views.py`` TrainingRequests: two serializers, and a filter of its own where nothing is asked."""
    if not query:
        # extrequests/filters.py TrainingRequestFilter.__init__: "state=pa&matched=u"
        rows = [row for row in rows if row["state"] in ("Pending", "Accepted") and row["person_id"] is None]
    if query.get("manualscore"):
        return [{name: row[name] for name in SCORES_TELL} for row in rows]
    return [{name: value for name, value in row.items() if name not in ONLY_SCORES_TELL} for row in rows]


@contextmanager
def running(world: World) -> Iterator[str]:
    """The address of a running AMY."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(world))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    world.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield world.url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def filled() -> World:
    """A small AMY: two people, two organisations, an event with two tasks. Columns as in ``api/v2/serializers.py``."""
    world = World()
    lists = world.lists
    lists["/api/v2/organization"] = [
        {"pk": 1, "domain": "harbour.example", "fullname": "Harbour University", "country": "PE",
         "latitude": -12.05, "longitude": -77.04, "affiliated_organizations": []},
        {"pk": 2, "domain": "swc.example", "fullname": "Programme", "country": "",
         "latitude": None, "longitude": None, "affiliated_organizations": ["harbour.example"]},
    ]  # fmt: skip
    lists["/api/v2/person"] = [
        person(1, "quispe_grace", "Grace", "Quispe"),
        person(2, "berg_ola", "Ola", "Berg"),
    ]
    lists["/api/v2/membership"] = [
        {"pk": 5, "name": "Harbour 2027", "variant": "silver", "agreement_start": "2027-01-01",
         "agreement_end": "2027-12-31", "extensions": [], "contribution_type": "financial",
         "workshops_without_admin_fee_per_agreement": 2, "public_instructor_training_seats": 4,
         "additional_public_instructor_training_seats": 0, "inhouse_instructor_training_seats": 0,
         "organizations": ["harbour.example"], "registration_code": "harbour-27", "agreement_link": "",
         "public_status": "public", "emergency_contact": "", "consortium": False, "persons": ["quispe_grace"],
         "rolled_from_membership": None, "rolled_to_membership": None,
         "public_instructor_training_seats_total": 4},
    ]  # fmt: skip
    lists["/api/v2/event"] = [
        {"pk": 7, "slug": "2027-03-01-harbour", "completed": False, "start": "2027-03-01", "end": "2027-03-02",
         "host": "harbour.example", "sponsor": "harbour.example", "membership": "Harbour 2027",
         "administrator": "swc.example", "tags": ["SWC", "online"], "language": "Spanish",
         "url": "https://harbour.example/2027", "repository_url": "", "website_url": "", "reg_key": "",
         "contact": "", "country": "PE", "venue": "Library", "address": "Quay 1", "latitude": -12.05,
         "longitude": -77.04, "assigned_to": "berg_ola", "open_TTT_applications": False, "curricula": ["swc-python"],
         "lessons": ["python-novice"], "public_status": "public", "human_readable_date": "Mar 01-02, 2027",
         "eligible_for_instructor_recruitment": True, "workshop_reports_link": "", "main_tag": "SWC"},
    ]  # fmt: skip
    lists["/api/v2/trainingrequirement"] = [
        {
            "pk": 1,
            "name": "Training",
            "url_required": False,
            "event_required": True,
            "involvement_required": False,
        },
    ]
    lists["/api/v2/task"] = [
        {"event": "2027-03-01-harbour", "person": "quispe_grace", "role": "instructor", "seat_membership": None,
         "seat_public": True, "seat_open_training": False},
        {"event": "2027-03-01-harbour", "person": "berg_ola", "role": "learner", "seat_membership": None,
         "seat_public": True, "seat_open_training": False},
    ]  # fmt: skip
    lists["/api/v2/award"] = [
        {"pk": 3, "person": "quispe_grace", "badge": "instructor", "awarded": "2024-05-06", "event": None,
         "awarded_by": "berg_ola"},
    ]  # fmt: skip
    for path in ("trainingprogress", "selforganisedsubmission", "instructorrecruitmentsignup"):
        lists[f"/api/v2/{path}"] = []
    for path in (
        "communityroleconfigs",
        "instructorrecruitment",
        "terms",
        "persons",
        "events",
        "training_requests/",
    ):
        lists[f"/api/v1/{path}"] = []
    return world


def fill_v1(world: World) -> None:
    """What only API v1 tells of the same AMY. Columns as in ``api/v1/serializers.py``."""
    lists = world.lists
    # TermViewSet lists active terms; TermSerializer
    lists["/api/v1/terms"] = [
        term("may-contact", "May we write to you?"),
        term("privacy-policy", "Our policy."),
    ]
    lists["/api/v1/persons"] = [
        person_v1(world, 1, domains=["Engineering (civil, naval)", "Soil"], lessons=["python-novice"]),
        person_v1(world, 2),
    ]
    # EventSerializer; attendance is what was counted, or the learners who are named, whichever is more
    lists["/api/v1/events"] = [{"slug": "2027-03-01-harbour", "attendance": 21, "venue": "Library",
                                "tasks": f"{world.url}/api/v1/events/2027-03-01-harbour/tasks"}]  # fmt: skip
    lists[APPLICATIONS] = [
        application(41, person_id=1, person="Grace Quispe", state="Accepted"),
        application(42, personal="Ana", email="ana@example.org", created_at="2026-02-01T00:00:00Z"),
    ]
    lists["/api/v1/persons/1/consents"] = [
        consent("may-contact", "Yes (agree)"), consent("privacy-policy", None)
    ]  # fmt: skip
    lists["/api/v1/persons/2/consents"] = [consent("may-contact", "No, thank you (decline)")]


def term(slug: str, content: str) -> Json:
    """``TermSerializer``: neither a number nor the answers."""
    return {"slug": slug, "content": content, "required_type": "optional", "help_text": ""}


def consent(slug: str, answer: str | None) -> Json:
    """``ConsentSerializer``: the answer as ``TermOption.__str__``, ``None`` where nobody answered."""
    return {"term": term(slug, "May we write to you?" if slug == "may-contact" else "Our policy."),
            "term_option": answer}  # fmt: skip


def person_v1(world: World, pk: int, **over: Any) -> Json:
    """``PersonSerializer`` of API v1: no number, but addresses that hold it."""
    known = next(one for one in world.lists["/api/v2/person"] if one["pk"] == pk)
    there = f"{world.url}/api/v1/persons/{pk}"
    names = ("username", "personal", "middle", "family", "email", "secondary_email", "gender", "gender_other",
             "country", "github", "twitter", "bluesky", "url", "orcid", "affiliation", "occupation")  # fmt: skip
    return {
        **{name: known[name] for name in names}, "airport": None, "badges": [], "lessons": [], "languages": [],
        "domains": [], "awards": f"{there}/awards", "tasks": f"{there}/tasks", "consents": f"{there}/consents", **over,
    }  # fmt: skip


def application(pk: int, **over: Any) -> Json:
    """Both serializers of applications at once; see :func:`applications`."""
    return {
        "request_id": pk, "score_manual": None, "score_notes": "",
        "created_at": "2026-01-02T03:04:05Z", "last_updated_at": "2026-01-03T00:00:00Z", "state": "Pending",
        "person": None, "person_id": None, "awards": "", "training_tasks": "", "review_process": "open",
        "member_code": "", "personal": "Grace", "middle": "", "family": "Quispe", "email": "grace@example.org",
        "secondary_email": "", "github": None, "underrepresented": "undisclosed", "underrepresented_details": "",
        "occupation": "grad", "occupation_other": "", "affiliation": "Harbour Lab", "location": "Lima",
        "country": "PE", "underresourced": True, "domains": "Engineering (civil, naval), Soil", "domains_other": "",
        "nonprofit_teaching_experience": "", "previous_involvement": "learner, helper",
        "previous_training": "A few hours", "previous_training_other": "", "previous_training_explanation": "",
        "previous_experience": "Teaching assistant for a full course", "previous_experience_other": "",
        "previous_experience_explanation": "", "programming_language_usage_frequency": "Every day",
        "checkout_intent": "Yes", "teaching_intent": "Yes - either or both of the above",
        "teaching_frequency_expectation": "Several times a year", "teaching_frequency_expectation_other": "",
        "max_travelling_frequency": "Not at all", "max_travelling_frequency_other": "", "reason": "To teach.",
        "user_notes": "", "data_privacy_agreement": True, "code_of_conduct_agreement": True, **over,
    }  # fmt: skip


def person(pk: int, username: str, personal: str, family: str, **over: Any) -> Json:
    """``PersonSerializer`` of API v2."""
    return {
        "pk": pk, "username": username, "personal": personal, "middle": "", "family": family,
        "full_name": f"{personal} {family}", "email": f"{personal.lower()}@example.org", "secondary_email": "",
        "country": "PE", "airport": "LIM", "github": None, "twitter": None, "bluesky": None, "url": "",
        "user_notes": "", "affiliation": "Harbour Lab", "is_active": True, "occupation": "", "orcid": "",
        "gender": "U", "gender_other": "", "created_at": "2021-03-04T09:10:11Z",
        "last_updated_at": "2024-05-06T07:08:09Z", "archived_at": None, **over,
    }  # fmt: skip
