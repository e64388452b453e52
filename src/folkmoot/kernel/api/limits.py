"""How many requests a token may make in a minute.

Counted in the cache: in Redis by all machines together; without Redis by the web processes of one machine, where two
requests at the same instant may count as one.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase

from folkmoot.kernel import clock
from folkmoot.kernel.api.problems import Problem

WINDOW = 60


@dataclass(frozen=True)
class Budget:
    """What is left: ``left`` requests for ``seconds`` more seconds."""

    most: int
    left: int
    seconds: int

    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers-10 writes it."""
        return {
            "RateLimit-Policy": f'"minute";q={self.most};w={WINDOW}',
            "RateLimit": f'"minute";r={self.left};t={self.seconds}',
        }


def spend(request: HttpRequest, token: int) -> None:
    """Count one request of this token.

    Raises:
        Problem: 429, when there were too many in this minute.
    """
    now = clock.now().timestamp()
    window, into = int(now // WINDOW), int(now % WINDOW)
    key = f"api.spent.{token}.{window}"
    cache.add(key, 0, WINDOW * 2)
    try:
        spent = cache.incr(key)
    except ValueError:  # it left the cache between the two
        spent = 1
    most = settings.API_REQUESTS
    budget = Budget(most, max(0, most - spent), WINDOW - into)
    request.api_budget = budget  # type: ignore[attr-defined]
    if spent > most:
        raise Problem(
            "too-many",
            f"{most} requests a minute are the most; go on in {budget.seconds} seconds.",
            headers={"Retry-After": str(budget.seconds)},
        )


def tell(request: HttpRequest, response: HttpResponseBase) -> None:
    """Say in the answer's headers what is left."""
    budget: Budget | None = getattr(request, "api_budget", None)
    if budget is not None:
        for name, value in budget.headers().items():
            response[name] = value
