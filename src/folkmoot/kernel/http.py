"""The one way out to the web: every request to an outside system goes through :class:`Client`.

A request ends in one of three ways, which callers must tell apart: an :class:`Answer`; :class:`NotSent`, when it is
certain that the other side got nothing; :class:`OutcomeUnknown`, when it may have acted on it although no answer
arrived, so that it has to be asked before anything is sent again.

Addresses come from people, so they are checked: only http and https, the usual ports, and no host that resolves to a
private, loopback or otherwise special address. The check is made on the very address that is connected to, for each
redirect anew. ``FOLKMOOT_HTTP_ALLOW`` names exceptions.
"""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import json
import random
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any

import httpcore
import httpx
from django.conf import settings

from folkmoot import __version__
from folkmoot.kernel import clock
from folkmoot.kernel.ops import redact

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: Ports that a public address may be asked on.
PORTS = frozenset({80, 443, 8080, 8443})
#: Methods that may be sent twice without harm (RFC 9110, section 9.2.2), apart from PUT and DELETE, whose answer
#: to the second time may differ.
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: NAT64 (RFC 6052, RFC 8215) and 6to4 (RFC 3056): IPv6 addresses with an IPv4 address inside.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.IPv6Network("64:ff9b:1::/48")
#: Shared, protocol and relay addresses (RFC 6598, 6890, 7526), whatever this Python's tables say of them.
_SPECIAL = tuple(map(ipaddress.IPv4Network, ("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24")))


class HttpProblem(Exception):
    """A request that got no usable answer; the text says why, without secrets."""

    def __init__(self, method: str, url: str, why: str) -> None:
        super().__init__(f"{method} {redact.text(url)}: {why}")
        self.method, self.url, self.why = method, url, why


class NotSent(HttpProblem):
    """Nothing reached the other side: it is safe to send again."""


class Refused(NotSent):
    """The address may not be asked: its scheme, port or host is not allowed. Trying again will not help."""


class OutcomeUnknown(HttpProblem):
    """It was sent, or may have been, and no complete answer came: the other side may have acted on it."""


class TooLarge(OutcomeUnknown):
    """The answer is larger than allowed; it was not read to its end."""


class Verdict(Enum):
    """What an answer means for the thing that was asked."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Answer:
    """What the other side said. ``url`` is where it came from, after redirects."""

    status: int
    headers: httpx.Headers
    content: bytes
    url: str
    method: str

    @property
    def verdict(self) -> Verdict:
        """2xx is yes, 4xx no; 408 and 5xx leave it open, since the request may have been acted on behind a proxy."""
        if 200 <= self.status < 300:
            return Verdict.YES
        if self.status == 408 or (self.status >= 500 and self.status not in (501, 505)):
            return Verdict.UNKNOWN
        return Verdict.NO

    @property
    def text(self) -> str:
        """The body as text, in the charset that it declares, else UTF-8; what cannot be read is replaced."""
        kind = self.headers.get("content-type", "")
        charset = kind.partition("charset=")[2].split(";")[0].strip("\"' ") or "utf-8"
        try:
            return self.content.decode(charset, "replace")
        except LookupError:
            return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            OutcomeUnknown: it is none.
        """
        try:
            return json.loads(self.content)
        except ValueError:
            raise OutcomeUnknown(
                self.method, self.url, f"answered {self.status} with a body that is no JSON"
            ) from None

    def retry_after(self) -> float | None:
        """How many seconds the other side asks to wait, if it does (seconds or a date)."""
        value = self.headers.get("retry-after", "").strip()
        if value.isdigit():
            return float(value)
        with contextlib.suppress(ValueError, TypeError):
            return max(0.0, (parsedate_to_datetime(value) - clock.now()).total_seconds())
        return None


