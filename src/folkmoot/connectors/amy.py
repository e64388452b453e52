"""Asking AMY, the workshop system of The Carpentries: pages of its API v2 (by a token) and v1 (by a session).

Facts, from AMY's source as of November 2026 (version 4.9.0-dev; ``amy/api/v1``, ``amy/api/v2``, ``amy/config``):

* v2 takes a knox token (``Authorization: Token …``) of a user with the permission ``knox.add_authtoken``; v1 takes a
  session or basic authentication of an administrator. Both only read here.
* A page is ``{"count", "next", "previous", "results"}``; ``page_size`` goes to 1000 in both. ``training_requests/``,
  ``communityroleconfigs``, ``instructorrecruitment`` and ``persons/ID/consents`` of v1 are one list without pages.
  Addresses of lists have no slash at their end, but for ``training_requests/``.
* A user may ask 2000 times an hour, in v1 and v2 together; then AMY answers 429 with ``Retry-After``.
* Nothing can be filtered by when it changed, so lists are read whole.

Other people in AMY, and what it has been behind, make the rest: an error may come as an HTML page, and a sign-in page
with status 200.
"""

from __future__ import annotations

import base64
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from folkmoot.kernel.http import Answer, Client, Limits, NotSent, OutcomeUnknown, Refused, TooLarge

#: The largest page that AMY gives (``max_page_size``).
PAGE_SIZE = 1000
#: How often a user may ask in :data:`HOUR` seconds (``DEFAULT_THROTTLE_RATES``).
REQUESTS = 2000
HOUR = 3600.0
#: Seconds before the second, third and fourth try of something that failed by accident.
WAITS = (1.0, 4.0, 15.0)
#: Hosts that may be asked without encryption: this very machine.
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_TRANSIENT = frozenset({500, 502, 503, 504})


class Trouble(StrEnum):
    """Why nothing usable came back."""

    TOKEN = "token"  # noqa: S105 - a word, no token
    RIGHTS = "rights"
    GONE = "gone"
    LIMIT = "limit"
    SERVER = "server"
    NETWORK = "network"
    ADDRESS = "address"
    ODD = "odd"


#: What happened, and what to do.
WORDS: dict[Trouble, tuple[Any, Any]] = {
    Trouble.TOKEN: (
        _("AMY does not take the token or the session: it has expired, was revoked, or is mistyped."),
        _("Make a new one in AMY and put it in here."),
    ),
    Trouble.RIGHTS: (
        _("AMY does not let this account read it."),
        _("In AMY, the account needs to be an administrator’s, with the permission knox.add_authtoken."),
    ),
    Trouble.GONE: (
        _("AMY says that this is not there."),
        _("Look whether the address is AMY’s; an older AMY may lack this list."),
    ),
    Trouble.LIMIT: (
        _("AMY asks to wait: 2,000 requests an hour are its limit."),
        _("Nothing needs to be done: reading goes on by itself."),
    ),
    Trouble.SERVER: (_("AMY answered with an error of its own."), _("Try again later: what was read stays.")),
    Trouble.NETWORK: (_("AMY cannot be reached."), _("Try again later: what was read stays.")),
    Trouble.ADDRESS: (
        _("This address may not be asked."),
        _("Write it as https://amy.example.org; FOLKMOOT_HTTP_ALLOW names hosts in a network of your own."),
    ),
    Trouble.ODD: (
        _("The answer is not what AMY answers."),
        _("Look whether the address is AMY’s own, and whether its version is known here."),
    ),
}


class AmyProblem(Exception):
    """No usable answer.

    Attributes:
        detail: what AMY said, or where, for a person; without secrets.
        wait: seconds that AMY asks to wait.
    """

    def __init__(self, trouble: Trouble, detail: str = "", *, wait: float = 0) -> None:
        self.trouble, self.detail, self.wait = trouble, detail, wait
        what, todo = WORDS[trouble]
        super().__init__(" ".join(str(word) for word in (what, detail, todo) if word))


