#!/usr/bin/env python3
"""Writes ``sample/``: Tidewater Commons, a made-up community around ocean and river science software.

Nobody in it exists. Addresses end in ``.example``, which nobody can own. The same seed gives the same files; dates are
fixed, and ``folkmoot demo`` shifts them so that the anchor date in ``sample.yml`` becomes the day of loading.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sample_agreements  # beside this file
import sample_events
import sample_posts  # beside this file
import sample_reviews  # beside this file
import sample_training
import yaml

SEED = 20260630
ANCHOR = dt.date(2026, 6, 30)
FIRST = dt.date(2024, 1, 2)
FOLDER = Path(__file__).resolve().parent.parent / "sample"

#: Name, the beginning of the login, place. The first three are staff.
PEOPLE: tuple[tuple[str, str, str], ...] = (
    ("Neema wa Ziwa", "neema", "Tanga, Tanzania"),
    ("Renata Albariño Sosa", "renata", "Mérida, Mexico"),
    ("Maëlle Dugué-Rivière", "maelle", "Brest, France"),
    ("Begoña Ibáñez-Ría", "begona", "A Coruña, Spain"),
    ("李听涛", "litingtao", "Qingdao, China"),
    ("Aoife-Rós Ní Thrá", "aoiferos", "Galway, Ireland"),
    ("Aino-Kaisa Järvenkoski", "ainokaisa", "Oulu, Finland"),
    ("Kryštof Potůčník", "krystof", "Mělník, Czechia"),
    ("Wiebke Flußmann", "wiebke", "Büsum, Germany"),
    ("Mrinalini Nadiwala", "mrinalini", "Kochi, India"),
    ("Jürgen-Ole Wattenbüll", "jurgenole", "Büsum, Germany"),
    ("Denizhan Irmakoğlu", "denizhan", "Sinop, Türkiye"),
    ("Conceição Ribeirinho", "conceicao", "Aveiro, Portugal"),
    ("Harriet-May Tidewell", "harrietmay", "Halifax, Canada"),
    ("Joaquín Peñaflor", "joaquin", "Valparaíso, Chile"),
    ("Tomé Açucena", "tome", "Recife, Brazil"),
    ("রূপসা মেঘনাদিয়া", "rupsa", "Khulna, Bangladesh"),
    ("Øystein-Per Fjordsund", "oystein", "Tromsø, Norway"),
    ("Siân-Mair ap Llanw", "sianmair", "Aberdyfi, United Kingdom"),
    ("Ayşegül Kıyıcı", "aysegul", "Sinop, Türkiye"),
    ("Ọlámidé Ọ̀ṣun-Adé", "olamide", "Lagos, Nigeria"),
    ("Ragnhild Strømholmen", "ragnhild", "Ærøskøbing, Denmark"),
    ("Dragoljub Savić-Ušće", "dragoljub", "Rijeka, Croatia"),
    ("渚野 航平", "kohei", "Hakodate, Japan"),
    ("Ásdís Fjarðardóttir", "asdis", "Ísafjörður, Iceland"),
    ("Kaverappa Tungabhadra", "kaverappa", "Kochi, India"),
    ("Inês Brandão Maré", "ines", "Aveiro, Portugal"),
    ("Tupaq Mayumanta", "tupaq", "Puno, Peru"),
    ("Siti Nurlaut", "nurlaut", "Makassar, Indonesia"),
    ("तरंग सागरकर", "tarang", "Kochi, India"),
    ("Jørn-Åge Ællingsjø", "jornage", "Ærøskøbing, Denmark"),
    ("박여울", "yeoul", "Busan, South Korea"),
    ("سالم الساحلي", "salim", "Aqaba, Jordan"),
    ("Friederike Gezeitner", "friederike", "Büsum, Germany"),
    ("Dalisay Ilog-Santos", "dalisay", "Iloilo, Philippines"),
    ("김바다솔", "badasol", "Busan, South Korea"),
    ("Zdzisław Żurawiec", "zdzislaw", "Gdynia, Poland"),
    ("Željka Plimarić", "zeljka", "Rijeka, Croatia"),
    ("陈沐川", "muchuan", "Xiamen, China"),
    ("Luíza Figueirôa", "luiza", "Recife, Brazil"),
    ("Ximena Marañón Vega", "ximena", "Valparaíso, Chile"),
    ("Sólrún Brimdal", "solrun", "Ísafjörður, Iceland"),
    ("Sibongile Lwandle-Nene", "sibongile", "Durban, South Africa"),
    ("Lê Ngọc Sông Hương", "songhuong", "Cần Thơ, Vietnam"),
    ("Íñigo del Río Sosa", "inigo", "A Coruña, Spain"),
    ("Väinö Meri-Lähde", "vaino", "Oulu, Finland"),
    ("Kekoa-James Kahakai-Lum", "kekoa", "Hilo, United States"),
    ("נועה ימית־גל", "noa", "Haifa, Israel"),
    ("Caetano Lobão", "caetano", "Recife, Brazil"),
    ("Αλκίνοος Ποταμίτης", "alkinoos", "Volos, Greece"),
    ("Imogen Marshbank", "imogen", "Hobart, Australia"),
    ("Łucja Rzeczkowska", "lucja", "Gdynia, Poland"),
    ("Emrys Aberdaron-Pugh", "emrys", "Aberdyfi, United Kingdom"),
    ("Achieng’ Bahari-Otieno", "achieng", "Kisumu, Kenya"),
    ("Wendell Estuarine", "wendell", "Astoria, United States"),
    ("Sietse van der Waddenzee", "sietse", "Texel, Netherlands"),
    ("Hirut Abbay-Wolde", "hirut", "Bahir Dar, Ethiopia"),
    ("גליה נחל", "galia", "Haifa, Israel"),
    ("Adaeze Mangrove-Obi", "adaeze", "Port Harcourt, Nigeria"),
    ("Ольга Реченко", "olhar", "Odesa, Ukraine"),
    ("Noor Al-Marsawi", "noor", "Aqaba, Jordan"),
    ("مريم البحّار", "maryam", "Tangier, Morocco"),
    ("Lorne Eddystream", "lorne", "Halifax, Canada"),
    ("Tamuno Ibanichuka", "tamuno", "Port Harcourt, Nigeria"),
    ("Miłosz Bałtycki", "milosz", "Gdynia, Poland"),
    ("Ștefania Dunărescu", "stefania", "Tulcea, Romania"),
    ("Sarayu Neithalan", "sarayu", "Kochi, India"),
    ("Tāne Te Wai-Māori", "tane", "Whangārei, New Zealand"),
    ("Тарас Озеренко", "taras", "Odesa, Ukraine"),
    ("Baraka Kivukoni", "baraka", "Kisumu, Kenya"),
    ("Océane-Zoé Kermorvan-Îlot", "oceanezoe", "Brest, France"),
    ("汐里 港", "shiori", "Hakodate, Japan"),
    ("Zuzanna-Věra Říčanská-Vltavová", "zuzanna", "Mělník, Czechia"),
    ("Răzvan-Mircea Lăcusteanu", "razvan", "Tulcea, Romania"),
    ("Bożena Wiślańska", "bozena", "Gdynia, Poland"),
    ("Maria Corazón Karagatan", "corazon", "Iloilo, Philippines"),
    ("Anahera Pārengo", "anahera", "Whangārei, New Zealand"),
    ("Trần Văn Thủy Triều", "thuytrieu", "Cần Thơ, Vietnam"),
    ("Мирослава Причал", "myroslava", "Odesa, Ukraine"),
    ("Ana Lucía Quintanar", "analucia", "Mérida, Mexico"),
    ("Νεφέλη Θαλασσινού", "nefeli", "Volos, Greece"),
    ("Cathal Ó Muirthile-Trá", "cathal", "Galway, Ireland"),
    ("周望潮", "wangchao", "Xiamen, China"),
    ("Leilani Muliwai", "leilani", "Hilo, United States"),
    ("Wanjikũ Mtoni", "wanjiku", "Kisumu, Kenya"),
    ("Thabo-Jon Umfulana", "thabojon", "Durban, South Africa"),
    ("Moana-Rose Ngākau-Moana", "moanarose", "Whangārei, New Zealand"),
    ("Gwenolé Le Marégraphe", "gwenole", "Brest, France"),
    ("Nguyễn Thị Biển", "thibien", "Cần Thơ, Vietnam"),
    ("Anaïg Trégastel-Ndar", "anaig", "Dakar, Senegal"),
    ("Femke IJsselstroom", "femke", "Texel, Netherlands"),
    ("I Wayan Ombak", "ombak", "Makassar, Indonesia"),
    ("Illari Qochakuna", "illari", "Puno, Peru"),
    ("ንግስት ጣና", "nigist", "Bahir Dar, Ethiopia"),
    ("Ebiere Okirika-Odo", "ebiere", "Port Harcourt, Nigeria"),
    ("Þorgrímur Árósson", "thorgrimur", "Ísafjörður, Iceland"),
    ("Perpétua Foz-Grande", "perpetua", "Aveiro, Portugal"),
    ("Kwabena Asubonten", "kwabena", "Takoradi, Ghana"),
    ("Efua-Mansa Nsuo", "efua", "Takoradi, Ghana"),
    ("Tomasi Wai-Levu", "tomasi", "Suva, Fiji"),
    ("Sefina Laloifi-Tai", "sefina", "Apia, Samoa"),
    ("Bat-Erdene Nuurbayar", "baterdene", "Khatgal, Mongolia"),
    ("Gulnara Suubashova", "gulnara", "Karakol, Kyrgyzstan"),
    ("Daniyar Köldenov", "daniyar", "Aral, Kazakhstan"),
    ("შოთა ზღვისპირელი", "shota", "Batumi, Georgia"),
    ("Անահիտ Լճաշենյան", "anahit", "Sevan, Armenia"),
    ("Ruta-Marija Pajūrytė", "rutamarija", "Klaipėda, Lithuania"),
    ("Jēkabs Daugavietis-Krasts", "jekabs", "Liepāja, Latvia"),
    ("Liis-Mari Rannamägi", "liismari", "Pärnu, Estonia"),
    ("Giustina Lagunari", "giustina", "Chioggia, Italy"),
    ("Ottavio Foce-Marea", "ottavio", "Chioggia, Italy"),
    ("Margalida Rierol-Cala", "margalida", "Palma, Spain"),
    ("Itsaso Uhinaga", "itsaso", "Bermeo, Spain"),
    ("Blerim Lumëdalja", "blerim", "Vlorë, Albania"),
    ("สายชล ปากน้ำ", "saichon", "Songkhla, Thailand"),
    ("அலைமகள் கடற்கரை", "alaimagal", "Nagapattinam, India"),
    ("Sandamali Ganganathe", "sandamali", "Galle, Sri Lanka"),
    ("Zaw-Lin Ayeyar", "zawlin", "Pathein, Myanmar"),
    ("Ny Aina Rano-Masina", "nyaina", "Toliara, Madagascar"),
    ("Marisol Orilla-Cruz", "marisol", "Matanzas, Cuba"),
    ("Jean-Wilner Larivyè", "jeanwilner", "Jacmel, Haiti"),
    ("Xóchitl Manantial", "xochitl", "Mérida, Mexico"),
)
ORGANISATIONS = (
    "Institute of Estuaries, Port Meridian",
    "North Shoal University",
    "Lagoon Observatory",
    "Universidad del Litoral Imaginario",
    "Blue Delta Hydrology Centre",
    "Kelp & Current Cooperative",
    "Institut des Marées de l’Île-Verte",
    "River Atlas Foundation",
    "Tidewater Commons",
)
WATER = "tide reef delta brine fjord kelp marsh shoal eddy spray gull dune drift ford weir cove foam surge heron otter"
PACKAGES = (
    ("tidekit", "Harmonic analysis and prediction of tides.", "ocean-physics", "data-processing-munging"),
    ("wavefold", "Directional wave spectra from buoy records.", "ocean-physics", "data-processing-munging"),
    ("silty", "Suspended sediment from optical turbidity sensors.", "sediment", "data-extraction"),
    ("riverbraid", "Networks of braided rivers from satellite masks.", "hydrology", "geospatial"),
    ("eelgrass", "Seagrass cover from drone pictures.", "ecology", "geospatial"),
    ("gaugefetch", "One client for the river gauges of forty agencies.", "hydrology", "data-retrieval"),
    ("brackish", "Salinity intrusion models for estuaries.", "estuaries", "scientific-software-wrapper"),
    ("driftwood", "Lagrangian tracks of floating things.", "ocean-physics", "data-visualization"),
    ("moorings", "Reading and checking moored instruments’ files.", "instruments", "data-extraction"),
    ("plumeline", "River plumes in ocean colour.", "remote-sensing", "data-visualization"),
    ("saltmarsh", "Elevation change of marshes, with uncertainties.", "ecology", "data-processing-munging"),
    ("icefoot", "Land-fast ice edges from radar.", "remote-sensing", "geospatial"),
    ("thalweg", "The deepest line of a river, from soundings.", "hydrology", "geospatial"),
    ("ebbflow", "Pipelines for tidal stream resource assessment.", "energy", "workflow-automation"),
    ("planktonic", "Counts of plankton from imaging cytometers.", "ecology", "data-extraction"),
    ("floodmark", "Historical flood marks as data.", "hydrology", "data-deposition"),
    ("seiche", "Standing waves in lakes and harbours.", "ocean-physics", "education"),
    ("coastlines", "Versioned shorelines and their change.", "geospatial", "data-validation-testing"),
    ("hydrophone", "Underwater sound levels by standard methods.", "acoustics", "data-processing-munging"),
    ("nutriflux", "Nutrient loads from sparse samples.", "chemistry", "data-processing-munging"),
    ("dyke", "Overtopping of dykes by formula and by table.", "engineering", "scientific-software-wrapper"),
    ("confluence", "Joining river reaches across data sets.", "hydrology", "data-validation-testing"),
    ("argonette", "A small reader for profiling floats.", "instruments", "data-retrieval"),
    ("beachcast", "Nowcasts of bathing water for volunteers.", "citizen-science", "education"),
    ("undertow", "Rip currents from beach cameras.", "ocean-physics", "data-visualization"),
)
REPOSITORIES = (
    "handbook",
    "website",
    "lessons",
    "packaging-guide",
    "software-submission",
    "community-data",
    "sprints",
    "data-club",
)
TITLES = (
    "docs: explain {thing}",
    "fix: wrong hour for {thing} in winter",
    "fix: crash without {thing}",
    "enh: faster {thing}",
    "enh: read {thing} from Zarr",
    "Add an example for {thing}",
    "Add a test for {thing}",
    "Typo in the page about {thing}",
    "How do I plot {thing}?",
    "Spanish translation: {thing}",
    "Portuguese translation: {thing}",
    "Japanese translation: {thing}",
    "Unclear units of {thing}",
    "Drop the deprecated {thing}",
    "Lesson: an exercise on {thing}",
    "Broken link to {thing}",
    "Welcome a new maintainer for {thing}",
)
THINGS = (
    "tidal constituents",
    "the gauge datum",
    "wave height",
    "salinity profiles",
    "turbidity",
    "flow direction",
    "the mooring log",
    "time zones",
    "leap seconds",
    "chart datum",
    "sea level pressure",
    "shoreline masks",
    "river mouths",
    "buoy metadata",
    "sediment cores",
    "ice edges",
    "plankton counts",
    "sound levels",
    "nutrient loads",
    "rip currents",
    "the quick start",
    "the contributor guide",
    "the code of conduct",
    "the release checklist",
    "the map tiles",
    "quality flags",
)
LABELS = (
    "",
    "",
    "",
    "documentation",
    "bug",
    "enhancement",
    "good first issue",
    "sprintable",
    "documentation, sprintable",
    "translations",
)
CSV_FIELDS = (
    "title",
    "item_opened_by",
    "current_status",
    "labels",
    "created_by",
    "location",
    "contrib_type",
    "repo",
    "type",
)
STAFF = 3
BOTS = ("dependabot[bot]", "github-actions[bot]")


@dataclass
class Someone:
    """A made-up person of the sample."""

    name: str
    login: str
    number: int
    place: str
    organisation: str
    joined: dt.date
    #: How much they do, against the others.
    weight: float
    left: dt.date | None = None
    entry: dict[str, Any] = field(default_factory=dict)


def login_of(beginning: str, chance: random.Random) -> str:
    """A made-up login: from the name, and something from the water."""
    water = chance.choice(WATER.split())
    styles = (
        f"{beginning}-{water}",
        f"{beginning}{water}{chance.randrange(10, 99)}",
        f"{beginning.title()}{water.title()}",
    )
    return chance.choice(styles)


def orcid(number: int) -> str:
    """An ORCID with a right check digit in a block that is not given out."""
    digits = f"00000000{number:07d}"
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    whole = digits + ("X" if check == 10 else str(check))
    return "-".join(whole[i : i + 4] for i in range(0, 16, 4))


def everybody(chance: random.Random) -> list[Someone]:
    """The people, each once; the first are the staff and the council."""
    people, logins = [], set()
    for number, (name, beginning, place) in enumerate(PEOPLE):
        login = login_of(beginning, chance)
        assert login.lower() not in logins  # noqa: S101 - beginnings differ
        logins.add(login.lower())
        early = number < 25
        joined = (
            dt.date(2021, 3, 1) + dt.timedelta(days=chance.randrange(900))
            if early
            else FIRST + dt.timedelta(days=chance.randrange(895))
        )
        someone = Someone(
            name=name,
            login=login,
            number=9_900_000_000 + number * 37,
            place=place,
            organisation=chance.choice(ORGANISATIONS) if chance.random() < 0.55 else "",
            joined=joined,
            weight=1 / (1 + (number if number >= STAFF else 0)) ** 0.75,
        )
        if not early and chance.random() < 0.45:
            someone.left = joined + dt.timedelta(days=chance.randrange(1, 200))
        people.append(someone)
    return people


def contributors(people: list[Someone], chance: random.Random) -> list[dict[str, Any]]:
    """``contributors.yml``."""
    kinds = (
        "code-contrib",
        "community",
        "documentation",
        "lessons",
        "peer-review",
        "translation",
        "package-maintainer",
        "reviewer",
    )
    entries = []
    for place, someone in enumerate(people):
        number = place + 1
        handle = someone.login.lower().replace("-", "")
        entry = {
            "name": someone.name,
            "github_username": someone.login,
            "github_image_id": someone.number,
            "title": None,
            "sort": None,
            "bio": chance.choice(
                (
                    None,
                    None,
                    "Measures water and writes about it.",
                    "Likes tides, dislikes leap seconds.",
                    "Maps rivers that moved.",
                )
            ),
            "organization": someone.organisation or None,
            "date_added": someone.joined.isoformat(),
            "deia_advisory": place in (9, 21),
            "editorial_board": 4 <= place < 16,
            "emeritus_editor": 16 <= place < 20,
            "advisory": 20 <= place < 24,
            "emeritus_advisory": place == 24,
            "twitter": None,
            "mastodon": f"https://floss.example/@{handle}" if chance.random() < 0.3 else None,
            "orcidid": orcid(4_000_000 + number * 13) if chance.random() < 0.4 else None,
            "partners": ["estuary-network"] if chance.random() < 0.1 else None,
            "website": f"https://{handle}.example" if chance.random() < 0.35 else None,
            "board": place == 0,
            "contributor_type": sorted(chance.sample(kinds, chance.randrange(1, 4))),
            "packages_eic": None,
            "packages_editor": None,
            "packages_submitted": None,
            "packages_reviewed": None,
            "location": someone.place,
            "email": f"{handle}@mail.example" if chance.random() < 0.5 else None,
        }
        someone.entry = entry
        entries.append(entry)
    people[0].entry["title"] = ["Executive Director", "Emeritus editor"]
    people[1].entry["title"] = "Community Manager"
    people[2].entry["title"] = "Infrastructure Engineer"
    people[4].entry["title"] = "Editor in Chief"
    return entries


def packages(people: list[Someone], chance: random.Random) -> list[dict[str, Any]]:
    """``packages.yml``; fills the lists of packages in the contributors' entries."""

    def person(someone: Someone) -> dict[str, str]:
        return {"name": someone.name, "github_username": someone.login}

    def credit(someone: Someone, what: str, package: str) -> None:
        held = someone.entry[what] or []
        someone.entry[what] = sorted({*held, package})

    entries = []
    for number, (name, description, domain, category) in enumerate(PACKAGES):
        accepted = ANCHOR - dt.timedelta(days=40 + number * 34)
        submitted = accepted - dt.timedelta(days=chance.randrange(60, 240))
        author = people[25 + number * 3]
        maintainers = [author, *chance.sample(people[25:], chance.randrange(0, 3))]
        maintainers = list({m.login: m for m in maintainers}.values())
        editor, chief = people[4 + number % 12], people[4 + number % 3]
        reviewers = [people[30 + (number * 7) % 60], people[31 + (number * 11) % 60]]
        credit(editor, "packages_editor", name)
        credit(chief, "packages_eic", name)
        credit(author, "packages_submitted", name)
        for reviewer in reviewers:
            credit(reviewer, "packages_reviewed", name)
        entries.append(
            {
                "package_name": name,
                "package_description": description,
                "submitting_author": person(author),
                "all_current_maintainers": [person(m) for m in maintainers],
                "repository_link": f"https://code.tidewater.example/{name}",
                "repository_host": "other",
                "version_submitted": f"v0.{1 + number % 8}.0",
                "categories": [category, domain],
                "editor": person(editor)
                if number % 9
                else [person(editor), person(people[4 + (number + 5) % 12])],
                "eic": person(chief),
                "reviewers": [person(r) for r in reviewers],
                "archive": f"https://archive.example/records/{400100 + number * 17}",
                "version_accepted": f"v0.{2 + number % 8}.1",
                "date_accepted": accepted.isoformat(),
                "created_at": f"{submitted.isoformat()} 0{number % 9}:1{number % 6}:00+00:00",
                "updated_at": f"{accepted.isoformat()} 09:30:00+00:00",
                "closed_at": f"{(accepted + dt.timedelta(days=3)).isoformat()} 10:00:00+00:00",
                "issue_link": f"https://code.tidewater.example/software-submission/issues/{20 + number * 3}",
                "joss": None,
                "partners": ["estuary-network"] if number % 6 == 0 else None,
                "gh_meta": {
                    "name": name,
                    "description": description,
                    "created_at": (submitted - dt.timedelta(days=300)).isoformat(),
                    "stargazers_count": chance.randrange(3, 240),
                    "watchers_count": chance.randrange(1, 20),
                    "open_issues_count": chance.randrange(0, 30),
                    "forks_count": chance.randrange(0, 40),
                    "documentation": f"https://{name}.docs.tidewater.example/",
                    "contrib_count": chance.randrange(2, 25),
                    "last_commit": (ANCHOR - dt.timedelta(days=chance.randrange(2, 220))).isoformat(),
                },
                "labels": ["6/approved"],
                "active": number != 15,
            }
        )
    return entries


