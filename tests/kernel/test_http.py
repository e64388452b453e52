"""The way out to the web, against real servers on this machine that behave badly in every way."""

from __future__ import annotations

import contextlib
import gzip
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from folkmoot.kernel import http
from folkmoot.kernel.http import (
    Allowed,
    Client,
    Guard,
    Limits,
    NotSent,
    OutcomeUnknown,
    Refused,
    TooLarge,
    Verdict,
)

QUICK = Limits(connect=0.5, read=0.5, write=0.5, total=1.5, size=100_000)


class Server:
    """What was asked, and answers by path."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                server.asked.append(
                    (self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                )
                server.answers[self.path.partition("?")[0]](self)

            do_GET = do_POST = do_HEAD = do_PUT = answer  # noqa: N815 - the names that http.server calls

            def log_message(self, *args: Any) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass

        self.httpd = Quiet(("127.0.0.1", 0), Handler)
        self.port = self.httpd.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.httpd.serve_forever, args=(0.01,), daemon=True).start()

    def says(self, path: str, status: int = 200, body: bytes = b"ok", **headers: str) -> None:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            if handler.command != "HEAD":
                handler.wfile.write(body)

        self.answers[path] = answer

    def does(self, path: str, *pieces: bytes | float) -> None:
        """Sends pieces and waits between them, then closes."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            for piece in pieces:
                if isinstance(piece, bytes):
                    handler.wfile.write(piece)
                    handler.wfile.flush()
                else:
                    time.sleep(piece)
            handler.close_connection = True

        self.answers[path] = answer

    def close(self) -> None:
        self.httpd.shutdown()
        self.httpd.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def other() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@contextlib.contextmanager
def asking(*allowed: str, limits: Limits = QUICK, **options: Any) -> Iterator[tuple[Client, list[float]]]:
    waits: list[float] = []
    with Client(limits=limits, allow=allowed, pause=waits.append, **options) as client:
        yield client, waits


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- ordinary answers


def test_an_answer(server: Server) -> None:
    server.says("/a", 200, '{"name": "Ä"}'.encode(), Content_Type="application/json")
    with asking("127.0.0.1", base_url=server.url, headers={"Authorization": "Bearer x"}) as (client, _):
        answer = client.get("/a", params={"q": "ü"})
        assert (answer.status, answer.json(), answer.verdict) == (200, {"name": "Ä"}, Verdict.YES)
        assert answer.url == f"{server.url}/a?q=%C3%BC"
        client.post("/a", json={"x": 1})
        client.post("/a", data={"x": "1"})
    (_, _, headers, _), (method, _, _, body), (_, _, _, form) = server.asked
    assert headers["authorization"] == "Bearer x"
    assert headers["user-agent"].startswith("Folkmoot/")
    assert (method, body, form) == ("POST", b'{"x":1}', b"x=1")


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        *((200, Verdict.YES), (204, Verdict.YES), (400, Verdict.NO), (401, Verdict.NO), (404, Verdict.NO)),
        *((409, Verdict.NO), (422, Verdict.NO), (429, Verdict.NO), (501, Verdict.NO), (408, Verdict.UNKNOWN)),
        *((500, Verdict.UNKNOWN), (502, Verdict.UNKNOWN), (503, Verdict.UNKNOWN), (504, Verdict.UNKNOWN)),
    ],
)
def test_verdicts(server: Server, status: int, verdict: Verdict) -> None:
    server.says("/", status, b"")
    with asking("127.0.0.1") as (client, waits):
        assert client.post(f"{server.url}/").verdict is verdict
    assert len(server.asked) == 1
    assert waits == []


def test_text_and_what_is_no_json(server: Server) -> None:
    server.says("/latin", body="Übung".encode("latin-1"), Content_Type="text/html; charset=ISO-8859-1; x=y")
    server.says("/odd", body=b"\xff\xfe!", Content_Type="text/html; charset=klingon")
    server.says("/html", body=b"<html>")
    with asking("127.0.0.1") as (client, _):
        assert client.get(f"{server.url}/latin").text == "Übung"
        assert client.get(f"{server.url}/odd").text == "��!"
        with pytest.raises(OutcomeUnknown, match="answered 200 with a body that is no JSON"):
            client.get(f"{server.url}/html").json()


# --- a definite no, and an unknown


def test_nobody_listens_nothing_was_sent() -> None:
    with asking("127.0.0.1") as (client, waits), pytest.raises(NotSent):
        client.post(f"http://127.0.0.1:{unused_port()}/", json={"pay": 1})
    assert len(waits) == 2  # tried three times: it is certain that nothing was sent
    assert waits[1] > waits[0] * 0.5


