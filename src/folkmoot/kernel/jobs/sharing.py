"""Connections to PostgreSQL that the threads of a worker share, since most of them wait for somebody else.

A thread that sends needs one for some milliseconds and then waits for a platform. With one for each of them a burst
begins with opening dozens, each of which PostgreSQL serves by a process of its own that learns the tables anew.
"""

from __future__ import annotations

from typing import Any, cast

from django.db import connection, connections

#: Connections beside those of jobs: as many threads as are at work in the database at the same moment.
SHARED = 8
#: So long somebody waits for one, and so long one that nobody needs stays open. In seconds.
PATIENCE, IDLE = 60.0, 60.0


def share_connections(*, threads: int) -> None:
    """Let the threads of this process share connections. Called before it opens one; on SQLite nothing changes.

    Args:
        threads: how many run jobs; each may hold a connection as long as its job takes, and renew its lease by another.
    """
    wrapper = connections["default"]
    if wrapper.vendor != "postgresql":
        return
    wrapper.close()
    asked = connections.settings["default"]
    pool = {"min_size": 1, "max_size": 2 * threads + SHARED, "timeout": PATIENCE, "max_idle": IDLE}
    asked["CONN_MAX_AGE"] = 0  # closing gives it back
    asked["OPTIONS"] = {**asked["OPTIONS"], "pool": pool}
    wrapper.settings_dict = asked


def give_back() -> None:
    """Give the thread's connection to whoever needs it, before a wait; where connections are not shared it is kept."""
    if connection.settings_dict["OPTIONS"].get("pool") and not connection.in_atomic_block:
        connection.close()


def end() -> None:
    """Close what is shared, at the end of the process."""
    wrapper = cast(Any, connections["default"])
    if wrapper.settings_dict["OPTIONS"].get("pool"):
        wrapper.close()
        wrapper.close_pool()
