"""Pictures on X: begun, put there in pieces, ended, waited for, described.

Source: docs.x.com, "Media upload" (initialize, append, finalize, status), "Create media metadata" (1,000 characters).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _now

from folkmoot.connectors.base import Outcome
from folkmoot.connectors.posts import Media
from folkmoot.connectors.x.client import must, refused
from folkmoot.kernel.http import Answer, Client, HttpProblem, Verdict

#: Of one piece: an append takes 5 MB at most.
PIECE = 4 * 1024 * 1024
#: How often a picture is asked after that X still works on, and the longest pause between, in seconds.
LOOKS, LONGEST = 12, 8.0


class NotReady(Exception):
    """A picture is not there, so that nothing was posted; ``outcome`` says why and what may help."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.words)
        self.outcome = outcome


class Pictures:
    """Puts pictures where a post can name them."""

    def __init__(self, client: Client, pause: Callable[[float], None] = time.sleep) -> None:
        self._client, self._pause = client, pause

    def put(self, media: Media, read: Callable[[str], bytes]) -> str:
        """Upload one picture with its description, and return its id.

        Raises:
            NotReady: it did not come to that. A picture without the description that was written for it is not used.
        """
        try:
            content = read(media.file)
            begun = {
                "media_type": media.type,
                "total_bytes": len(content),
                "media_category": "tweet_gif" if media.type == "image/gif" else "tweet_image",
            }
            name = str(self._asked("/2/media/upload/initialize", json=begun)["id"])
            for number, start in enumerate(range(0, len(content), PIECE)):
                self._asked(
                    f"/2/media/upload/{name}/append",
                    data={"segment_index": str(number)},
                    files={"media": ("piece", content[start : start + PIECE], "application/octet-stream")},
                )
            self._wait(name, self._asked(f"/2/media/upload/{name}/finalize"))
            if media.alt:
                described = {"id": name, "metadata": {"alt_text": {"text": media.alt}}}
                self._asked("/2/media/metadata", json=described)
            return name
        except LookupError as problem:
            raise NotReady(Outcome.no(f"{_now('A picture is missing.')} {problem}")) from None
        except HttpProblem as problem:
            raise NotReady(_certain(Outcome.of_problem(problem))) from None  # type: ignore[arg-type]

    def _asked(self, path: str, **more: Any) -> dict[str, Any]:
        return _data(self._client.post(path, **more))

    def _wait(self, name: str, told: dict[str, Any]) -> None:
        for _number in range(LOOKS):
            info = told.get("processing_info") or {}
            state = info.get("state", "succeeded")
            if state == "succeeded":
                return
            if state == "failed":
                raise NotReady(Outcome.no(_now("X cannot read a picture.")))
            self._pause(min(LONGEST, float(info.get("check_after_secs") or 1)))
            answer = self._client.get("/2/media/upload", params={"command": "STATUS", "media_id": name})
            told = _data(answer)
        raise NotReady(Outcome.no(_now("X is not ready with a picture yet."), transient=True))


def _data(answer: Answer) -> dict[str, Any]:
    """What a yes holds; an append holds nothing."""
    if answer.verdict is not Verdict.YES:
        raise NotReady(_certain(refused(answer)))
    found = must(answer).get("data") if answer.content else None
    return found if isinstance(found, dict) else {}


def _certain(outcome: Outcome) -> Outcome:
    """No post was asked for yet: what nobody knows of a picture is a no for the post."""
    if outcome.verdict is Verdict.UNKNOWN:
        return Outcome.no(f"{_now('A picture could not be uploaded.')} {outcome.words}", transient=True)
    return outcome