def test_no_such_name() -> None:
    with asking() as (client, _), pytest.raises(NotSent, match=r"nowhere\.invalid cannot be resolved"):
        client.get("http://nowhere.invalid/")


def test_tls_that_is_none_is_known_before_anything_is_sent(server: Server) -> None:
    with asking("127.0.0.1") as (client, _), pytest.raises(NotSent):
        client.post(f"https://127.0.0.1:{server.port}/", json={})
    assert server.asked == []


def test_silence_after_sending_is_unknown_and_not_repeated(server: Server) -> None:
    server.does("/slow", 1.0)
    with asking("127.0.0.1") as (client, waits), pytest.raises(OutcomeUnknown):
        client.post(f"{server.url}/slow", json={"pay": 1})
    assert (len(server.asked), waits) == (1, [])


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (b"HTTP/1.1 200 OK\r\nContent-",),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this",),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",),
        (b"\x00\x01\x02 nonsense\r\n\r\n",),
    ],
)
def test_a_cut_or_broken_answer_is_unknown(server: Server, pieces: tuple[bytes, ...]) -> None:
    server.does("/", *pieces)
    with asking("127.0.0.1") as (client, waits):
        with pytest.raises(OutcomeUnknown):
            client.post(f"{server.url}/", json={})
        assert (len(server.asked), waits) == (1, [])
        with pytest.raises(OutcomeUnknown):
            client.get(f"{server.url}/")
    assert len(server.asked) == 4  # what is safe was tried three times


def test_chunks_arrive_whole(server: Server) -> None:
    server.does(
        "/",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        0.1,
        b"1\r\n!\r\n0\r\n\r\n",
    )
    with asking("127.0.0.1") as (client, _):
        assert client.get(f"{server.url}/").content == b"hello!"


def test_a_byte_now_and_then_holds_nobody_up(server: Server) -> None:
    """Each byte comes in time; all of it would not."""
    server.does("/head", *[b"H", 0.2] * 40)
    server.does("/body", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", *[b"x", 0.2] * 40)
    once = Limits(connect=0.5, read=0.5, write=0.5, total=1.0, tries=1)
    with asking("127.0.0.1", limits=once) as (client, _):
        for path in ("/head", "/body"):
            started = time.monotonic()
            with pytest.raises(OutcomeUnknown):
                client.get(server.url + path)
            assert time.monotonic() - started < 2


# --- size


def test_too_large(server: Server) -> None:
    server.says("/stated", body=b"x" * 100_001)
    server.does("/unstated", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", *[b"x" * 50_000] * 3)
    server.says("/packed", body=gzip.compress(b"x" * 10_000_000), Content_Encoding="gzip")
    server.says("/fits", body=b"x" * 100_000)
    with asking("127.0.0.1") as (client, waits):
        for path in ("/stated", "/unstated", "/packed"):
            with pytest.raises(TooLarge, match="100,000"):
                client.get(server.url + path)
        assert len(client.get(f"{server.url}/fits").content) == 100_000
        assert client.request("HEAD", f"{server.url}/stated").status == 200
    assert waits == []


# --- repeating


def test_only_what_is_safe_is_repeated(server: Server) -> None:
    server.says("/", 503, b"")
    with asking("127.0.0.1") as (client, waits):
        assert client.get(f"{server.url}/").status == 503
        assert (len(server.asked), len(waits)) == (3, 2)
        assert client.post(f"{server.url}/").status == 503
        assert client.request("PUT", f"{server.url}/").status == 503
    assert len(server.asked) == 5


def test_it_waits_as_it_is_asked_to(server: Server) -> None:
    server.says("/soon", 429, b"", Retry_After="4")
    server.says("/later", 429, b"", Retry_After="3600")
    server.says("/never", 429, b"", Retry_After="whenever")
    with asking("127.0.0.1") as (client, waits):
        client.get(f"{server.url}/soon")
        assert waits == [4.0, 4.0]
        answer = client.get(f"{server.url}/later")
        assert (answer.retry_after(), len(waits)) == (3600.0, 2)
        assert client.get(f"{server.url}/never").retry_after() is None


# --- redirects


def test_redirects_are_followed_and_secrets_stay(server: Server, other: Server) -> None:
    server.says("/here", 302, b"", Location="/there")
    server.says("/there", 307, b"", Location=f"{other.url}/end")
    other.says("/end", body=b"arrived")
    with asking("127.0.0.1", base_url=server.url, headers={"X-Api-Key": "s"}) as (client, _):
        answer = client.get("/here", headers={"Authorization": "Bearer t", "Cookie": "c=1"})
    assert (answer.content, answer.url) == (b"arrived", f"{other.url}/end")
    assert [asked[2].get("authorization") for asked in server.asked] == ["Bearer t", "Bearer t"]
    assert not {"authorization", "cookie", "x-api-key"} & set(other.asked[0][2])


def test_a_whole_address_elsewhere_does_not_get_the_headers_of_the_base(
    server: Server, other: Server
) -> None:
    other.says("/", body=b"")
    with asking("127.0.0.1", base_url=server.url, headers={"Authorization": "Bearer t"}) as (client, _):
        client.get(f"{other.url}/")
        client.get(f"{other.url}/", headers={"authorization": "Bearer own"})
    assert [asked[2].get("authorization") for asked in other.asked] == [None, "Bearer own"]


def test_a_post_is_not_redirected(server: Server) -> None:
    server.says("/", 302, b"", Location="/elsewhere")
    with asking("127.0.0.1") as (client, _):
        assert client.post(f"{server.url}/").status == 302
    assert len(server.asked) == 1


def test_round_and_round(server: Server) -> None:
    server.says("/", 302, b"", Location="/")
    with (
        asking("127.0.0.1") as (client, _),
        pytest.raises(OutcomeUnknown, match="redirects more than 5 times"),
    ):
        client.get(f"{server.url}/")
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("http://169.254.169.254/latest/meta-data/", "169.254.169.254, which is not a public address"),
        ("http://127.0.0.1:22/", "127.0.0.1, which is not a public address"),
        ("http://[::ffff:10.0.0.1]/", "not a public address"),
        ("http://localhost/", "not a public address"),
        ("//10.0.0.1/", "10.0.0.1, which is not a public address"),
        ("file:///etc/passwd", "only http:// and https://"),
        ("gopher://example.org/", "only http:// and https://"),
    ],
)
def test_each_redirect_is_checked(server: Server, target: str, said: str) -> None:
    server.says("/", 302, b"", Location=target)
    with asking(f"127.0.0.1:{server.port}") as (client, _), pytest.raises(Refused, match=said):
        client.get(f"{server.url}/")
    assert len(server.asked) == 1


