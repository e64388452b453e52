"""django-allauth asks providers through the house's one HTTP client, with its guard and limits."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import requests
from requests.adapters import BaseAdapter

from folkmoot.kernel.http import Client, HttpProblem, Limits


class ThroughTheHouse(BaseAdapter):
    """A transport for a ``requests`` session that sends with :class:`folkmoot.kernel.http.Client`."""

    limits = Limits(read=10, write=10, total=20, size=1024 * 1024, tries=2)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """Send a prepared request; what goes wrong is one of requests' own exceptions."""
        headers: Mapping[str, str] = {
            name: str(value) for name, value in request.headers.items() if name.lower() not in _OWN
        }
        body: Any = request.body.encode() if isinstance(request.body, str) else request.body
        try:
            with Client(limits=self.limits) as client:
                answer = client.request(str(request.method), str(request.url), headers=headers, content=body)
        except HttpProblem as problem:
            raise requests.ConnectionError(str(problem), request=request) from problem
        response = requests.Response()
        response.status_code = answer.status
        response.url = answer.url
        response.request = request
        response.headers.update(answer.headers)
        response.encoding = "utf-8"
        response.raw = io.BytesIO(answer.content)
        response._content = answer.content
        return response

    def close(self) -> None:
        """Nothing is kept open."""


#: What the client sets by itself.
_OWN = frozenset({"connection", "accept-encoding", "content-length", "user-agent"})


def session() -> Any:
    """A ``requests`` session that leaves the house by its one door."""
    found = requests.Session()
    found.trust_env = False
    found.max_redirects = 0
    for prefix in ("http://", "https://"):
        found.mount(prefix, ThroughTheHouse())
    return found