@dataclass(frozen=True)
class Limits:
    """What one request may take: seconds, bytes, times.

    Attributes:
        connect: to resolve the name and connect, each.
        read: of silence while an answer is awaited or read.
        write: of silence while the request is sent.
        total: for one try in all, so that a host which sends a byte now and then holds nobody up.
        size: of the answer's body, unpacked.
        tries: for requests that may be sent twice.
        redirects: followed at most, for GET and HEAD only.
    """

    connect: float = 5.0
    read: float = 20.0
    write: float = 20.0
    total: float = 60.0
    size: int = 20 * 1024 * 1024
    tries: int = 3
    redirects: int = 5


# --- which addresses may be asked


def is_public(address: Address) -> bool:
    """Whether it is an ordinary address of the internet, with nothing special inside."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped or address.sixtofour or address.teredo or address in _NAT64_LOCAL:
            return False
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    elif any(address in network for network in _SPECIAL):
        return False
    special = (
        address.is_private,
        address.is_loopback,
        address.is_link_local,
        address.is_multicast,
        address.is_reserved,
        address.is_unspecified,
        getattr(address, "is_site_local", False),
    )
    return address.is_global and not any(special)


@dataclass(frozen=True)
class Allowed:
    """An exception from the guard: a host by name, or a network; on one port, or on any."""

    host: str = ""
    network: Network | None = None
    port: int | None = None

    @classmethod
    def parse(cls, entry: str) -> Allowed:
        """From ``host``, ``host:port``, ``10.0.0.0/8``, ``[::1]:8080``.

        Raises:
            ValueError: it is none of these.
        """
        host, port = entry.strip().lower(), None
        if host.startswith("["):
            host, closed, rest = host[1:].partition("]")
            if not closed:
                raise ValueError(f"{entry!r} lacks its closing bracket")
            port = int(rest.removeprefix(":")) if rest else None
        elif host.count(":") == 1:
            host, _, number = host.partition(":")
            port = int(number)
        try:
            return cls(network=ipaddress.ip_network(host, strict=False), port=port)
        except ValueError:
            if not host or "/" in host or ":" in host:
                raise ValueError(f"{entry!r} is no host, address or network") from None
            return cls(host=host, port=port)


class Guard:
    """Decides whether a host may be connected to, and on which of its addresses."""

    def __init__(self, allow: Iterable[str] = ()) -> None:
        self._allowed = [Allowed.parse(entry) for entry in allow]

    def addresses(self, host: str, port: int) -> list[Address]:
        """The addresses of a host that may be connected to, in the resolver's order.

        Raises:
            httpcore.ConnectError: the name does not resolve.
            Forbidden: the port, or one of its addresses, is not allowed. One bad address refuses the host as a whole.
        """
        host = host.rstrip(".").lower()
        by_name = any(each.host == host and each.port in (None, port) for each in self._allowed)
        found = _resolve(host, port)
        if by_name:
            return found
        for address in found:
            if self._named(address, port):
                continue
            if not is_public(address):
                raise Forbidden(f"{host} is at {address}, which is not a public address")
            if port not in PORTS:
                raise Forbidden(f"port {port} is not one that may be asked")
        return found

    def _named(self, address: Address, port: int) -> bool:
        return any(
            each.network is not None
            and each.port in (None, port)
            and address.version == each.network.version
            and address in each.network
            for each in self._allowed
        )


class Forbidden(Exception):
    """The guard's refusal; its text says why."""


def _resolve(host: str, port: int) -> list[Address]:
    with contextlib.suppress(ValueError):
        return [ipaddress.ip_address(host.strip("[]"))]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"the name {host} cannot be resolved ({error})") from None
    unique: dict[Address, None] = {}
    for _, _, _, _, target in found:
        unique[ipaddress.ip_address(str(target[0]).partition("%")[0])] = None
    return list(unique)


# --- the network beneath

#: When the present try has to be over (``time.monotonic``).
_deadline: ContextVar[float | None] = ContextVar("http_deadline", default=None)


def _left(timeout: float | None, error: type[Exception]) -> float | None:
    end = _deadline.get()
    if end is None:
        return timeout
    left = end - time.monotonic()
    if left <= 0:
        raise error("it took too long in all")
    return left if timeout is None else min(left, timeout)