# --- which addresses may be asked


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
        *(
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
        ),
        *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
        *(
            "::",
            "::1",
            "fe80::1",
            "fe80::1%eth0",
            "fec0::1",
            "fc00::1",
            "fd12:3456::1",
            "ff02::1",
            "2001:db8::1",
        ),
        *(
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "::8.8.8.8",
            "2002:7f00:1::",
            "2002:808:808::",
        ),
        *(
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b:1::808:808",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "100::1",
        ),
    ],
)
def test_not_public(address: str) -> None:
    assert not http.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "64:ff9b::808:808", "172.32.0.1"]
)
def test_public(address: str) -> None:
    assert http.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
        ),
        *(
            "http://localhost/",
            "http://LOCALHOST./",
            "http://[::1]/",
            "http://[::]/",
            "http://0/",
            "http://[fe80::1]/",
        ),
        *("http://user@127.0.0.1/", "http://127.0.0.1:443/", "https://10.0.0.1/"),
    ],
)
def test_addresses_that_mean_this_machine_or_its_neighbours(url: str) -> None:
    with asking() as (client, waits), pytest.raises(Refused):
        client.get(url)
    assert waits == []


@pytest.mark.parametrize(
    "url", ["ftp://example.org/", "file:///etc/passwd", "example.org", "", "http://", "data:,x"]
)
def test_what_is_no_web_address(url: str) -> None:
    with asking() as (client, _), pytest.raises(Refused, match="only http:// and https://"):
        client.get(url)


def test_unusual_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    for port in (22, 25, 5432, 6379, 11211):
        with (
            asking() as (client, _),
            pytest.raises(Refused, match=f"port {port} is not one that may be asked"),
        ):
            client.get(f"http://8.8.8.8:{port}/")


def resolves(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """The system's resolver answers so, one list after the other; returns the names that were asked."""
    asked: list[str] = []
    left = list(answers)

    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *more: Any, **options: Any) -> list[Any]:
        if host[0].isdigit():
            return real(host, port, *more, **options)
        asked.append(host)
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(http.socket, "getaddrinfo", getaddrinfo)
    return asked


