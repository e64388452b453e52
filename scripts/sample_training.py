"""What else the sample community does in training: trainees, badges, whom it seeks, what people ask for, an
unconference, surveys."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import sample_unconference
import yaml

HEAD = (
    "# What the demo shows of training beside events and agreements, written by scripts/sample_training.py.\n"
    "# People by their login on GitHub; everybody else here is made up, and no address can be owned by anybody.\n"
)
DONE = ("BegonaSpray", "wiebkeotter30")
UNDER_WAY = ("TarangHeron", "FriederikeEddy", "zeljkacove76", "kekoa-shoal")


def said(anchor: dt.date) -> dict[str, Any]:
    """All of it, with days counted from the anchor."""

    def day(days: int) -> dt.date:
        return anchor + dt.timedelta(days=days)

    progress = [
        {"github": login, "requirement": what, "state": "passed", "on": day(on)}
        for login in DONE
        for what, on in (("welcome-session", -60), ("demo", -45), ("get-involved", -40))
    ]
    progress += [
        {"github": "TarangHeron", "requirement": "welcome-session", "state": "passed", "on": day(-50)},
        {"github": "TarangHeron", "requirement": "demo", "state": "repeat", "on": day(-20)},
        {
            "github": "FriederikeEddy",
            "requirement": "get-involved",
            "state": "submitted",
            "on": day(-4),
            "involvement": "community-meeting",
            "says": "I came to the call about old packages.",
        },
        {"github": "zeljkacove76", "requirement": "welcome-session", "state": "passed", "on": day(-30)},
    ]
    return {
        "training": {
            "title": "Instructor training",
            "from": day(-85),
            "to": day(-84),
            "instructor": "neemadune68",
            "learners": [*DONE, *UNDER_WAY],
        },
        "progress": progress,
        "awards": [{"github": login, "badge": "instructor", "on": day(-38)} for login in DONE],
        "openings": [
            {
                "event": "Packaging for people who measure rivers",
                "seeks": {"instructor": 2, "helper": 2},
                "text": "Two days in A Coruña. Travel within Europe is paid. Spanish helps, English is enough.",
                "sign_ups": [
                    {
                        "github": "BegonaSpray",
                        "part": "instructor",
                        "from": "LCG",
                        "languages": ["es", "gl", "en"],
                        "says": "I live round the corner, and have taught this before.",
                    },
                    {
                        "github": "wiebkeotter30",
                        "part": "instructor",
                        "from": "HAM",
                        "languages": ["de", "en"],
                        "says": "Happy to take the second day.",
                    },
                    {
                        "github": "InesWeir",
                        "part": "helper",
                        "from": "OPO",
                        "languages": ["pt", "en"],
                        "says": "I can come by train.",
                    },
                ],
            }
        ],
        "requests": [
            {
                "form": "workshop",
                "name": "Oriol Vent",
                "email": "oriol@breakwater.example",
                "days_ago": 3,
                "answers": {
                    "organisation": "Breakwater Institute",
                    "title": "Packaging for tide models",
                    "format": "In person",
                    "city": "Brest",
                    "country": "FR",
                    "languages": ["fr", "en"],
                    "audience": "Ten people who write tide models, all with some Python.",
                    "attendees": 12,
                    "public": "People of our organisation",
                    "conduct": True,
                    "duties": True,
                    "privacy": True,
                },
            },
            {
                "form": "inquiry",
                "name": "Saoirse Quay",
                "email": "saoirse@slipway.example",
                "days_ago": 9,
                "answers": {
                    "country": "IE",
                    "question": "We have forty students and one room. Is one day enough for the basics?",
                    "audience": ["Students"],
                    "privacy": True,
                },
            },
            {
                "form": "own-workshop",
                "name": "Tomé Ribeira",
                "email": "tome@foreshore.example",
                "days_ago": 1,
                "answers": {
                    "organisation": "Foreshore College",
                    "website": "https://foreshore.example/git-on-the-beach",
                    "title": "Git on the beach",
                    "days": [day(40).isoformat(), day(41).isoformat()],
                    "format": "In person",
                    "country": "PT",
                    "city": "Faro",
                    "people": "Tomé Ribeira, tome@foreshore.example",
                    "conduct": True,
                    "privacy": True,
                },
            },
            {
                "form": "training",
                "name": "Hinemoa Kauri",
                "email": "hinemoa@saltmarsh.example",
                "days_ago": 6,
                "answers": {
                    "organisation": "Salt Marsh Trust",
                    "occupation": "Librarian",
                    "country": "NZ",
                    "domains": ["Library and information", "Earth and environment"],
                    "involvement": ["Took part in a workshop", "Helped at a workshop"],
                    "taught-how": "Some hours of it",
                    "taught": "A workshop or two",
                    "tools": "A few times a week",
                    "often": "A few times a year",
                    "reason": "Nobody near us teaches this, and people ask me every week.",
                    "conduct": True,
                    "finish": True,
                    "privacy": True,
                },
            },
            {
                "form": "training",
                "name": "Jonah Spit",
                "email": "jonah@saltmarsh.example",
                "days_ago": 20,
                "answers": {
                    "organisation": "Salt Marsh Trust",
                    "occupation": "Research software engineer",
                    "country": "GB",
                    "taught-how": "No",
                    "taught": "No",
                    "tools": "Every day",
                    "often": "Not sure",
                    "reason": "I would like to learn how.",
                    "conduct": True,
                    "finish": True,
                    "privacy": True,
                },
            },
        ],
        "charges": [
            {
                "event": "Packaging for people who measure rivers",
                "on": day(-118),
                "organization": "Kelp & Current Cooperative",
            }
        ],
        "unconference": sample_unconference.said(anchor),
        "surveys": [
            {
                "name": "Before the workshop",
                "when": "survey_before",
                "audience": "learners",
                "event_kind": "workshop",
                "address": "https://surveys.tidewater.example/before?event={slug}",
            },
            {
                "name": "After the workshop",
                "when": "survey_after",
                "audience": "learners",
                "event_kind": "workshop",
                "address": "https://surveys.tidewater.example/after?event={slug}",
            },
        ],
    }


def write(folder: Path, anchor: dt.date) -> int:
    """Write ``training.yml``.

    Returns:
        how many requests it holds.
    """
    rows = said(anchor)
    text = yaml.safe_dump(rows, allow_unicode=True, sort_keys=False, width=150)
    (folder / "training.yml").write_text(HEAD + text, encoding="utf-8")
    return len(rows["requests"])