def items(people: list[Someone], chance: random.Random, count: int) -> list[dict[str, Any]]:
    """What was opened over the last two and a half years: a steady rise, two sprints a year, quiet Decembers."""
    days = [FIRST + dt.timedelta(days=n) for n in range((ANCHOR - FIRST).days)]
    month_weight = {5: 1.9, 7: 1.7, 12: 0.55, 8: 0.8}
    weights = [
        (0.6 + 0.8 * n / len(days)) * month_weight.get(day.month, 1.0) * (0.35 if day.weekday() > 4 else 1)
        for n, day in enumerate(days)
    ]
    outsiders = [
        ("slowcurrent-visitor", ""),
        ("passing-gull", "Lima, Peru"),
        ("harbour-guest", ""),
        ("one-time-diver", ""),
    ]
    repositories = REPOSITORIES
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    firsts = [(someone.joined, someone) for someone in people[25:] if someone.joined < ANCHOR]
    moments = [(day, None) for day in chance.choices(days, weights, k=count - len(firsts))] + firsts
    for day, someone in sorted(moments, key=lambda pair: pair[0]):
        moment = dt.datetime.combine(
            day, dt.time(chance.randrange(6, 23), chance.randrange(60), chance.randrange(60))
        )
        luck = chance.random()
        if someone is None and luck < 0.13:
            login, place, title, labels = (
                BOTS[luck < 0.03],
                "",
                "chore: bump the actions group with 2 updates",
                "dependencies",
            )
            if login == BOTS[1]:
                title, labels = "Update contributor data", ""
        elif someone is None and luck < 0.15:
            (login, place), title, labels = chance.choice(outsiders), *_title(chance)
        else:
            if someone is None:
                active = [p for p in people if p.joined <= day and (p.left is None or p.left >= day)]
                someone = chance.choices(active, [p.weight for p in active])[0]
            login, place = someone.login, someone.place
            title, labels = _title(chance)
            if chance.random() < 0.05:
                login = login.upper() if chance.random() < 0.5 else login.title()
        is_pull = login in BOTS or chance.random() < 0.62
        age = (ANCHOR - day).days
        closed = chance.random() < min(0.97, 0.35 + age / 120)
        repo = chance.choice(repositories)
        found[repo, login.lower(), str(moment)] = {
            "title": title,
            "item_opened_by": str(moment),
            "current_status": "closed" if closed else "open",
            "labels": labels,
            "created_by": login,
            "location": place,
            "contrib_type": "staff" if login in {p.login for p in people[:STAFF]} else "contributor",
            "repo": repo,
            "type": "pulls" if is_pull else "issues",
        }
    return list(found.values())