def test_a_name_that_leads_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    resolves(monkeypatch, ["10.0.0.5"])
    with asking() as (client, _), pytest.raises(Refused, match=r"innocent\.example\.org is at 10\.0\.0\.5"):
        client.get("https://innocent.example.org/")


def test_one_bad_address_among_good_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    resolves(monkeypatch, ["93.184.216.34", "192.168.0.1"])
    with asking() as (client, _), pytest.raises(Refused, match=r"192\.168\.0\.1"):
        client.get("https://innocent.example.org/")


def test_a_name_is_resolved_once(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    """The second answer of the name server would lead elsewhere: it is never asked for."""
    server.says("/", body=b"right")
    asked = resolves(monkeypatch, ["127.0.0.1"], ["192.0.2.1"])
    with asking(f"127.0.0.1:{server.port}") as (client, _):
        assert client.get(f"http://rebinding.example.org:{server.port}/").content == b"right"
    assert asked == ["rebinding.example.org"]
    assert server.asked[0][2]["host"] == f"rebinding.example.org:{server.port}"


def test_exceptions(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.says("/", body=b"x")
    for entry in ("127.0.0.1", "127.0.0.0/8", f"127.0.0.1:{server.port}", f"127.0.0.0/8:{server.port}"):
        with asking(entry) as (client, _):
            assert client.get(f"{server.url}/").status == 200
    for entry in ("127.0.0.2", "10.0.0.0/8", f"127.0.0.1:{server.port + 1}", "localhost"):
        with asking(entry) as (client, _), pytest.raises(Refused):
            client.get(f"{server.url}/")
    with asking(f"localhost:{server.port}") as (client, _):
        assert client.get(f"http://LocalHost:{server.port}/").status == 200
        with pytest.raises(Refused):
            client.get("http://localhost:6379/")


def test_exceptions_come_from_the_settings(server: Server, settings: Any) -> None:
    server.says("/", body=b"x")
    settings.HTTP_ALLOW = []
    with Client(limits=QUICK) as client, pytest.raises(Refused):
        client.get(f"{server.url}/")
    settings.HTTP_ALLOW = [f"127.0.0.1:{server.port}"]
    with Client(limits=QUICK) as client:
        assert client.get(f"{server.url}/").status == 200


@pytest.mark.parametrize(
    ("entry", "host", "network", "port"),
    [
        ("Mail.Internal", "mail.internal", None, None),
        ("mail.internal:8025", "mail.internal", None, 8025),
        ("10.0.0.0/8", "", "10.0.0.0/8", None),
        ("10.0.0.5:8080", "", "10.0.0.5/32", 8080),
        ("[::1]:8080", "", "::1/128", 8080),
        ("::1", "", "::1/128", None),
    ],
)
def test_how_an_exception_is_written(entry: str, host: str, network: str | None, port: int | None) -> None:
    found = Allowed.parse(entry)
    assert (found.host, found.network and str(found.network), found.port) == (host, network, port)


@pytest.mark.parametrize("entry", ["", "host:port", "10.0.0.0/99", "a/b", "[::1", "http://x"])
def test_an_exception_that_is_none(entry: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Guard([entry])


def test_a_proxy_of_the_environment_is_not_used(
    server: Server, other: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.says("/", body=b"direct")
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, other.url)
    with asking("127.0.0.1") as (client, _):
        assert client.get(f"{server.url}/").content == b"direct"
    assert other.asked == []


# --- other edges


def test_a_transport_of_its_own_for_tests_of_protocols() -> None:
    def platform(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/late":
            raise httpx.ReadTimeout("late")
        if request.url.path == "/shut":
            raise httpx.ConnectError("shut")
        return httpx.Response(200, json={"path": request.url.path})

    with asking(transport=httpx.MockTransport(platform)) as (client, _):
        assert client.get("https://platform.example.org/x").json() == {"path": "/x"}
        with pytest.raises(OutcomeUnknown):
            client.post("https://platform.example.org/late")
        with pytest.raises(NotSent):
            client.post("https://platform.example.org/shut")


def test_no_secret_in_a_message() -> None:
    with asking() as (client, _), pytest.raises(NotSent) as told:
        client.get("http://me:hunter2hunter2@nowhere.invalid/?access_token=abcdefghij&page=2")
    assert "hunter2" not in str(told.value)
    assert "abcdefghij" not in str(told.value)
    assert "page=2" in str(told.value)


def test_the_shared_client() -> None:
    assert http.client() is http.client()