@dataclass(frozen=True)
class Page:
    """One answer: its records, the path of the next page (or ``""``), and how many records there are in all."""

    results: list[dict[str, Any]]
    next: str = ""
    count: int = 0


def normal_address(url: str) -> str:
    """AMY's address as it is kept: without the path of its API, a query, or a slash at its end.

    Raises:
        AmyProblem: it is none, or would send the token unencrypted over a network.
    """
    try:
        parts = urlsplit(url.strip())
        port_is_one = parts.port is None or parts.port > 0
    except ValueError:  # brackets that are not closed, a port that is no number
        raise AmyProblem(Trouble.ADDRESS, url[:100]) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or not port_is_one:
        raise AmyProblem(Trouble.ADDRESS, url[:100])
    if parts.scheme == "http" and parts.hostname not in _HERE:
        raise AmyProblem(Trouble.ADDRESS, str(_("The token would go unencrypted: write https://.")))
    path = parts.path.partition("/api")[0].rstrip("/")
    return f"{parts.scheme}://{parts.netloc.lower()}{path}"


@dataclass
class Amy:
    """One AMY, asked as one user. Use it in a ``with``.

    Attributes:
        url: where AMY is, as :func:`normal_address` gives it.
        token: for v2.
        session: what the browser's cookie ``sessionid`` holds, for v1.
        login: ``name:password``, for v1, where the user has a password.
        patience: seconds that it waits by itself when AMY asks for it; where AMY asks for more, it is the caller's.
        pause: waits.
        clock: seconds that only go forward.
    """

    url: str
    token: str = ""
    session: str = ""
    login: str = ""
    patience: float = 120.0
    pause: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _asked: deque[float] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.url = normal_address(self.url)
        self._http = Client(
            base_url=self.url,
            headers={"accept": "application/json"},
            limits=Limits(tries=1, redirects=2, read=60.0, total=180.0, size=100 * 1024 * 1024),
            pause=self.pause,
        )

    def __enter__(self) -> Amy:
        return self

    def __exit__(self, *exc: object) -> None:
        self._http.close()

    @property
    def has_v1(self) -> bool:
        """Whether v1 can be asked, too."""
        return bool(self.session or self.login)

    def pages(self, path: str, *, start: str = "", query: str = "") -> Iterator[Page]:
        """The pages of a list, from the first, or from the ``next`` of an earlier page.

        Args:
            path: such as ``/api/v2/event``.
            query: what is asked of the list besides.

        Raises:
            AmyProblem: there is no usable answer.
        """
        following = start or f"{path}?{query}{'&' if query else ''}page_size={PAGE_SIZE}"
        met: set[str] = set()
        while following:
            if following in met:
                raise AmyProblem(Trouble.ODD, f"{following} leads back to itself")
            met.add(following)
            page = self.page(following)
            yield page
            following = page.next

    def page(self, path: str) -> Page:
        """One page of a list, or a whole list that has no pages.

        Raises:
            AmyProblem: there is no usable answer.
        """
        answer = self._answered(path)
        found = self._read(answer, path)
        if isinstance(found, list):
            return Page(_records(found, path), count=len(found))
        if not isinstance(found, dict) or not isinstance(found.get("results"), list):
            raise AmyProblem(Trouble.ODD, path)
        count = found.get("count")
        return Page(
            _records(found["results"], path),
            self._path_of(found.get("next"), path),
            count if isinstance(count, int) else 0,
        )

    # --- one request

    def _path_of(self, link: Any, path: str) -> str:
        """Where the next page is, on this very host: AMY writes whole addresses, with its proxy's scheme or its own.

        Raises:
            AmyProblem: it leads elsewhere.
        """
        if not link:
            return ""
        there, here = urlsplit(str(link)), urlsplit(self.url)
        if there.netloc and there.netloc.lower() != here.netloc:
            raise AmyProblem(
                Trouble.ODD, str(_("The next page would be on another host: %s") % there.netloc[:100])
            )
        found = f"{there.path.removeprefix(here.path)}?{there.query}"
        if not found.startswith(path.partition("?")[0]):
            raise AmyProblem(Trouble.ODD, str(_("The next page would be of another list: %s") % found[:100]))
        return found

    def _headers(self, path: str) -> dict[str, str]:
        if path.startswith("/api/v2/"):
            return {"authorization": f"Token {self.token}"} if self.token else {}
        if self.session:
            return {"cookie": f"sessionid={self.session}"}
        if self.login:
            return {"authorization": f"Basic {base64.b64encode(self.login.encode()).decode()}"}
        return {}

    def _answered(self, path: str) -> Answer:
        for wait in (*WAITS, None):
            self._keep_to_the_limit()
            try:
                answer = self._http.get(path, headers=self._headers(path))
            except Refused as error:
                raise AmyProblem(Trouble.ADDRESS, error.why) from None
            except TooLarge as error:
                raise AmyProblem(Trouble.ODD, error.why) from None
            except (NotSent, OutcomeUnknown) as error:
                problem = AmyProblem(Trouble.NETWORK, error.why)
            else:
                if answer.status == 429:
                    asked = answer.retry_after()
                    seconds = 60.0 if asked is None else asked
                    if seconds > self.patience or wait is None:
                        raise AmyProblem(Trouble.LIMIT, path, wait=seconds)
                    self.pause(seconds)
                    continue
                if answer.status not in _TRANSIENT:
                    return answer
                problem = AmyProblem(Trouble.SERVER, f"{path}: {answer.status}")
            if wait is None:
                raise problem
            self.pause(wait)
        raise AssertionError("the last try returns or raises")

    def _keep_to_the_limit(self) -> None:
        """Ask no more often than AMY lets a user: better than being sent away."""
        now = self.clock()
        while self._asked and self._asked[0] <= now - HOUR:
            self._asked.popleft()
        if len(self._asked) >= REQUESTS:
            seconds = self._asked[0] + HOUR - now
            if seconds > self.patience:
                raise AmyProblem(Trouble.LIMIT, wait=seconds)
            self.pause(seconds)
        self._asked.append(self.clock())

    def _read(self, answer: Answer, path: str) -> Any:
        if answer.status == 401:
            raise AmyProblem(Trouble.TOKEN, path)
        if answer.status == 403:
            said = _said(answer)
            # AMY's answer to nobody is 403 where a session would do, too (SessionAuthentication asks for no password).
            nobody = "credentials were not provided" in said or "Invalid token" in said
            raise AmyProblem(Trouble.TOKEN if nobody else Trouble.RIGHTS, f"{path} {said}".strip())
        if answer.status in (404, 410):
            raise AmyProblem(Trouble.GONE, path)
        if answer.status != 200:
            raise AmyProblem(Trouble.ODD, f"{path}: {answer.status} {_said(answer)}".strip())
        if "html" in answer.headers.get("content-type", ""):
            is_sign_in = "login" in urlsplit(answer.url).path
            raise AmyProblem(Trouble.TOKEN if is_sign_in else Trouble.ODD, str(_("It answered with a page.")))
        try:
            return answer.json()
        except OutcomeUnknown:
            raise AmyProblem(Trouble.ODD, f"{path}: {_('It is no JSON.')}") from None


def _records(found: list[Any], path: str) -> list[dict[str, Any]]:
    if not all(isinstance(one, dict) for one in found):
        raise AmyProblem(Trouble.ODD, path)
    return found


def _said(answer: Answer) -> str:
    """AMY's own sentence, where it is one of JSON."""
    try:
        found: Mapping[str, Any] = answer.json()
    except OutcomeUnknown:
        return ""
    return str(found.get("detail", ""))[:200] if isinstance(found, dict) else ""
