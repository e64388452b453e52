"""Pictures on LinkedIn: asked for a place, put there, and waited for until it can be shown.

Source: Microsoft Learn, LinkedIn, "Images API". Only an organisation's token may ask how far a picture is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext as _now

from folkmoot.connectors.base import Outcome
from folkmoot.connectors.linkedin.client import must, refused
from folkmoot.connectors.posts import Media
from folkmoot.kernel.http import Client, HttpProblem, Verdict

#: Pauses between two looks whether a picture is ready, in seconds; after the last one it is given up for now.
PAUSES = (1.0, 2.0, 3.0, 5.0, 8.0, 13.0)
#: How long a picture needs where nobody may ask, in seconds.
BLIND = 5.0
#: For all pictures of a post: below what a worker's lease holds. In seconds.
ALL_TIME = 120.0


class NotReady(Exception):
    """A picture is not there, so that nothing was posted; ``outcome`` says why and what may help."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.words)
        self.outcome = outcome


class Pictures:
    """Puts pictures where a post can name them."""

    def __init__(self, client: Client, owner: str, *, may_look: bool, pause: Callable[[float], None]) -> None:
        self._client, self._owner, self._may_look, self._pause = client, owner, may_look, pause
        self._began = time.monotonic()

    def put(self, media: Media, read: Callable[[str], bytes]) -> str:
        """Upload one picture, and return its URN.

        Raises:
            NotReady: it did not come to that.
        """
        try:
            content = read(media.file)
            begun = self._client.post(
                "/rest/images",
                params={"action": "initializeUpload"},
                json={"initializeUploadRequest": {"owner": self._owner}},
            )
            if begun.verdict is not Verdict.YES:
                raise NotReady(_certain(refused(begun)))
            place = must(begun)["value"]
            target, urn = str(place["uploadUrl"]), str(place["image"])
            put = self._client.request(
                "PUT",
                target,
                content=content,
                headers={"content-type": "application/octet-stream", **self._proof(target)},
            )
            if put.verdict is not Verdict.YES:
                raise NotReady(_certain(refused(put)))
            return urn
        except LookupError as problem:
            raise NotReady(Outcome.no(f"{_now('A picture is missing.')} {problem}")) from None
        except HttpProblem as problem:
            raise NotReady(_certain(Outcome.of_problem(problem))) from None  # type: ignore[arg-type]

    def _proof(self, target: str) -> dict[str, str]:
        """The token goes to LinkedIn's own hosts only, wherever an answer points."""
        host, own = urlsplit(target).hostname or "", urlsplit(self._client.base_url).hostname or ""
        is_own = host == own or host == "linkedin.com" or host.endswith(".linkedin.com")
        return {"authorization": self._client.headers["authorization"]} if is_own else {}

    def wait_for(self, urns: list[str]) -> None:
        """Until all can be shown.

        Raises:
            NotReady: one failed, or it takes too long.
        """
        if not self._may_look:
            self._pause(BLIND)
            return
        for urn in urns:
            for pause in (*PAUSES, None):
                state = self._state(urn)
                if state == "AVAILABLE":
                    break
                if state == "PROCESSING_FAILED":
                    raise NotReady(Outcome.no(_now("LinkedIn cannot read a picture.")))
                if pause is None or time.monotonic() - self._began > ALL_TIME:
                    raise NotReady(
                        Outcome.no(_now("LinkedIn is not ready with a picture yet."), transient=True)
                    )
                self._pause(pause)

    def _state(self, urn: str) -> str:
        try:
            answer = self._client.get(f"/rest/images/{quote(urn, safe='')}")
        except HttpProblem as problem:
            raise NotReady(_certain(Outcome.of_problem(problem))) from None  # type: ignore[arg-type]
        if answer.verdict is not Verdict.YES:
            raise NotReady(_certain(refused(answer)))
        return str(must(answer).get("status") or "")


def _certain(outcome: Outcome) -> Outcome:
    """No post was asked for yet: what nobody knows of a picture is a no for the post."""
    if outcome.verdict is Verdict.UNKNOWN:
        return Outcome.no(f"{_now('A picture could not be uploaded.')} {outcome.words}", transient=True)
    return outcome
