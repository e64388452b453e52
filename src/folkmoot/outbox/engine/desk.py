"""What the threads of one process share: what was claimed for all of them, who looks, and who watches the clock."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Sequence
from enum import Enum, auto

from folkmoot.outbox.models import Delivery


class Turn(Enum):
    """What a thread is to do that has nothing to send."""

    #: Look for all what is due.
    LOOK = auto()
    #: Sleep until something becomes due, then have somebody look.
    WATCH = auto()
    #: It was not needed for a while.
    REST = auto()


class Desk:
    """Claims are made here by one thread for all, and taken from here by each.

    Looking costs as much as sending a message does. If each thread of many looks for itself, they see the same rows,
    and all but one come for nothing.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._batches: deque[list[Delivery]] = deque()
        self._busy: Counter[int] = Counter()
        self._sleepers: list[threading.Event] = []
        self._is_looked = self._is_watched = False
        self._is_wanted = True

    def next(self, nap: float) -> list[Delivery] | Turn:
        """A batch to send, or what else there is to do; sleeps for at most ``nap`` seconds when there is nothing."""
        with self._lock:
            found = self._next()
            if found is not None:
                return found
            woken = threading.Event()
            self._sleepers.append(woken)
        woken.wait(nap)
        with self._lock:
            if woken in self._sleepers:
                self._sleepers.remove(woken)
            return self._next() or Turn.REST

    def _next(self) -> list[Delivery] | Turn | None:
        if self._batches:
            return self._batches.popleft()
        if self._is_wanted and not self._is_looked:
            self._is_wanted, self._is_looked = False, True
            return Turn.LOOK
        if not self._is_watched:
            self._is_watched = True
            return Turn.WATCH
        return None

    def busy(self) -> dict[int, int]:
        """How many threads work on each channel, by its number, or are about to."""
        with self._lock:
            return dict(self._busy)

    def put(self, batches: Sequence[list[Delivery]]) -> None:
        """Lay down what was claimed, and wake who sends it."""
        with self._lock:
            self._batches.extend(batches)
            self._busy.update(batch[0].channel_id for batch in batches)
            self._wake(len(batches))

    def looked(self, *, again: bool) -> None:
        """The look is over; ``again``: somebody is to look once more."""
        with self._lock:
            self._is_looked = False
            self._is_wanted = self._is_wanted or again
            self._wake(1)

    def watched(self) -> None:
        """Something is due, as far as the clock tells: whoever comes next looks."""
        with self._lock:
            self._is_watched, self._is_wanted = False, True

    def done(self, channel: int) -> None:
        """A batch is sent: the channel may take another one, and what waited for these messages may leave."""
        with self._lock:
            self._busy -= Counter([channel])
            self._is_wanted = True

    def rest(self) -> list[list[Delivery]]:
        """What nobody has begun, taken from the desk."""
        with self._lock:
            left = list(self._batches)
            self._batches.clear()
            self._busy -= Counter(batch[0].channel_id for batch in left)
            return left

    def _wake(self, number: int) -> None:
        """The last who fell asleep first: its connection is the freshest."""
        for _ in range(min(number, len(self._sleepers))):
            self._sleepers.pop().set()