def _title(chance: random.Random) -> tuple[str, str]:
    title = chance.choice(TITLES).format(thing=chance.choice(THINGS))
    return title[0].upper() + title[1:] if chance.random() < 0.5 else title, chance.choice(LABELS)


def write_csv(name: str, fields: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    with (FOLDER / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fields, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_yaml(name: str, head: str, data: Any) -> None:
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=110)
    (FOLDER / name).write_text(head + text, encoding="utf-8")


def write_items(rows: list[dict[str, Any]]) -> None:
    """As the files are published: one for each year with its issues, and every pull request so far a second time."""
    for year in (2024, 2025, 2026):
        so_far = [row for row in rows if row["item_opened_by"] < str(year + 1)]
        if year < 2026:  # an older file does not know yet what was closed later
            so_far = [
                {**row, "current_status": "open"} if n % 40 == 0 else row for n, row in enumerate(so_far)
            ]
        as_issues = [
            {**row, "type": "issues"} for row in so_far if row["item_opened_by"].startswith(str(year))
        ]
        pulls = [row for row in so_far if row["type"] == "pulls"]
        write_csv(f"{year}_all_issues_prs.csv", CSV_FIELDS, as_issues[::-1] + pulls[::-1])


def write_editors(people: list[Someone], chance: random.Random) -> None:
    fields = (
        "gh_username",
        "active",
        "first_name",
        "last_name",
        "country",
        "state",
        "OS",
        "Domain_areas",
        "Description",
        "technical_areas",
    )
    domains = (
        "Hydrology",
        "Oceanography",
        "Ecology",
        "Remote sensing",
        "Sediment",
        "Acoustics",
        "Chemistry",
        "Education",
    )
    technical = (
        "Documentation quality",
        "Unit Testing",
        "Continuous Integration",
        "Data visualization",
        "Geospatial",
        "Web API's",
        "Packaging",
    )

    def row(someone: Someone, active: str) -> dict[str, str]:
        first, _space, last = someone.name.partition(" ")
        return {
            "gh_username": someone.login.lower(),
            "active": active,
            "first_name": first,
            "last_name": last,
            "country": someone.place.rpartition(", ")[2],
            "state": "",
            "OS": chance.choice(("Linux", "Mac", "Windows, Linux")),
            "Domain_areas": ", ".join(chance.sample(domains, 3)),
            "Description": "",
            "technical_areas": ", ".join(chance.sample(technical, 3)),
        }

    write_csv("editorial_team_domains.csv", fields, [row(someone, "yes") for someone in people[4:16]])
    write_csv("emeritus_editor_domains.csv", fields, [row(someone, "False") for someone in people[16:20]])


def write_people(people: list[Someone], chance: random.Random) -> None:
    """``people.csv``: what the community manager kept in a spreadsheet, with dated roles and a few slips."""
    fields = ("name", "github", "email", "organisation", "location", "role", "team", "from", "to", "note")

    def day(offset: int) -> str:
        return (ANCHOR + dt.timedelta(days=offset)).isoformat()

    def row(someone: Someone, role: str, team: str, start: str, end: str, note: str = "") -> dict[str, str]:
        return {
            "name": someone.name, "github": someone.login, "email": "", "organisation": someone.organisation,
            "location": someone.place, "role": role, "team": team, "from": start, "to": end, "note": note,
        }  # fmt: skip

    council, program = "Executive Council", "Programme Committee"
    rows = [
        row(
            people[3],
            "Council member",
            council,
            day(-720),
            day(12),
            "Would stay for another term; ask before the June meeting.",
        ),
        row(people[5], "Council member", council, day(-710), day(20)),
        row(people[8], "Council member", council, day(-360), day(370)),
        row(people[11], "Council member", council, day(-355), day(375)),
        row(people[6], "Council member", council, day(-1100), day(-370)),
        row(people[26], "Organiser", "Estuary Sprint", day(-340), day(6), "Hands over the sponsor contacts."),
        row(people[29], "Organiser", "Estuary Sprint", day(-340), day(25)),
        row(people[33], "Organiser", program, day(-90), day(180)),
        row(people[12], "Organiser", program, day(-371), day(-6)),
        row(people[37], "Instructor", "Lessons", day(-400), ""),
        row(people[40], "Instructor", "Lessons", day(-600), day(-40)),
        row(people[43], "Instructor", "Lessons", day(-200), day(28)),
        row(people[46], "Translator", "Spanish", day(-300), ""),
        row(people[49], "Translator", "Portuguese", day(-280), ""),
        row(people[52], "Translator", "Japanese", day(-150), ""),
        row(people[55], "Mentor", "First Tide mentoring", day(-120), day(60)),
        row(
            people[58],
            "Mentee",
            "First Tide mentoring",
            day(-120),
            day(60),
            "Wants to review a package next.",
        ),
        row(people[61], "Ambassador", "", day(-100), day(265)),
    ]
    newcomers = (
        ("Brisa Alcatraz-Nube", "brisa@harbour.example", "Instructor", "Lessons", day(-60), day(300)),
        ("Ọmọlará Etí-Òkun", "omolara@harbour.example", "Speaker", "", day(-20), ""),
        ("Kaiākoa Pōʻai", "kaiakoa@harbour.example", "Translator", "Hawaiian", day(-45), ""),
        ("Søren-Bo Tangmark", "soren-bo@harbour.example", "Organiser", "Estuary Sprint", day(-10), day(200)),
    )
    rows += [
        {
            **dict.fromkeys(fields, ""),
            "name": n,
            "email": e,
            "organisation": chance.choice(ORGANISATIONS),
            "role": r,
            "team": t,
            "from": f,
            "to": to,
        }
        for n, e, r, t, f, to in newcomers
    ]
    slips = (
        {
            "name": "Lumena Cole-Harbour",
            "email": "lumena@harbour.example",
            "role": "Instructor",
            "team": "Lessons",
            "from": "next spring",
            "to": "",
        },
        {"name": "", "email": "", "role": "Translator", "team": "Spanish", "from": day(-30), "to": ""},
        {
            "name": "Ulla-Pia Vandstand",
            "email": "ulla-pia at harbour.example",
            "role": "Mentor",
            "team": "",
            "from": day(-30),
            "to": "",
        },
        {
            "name": "Tiberiu Ostrov",
            "email": "tiberiu@harbour.example",
            "role": "Organiser",
            "team": "Estuary Sprint",
            "from": day(30),
            "to": day(-30),
        },
    )
    blank = dict.fromkeys(fields, "")
    write_csv(
        "people.csv",
        fields,
        [{**blank, **r} for r in rows[:9]]
        + [{**blank, **slips[0]}]
        + rows[9:]
        + [{**blank, **s} for s in slips[1:]],
    )


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    chance = random.Random(SEED)  # noqa: S311 - made-up people, no secret
    people = everybody(chance)
    entries = contributors(people, chance)
    accepted = packages(people, chance)
    write_yaml("packages.yml", "", accepted)
    submissions = sample_reviews.write(FOLDER, people, accepted, ANCHOR, SEED)
    written = sample_posts.write(FOLDER, PACKAGES, ANCHOR, SEED)
    sample_events.write(FOLDER, ANCHOR)
    sample_agreements.write(FOLDER, ANCHOR)
    sample_training.write(FOLDER, ANCHOR)
    write_yaml("contributors.yml", "", entries)
    write_editors(people, chance)
    write_people(people, chance)
    rows = items(people, chance, 1500)
    write_items(rows)
    write_yaml(
        "sample.yml",
        "# The made-up community of `folkmoot demo`, written by scripts/make_sample.py.\n"
        "# Dates in these files are fixed; loading shifts them so that the anchor becomes the day of loading.\n",
        {
            "community": "Tidewater Commons",
            "anchor": ANCHOR,
            "staff": [someone.login for someone in people[:STAFF]],
            "tracker": sample_reviews.TRACKER,
            "colleague": people[0].name,
            "user": {"name": people[1].name, "github": people[1].login},
        },
    )
    print(
        f"{len(people)} people, {len(PACKAGES)} packages, {submissions} submissions, {len(rows)} items, {written} posts"
        f" in {FOLDER}"
    )


if __name__ == "__main__":
    main()
