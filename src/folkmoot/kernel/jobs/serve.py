"""The supervisor behind ``folkmoot serve``: keeps the web and worker processes running, and ends them together."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

import structlog
from django.conf import settings

from folkmoot.kernel.cli import stop
from folkmoot.kernel.jobs.worker import GRACE_SECONDS

log = structlog.get_logger(__name__)

#: Waits before a crashed process is started again, in seconds; the last one stays.
BACK_OFF = (0.5, 1, 2, 5, 10, 30)
#: A process that lived this long, in seconds, has not crashed "again".
STEADY = 30
#: After so many crashes in a row the whole ends, so that whoever runs it (systemd, Docker) sees it.
MOST_CRASHES = 6
#: How long the others wait at most for the first process to answer, in seconds: people wait for pages, not for jobs.
HEAD_START = 10
#: Requests that one web process answers at the same time.
WEB_THREADS = 4


@dataclass
class Service:
    """A process to keep running."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    crashes: int = 0
    again_at: float = field(default=0.0)


def web(host: str, port: int) -> Service:
    """The web server: granian over WSGI, since the views are synchronous; each thread holds its own connection."""
    return Service(
        "web",
        [
            *(sys.executable, "-m", "granian", "folkmoot.asgi:wsgi_application"),
            *("--interface", "wsgi", "--host", host, "--port", str(port)),
            *("--workers", str(settings.WEB_WORKERS), "--blocking-threads", str(WEB_THREADS)),
            *(
                "--no-ws",
                "--respawn-failed-workers",
                "--workers-kill-timeout",
                "15",
                "--log-level",
                "warning",
            ),
        ],
    )


def worker() -> Service:
    """The process that runs jobs."""
    return Service("worker", [sys.executable, "-m", "folkmoot.cli", "worker"])


def need_free(host: str, port: int) -> None:
    """Stop with one sentence unless the port can be listened on."""
    if not 0 < port < 65536:
        stop(f"there is no port {port}: choose one from 1 to 65535, for example --port 8000.")
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        stop(f"there is no address {host!r} here: choose another with --host, for example --host 127.0.0.1.")
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                stop(
                    f"port {port} is in use: end the program that uses it, or choose another with --port {port + 1}."
                )
            if error.errno == errno.EACCES:
                stop(f"port {port} needs more rights than this user has: choose one above 1023 with --port.")
            stop(
                f"{host}:{port} cannot be listened on ({error.strerror}): choose another with --host and --port."
            )


def supervise(
    services: Sequence[Service], *, on_ready: Callable[[], object], probe: tuple[str, int] | None = None
) -> int:
    """Keep the services running until SIGINT or SIGTERM, then end them together.

    Args:
        services: the first one is started at once, the others when ``probe`` answers (at once without a probe).
        on_ready: called once when ``probe`` (host, port) answers.

    Returns:
        0 when it was told to end; 1 when a service crashed too often.
    """
    told: list[int] = []

    def note(signum: int, frame: FrameType | None) -> None:
        told.append(signum)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, note)
    code, ready = 0, probe is None
    try:
        for service in services:
            if ready or service is services[0]:
                _start(service)
            else:
                service.again_at = time.monotonic() + HEAD_START
        while not told:
            if not ready and probe is not None and _answers(*probe):
                ready = True
                for service in services:
                    service.again_at = 0.0
                on_ready()
            if any(_look_after(service) for service in services):
                code = 1
                break
            time.sleep(0.2)
    finally:
        _end(services, told)
    return code


def _start(service: Service) -> None:
    # Its own process group: Ctrl-C in the terminal reaches the supervisor, which ends the others in order.
    service.process = subprocess.Popen(  # noqa: S603 - our own command
        list(service.command), start_new_session=True, preexec_fn=_die_with_parent
    )
    service.started = time.monotonic()


def _die_with_parent() -> None:
    """On Linux a process is told to end when its supervisor was killed; elsewhere it would live on."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGTERM)


def _look_after(service: Service) -> bool:
    """Start a service again when it has ended; ``True`` when it has crashed too often."""
    if service.process is None:
        if time.monotonic() >= service.again_at:
            _start(service)
        return False
    code = service.process.poll()
    if code is None:
        return False
    lived = time.monotonic() - service.started
    service.crashes = 1 if lived > STEADY else service.crashes + 1
    if service.crashes >= MOST_CRASHES:
        log.error("process ended again and again", service=service.name, code=code, times=service.crashes)
        return True
    wait = BACK_OFF[min(service.crashes, len(BACK_OFF)) - 1]
    log.warning("process ended; starting it again", service=service.name, code=code, wait_seconds=wait)
    service.process, service.again_at = None, time.monotonic() + wait
    return False


def _end(services: Sequence[Service], told: list[int]) -> None:
    running = [s.process for s in services if s.process is not None and s.process.poll() is None]
    for process in running:
        process.terminate()
    asked = len(told)
    deadline = time.monotonic() + GRACE_SECONDS + 5
    while any(process.poll() is None for process in running):
        if time.monotonic() > deadline or len(told) > asked:  # a second Ctrl-C: now
            for process in running:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
            break
        time.sleep(0.05)
    for process in running:
        process.wait()


def _answers(host: str, port: int) -> bool:
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - only compared
    try:
        with socket.create_connection((target, port), timeout=0.5):
            return True
    except OSError:
        return False