class _Stream(httpcore.NetworkStream):
    """A connection whose every step also keeps to the deadline of the whole."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Network(httpcore.NetworkBackend):
    """Connects to addresses that the guard has looked at, and to nothing else."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        last: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in self._guard.addresses(host, port):
            left = _left(timeout, httpcore.ConnectTimeout)
            try:
                # The address itself: the name is not resolved a second time.
                return _Stream(
                    self._sockets.connect_tcp(str(address), port, left, local_address, socket_options)
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Whom we trust; reading them takes longer than many a request, so it is done once in a process."""
    return httpx.create_ssl_context(trust_env=False)


class GuardedTransport(httpx.BaseTransport):
    """httpx over a connection pool that goes through the guard. Proxies of the environment are not used."""

    def __init__(self, guard: Guard, *, verify: ssl.SSLContext | None = None) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=verify or _certificates(),
            max_connections=50,
            max_keepalive_connections=10,
            keepalive_expiry=5.0,
            network_backend=_Network(guard),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        response = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            status_code=response.status,
            headers=response.headers,
            stream=_Body(response),
            extensions=response.extensions,
        )

    def close(self) -> None:
        self._pool.close()


_NOTHING_SENT = (
    httpcore.ConnectError,
    httpcore.ConnectTimeout,
    httpcore.PoolTimeout,
    httpcore.LocalProtocolError,
    httpcore.UnsupportedProtocol,
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.LocalProtocolError,
    httpx.UnsupportedProtocol,
)
_CUT = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpx.TransportError,
    httpx.DecodingError,
)


@dataclass
class Client:
    """Sends requests. One for each outside system, kept as long as that is talked to; use it in a ``with``.

    Attributes:
        base_url: put before addresses that begin with ``/``.
        headers: sent with every request to the host of ``base_url`` (or, without one, to the host first asked).
        allow: exceptions from the guard; those of the settings when absent.
        transport: the network's edge, for tests of protocols.
        pause: waits between tries.
    """

    base_url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    allow: Sequence[str] | None = None
    transport: httpx.BaseTransport | None = None
    pause: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        guard = Guard(settings.HTTP_ALLOW if self.allow is None else self.allow)
        limits = self.limits
        self._client = httpx.Client(
            transport=self.transport or GuardedTransport(guard),
            timeout=httpx.Timeout(
                limits.read, connect=limits.connect, write=limits.write, pool=limits.connect
            ),
            follow_redirects=False,
            trust_env=False,
            headers={"user-agent": f"Folkmoot/{__version__} (+{settings.BASE_URL})"},
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(self, url: str, **options: Any) -> Answer:
        """GET; options as for :meth:`request`."""
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> Answer:
        """POST, sent once; options as for :meth:`request`."""
        return self.request("POST", url, **options)

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        data: Mapping[str, Any] | None = None,
        files: Any = None,
        content: bytes | None = None,
    ) -> Answer:
        """Send a request and read the answer, whatever its status.

        What is safe to repeat is: a request that never left, and GET, HEAD and OPTIONS after a broken answer or 429,
        502, 503, 504. Redirects are followed for GET and HEAD; what is in ``headers`` goes to the first host only.

        Raises:
            Refused: the address may not be asked.
            NotSent: the other side cannot be reached; nothing was sent.
            OutcomeUnknown: it was sent and no complete answer came.
            TooLarge: the answer is larger than the limit.
        """
        method = method.upper()
        url = self.base_url.rstrip("/") + url if url.startswith("/") else url
        try:
            httpx.URL(url)
        except (httpx.InvalidURL, ValueError):
            raise Refused(method, url, "this is no web address") from None
        request = self._client.build_request(
            method,
            url,
            params=params,
            headers={**self.headers, **(headers or {})},
            json=json,
            data=data,
            files=files,
            content=content,
        )
        if self.base_url and not _same_host(request.url, httpx.URL(self.base_url)):
            for name in self.headers:
                if name.lower() not in {each.lower() for each in headers or ()}:
                    request.headers.pop(name, None)
        private = {*map(str.lower, self.headers), *map(str.lower, headers or ()), "authorization", "cookie"}
        for _ in range(self.limits.redirects + 1):
            answer = self._tried(request)
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not target or method not in ("GET", "HEAD"):
                return answer
            try:
                following = request.url.join(target)
            except (httpx.InvalidURL, ValueError):
                raise Refused(method, str(request.url), "it redirects to an address that is none") from None
            kept = dict(request.headers)
            if not _same_host(following, request.url):
                kept = {name: value for name, value in kept.items() if name.lower() not in private}
            kept.pop("host", None)
            request = self._client.build_request(method, following, headers=kept)
        raise OutcomeUnknown(
            method, str(request.url), f"it redirects more than {self.limits.redirects} times"
        )

    def _tried(self, request: httpx.Request) -> Answer:
        safe = request.method in SAFE
        for number in range(1, self.limits.tries + 1):
            last = number == self.limits.tries
            wait = 0.5 * 2 ** (number - 1) * random.uniform(0.5, 1.5)  # noqa: S311 - only spreads the tries
            try:
                answer = self._once(request)
            except Refused:
                raise
            except NotSent:
                if last:
                    raise
            except TooLarge:
                raise
            except OutcomeUnknown:
                if last or not safe:
                    raise
            else:
                if last or not safe or answer.status not in (429, 502, 503, 504):
                    return answer
                asked = answer.retry_after()
                if asked is not None and asked > 10:
                    return answer  # the caller knows better what to do meanwhile
                wait = max(wait, asked or 0)
            self.pause(wait)
        raise AssertionError("the last try returns or raises")

    def _once(self, request: httpx.Request) -> Answer:
        method, url = request.method, str(request.url)
        if request.url.scheme not in ("http", "https") or not request.url.host:
            raise Refused(method, url, "only http:// and https:// addresses can be asked")
        token = _deadline.set(time.monotonic() + self.limits.total)
        try:
            response = self._client.send(request, stream=True)
            with contextlib.closing(response):
                content = self._read(response, method, url)
                return Answer(response.status_code, response.headers, content, url, method)
        except Forbidden as refusal:
            raise Refused(method, url, str(refusal)) from None
        except _NOTHING_SENT as error:
            raise NotSent(method, url, _why(error, "cannot be reached")) from error
        except _CUT as error:
            raise OutcomeUnknown(method, url, _why(error, "no complete answer came")) from error
        finally:
            _deadline.reset(token)

    def _read(self, response: httpx.Response, method: str, url: str) -> bytes:
        size = self.limits.size
        stated = response.headers.get("content-length", "")
        if stated.isdigit() and int(stated) > size and method != "HEAD":
            raise TooLarge(method, url, f"the answer is {int(stated):,} bytes, and {size:,} are the limit")
        content = bytearray()
        for piece in response.iter_bytes(64 * 1024):
            content += piece
            if len(content) > size:
                raise TooLarge(method, url, f"the answer is larger than {size:,} bytes, the limit")
        return bytes(content)


def _same_host(one: httpx.URL, other: httpx.URL) -> bool:
    """Whether ``one`` is where ``other`` is: the same scheme, host and port, or its https instead of http."""
    if one.host != other.host:
        return False
    if one.scheme == other.scheme:
        return _port(one) == _port(other)
    return (other.scheme, _port(other), one.scheme, _port(one)) == ("http", 80, "https", 443)


def _port(url: httpx.URL) -> int | None:
    return url.port or {"http": 80, "https": 443}.get(url.scheme)


def _why(error: Exception, otherwise: str) -> str:
    return redact.text(str(error)) or f"{otherwise} ({type(error).__name__})"


_shared: dict[str, Client] = {}
_lock = threading.Lock()


def client() -> Client:
    """A client for requests here and there, shared by the whole process."""
    with _lock:
        if "client" not in _shared:
            _shared["client"] = Client()
        return _shared["client"]
