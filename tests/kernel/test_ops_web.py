"""What watches over an installation: readiness, figures, request ids, error reports, files on S3."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import sentry_sdk
import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.test import Client, RequestFactory
from django.utils.functional import empty

from folkmoot import environment
from folkmoot.kernel import logs
from folkmoot.kernel.ops import media, redact, sentry, views
from folkmoot.kernel.ops.archive import Backup
from folkmoot.kernel.ops.backup import take
from folkmoot.kernel.ops.middleware import Requests
from tests.kernel.houses import Houses

#: Far from where they are used, since a report shows the lines around an error.
HELD, WHO, TAG = "hunter2hunter2", "ana@example.org", "tok-123456"


def test_ready(as_nobody: Client) -> None:
    answer = as_nobody.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ok", "database": "ok", "queue": "ok", "oldest_due_delivery_seconds": 0},
    )


def test_not_ready_before_the_tables_are_there(houses: Houses, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "_up_to_date", False)
    with houses.new(migrated=False).inside():
        answer = views.readyz(RequestFactory().get("/readyz"))
    assert (answer.status_code, json.loads(answer.content)["database"]) == (503, "behind")


def test_not_ready_without_redis(as_nobody: Client, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = as_nobody.get("/readyz")
    assert (answer.status_code, answer.json()["queue"]) == (503, "failing")


# --- figures


def test_figures_for_this_machine(as_nobody: Client) -> None:
    as_nobody.get("/people/")
    answer = as_nobody.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    text = answer.content.decode()
    for line in ('folkmoot_info{version="', 'folkmoot_jobs{state="failed"} 0.0', "folkmoot_jobs_due 0.0"):
        assert line in text
    assert 'folkmoot_requests_total{method="GET",route="people/",status="302"}' in text
    size = next(line for line in text.splitlines() if line.startswith("folkmoot_database_bytes "))
    assert float(size.split()[1]) > 100_000


@pytest.mark.parametrize(
    "headers",
    [
        {"REMOTE_ADDR": "203.0.113.5"},
        {"HTTP_X_FORWARDED_FOR": "203.0.113.5"},
        {"HTTP_X_REAL_IP": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"REMOTE_ADDR": ""},
        {"HTTP_AUTHORIZATION": "Bearer wrong"},
        {"HTTP_AUTHORIZATION": "Bearer "},
        {"REMOTE_ADDR": "203.0.113.5", "HTTP_AUTHORIZATION": "Basic the-token"},
    ],
)
def test_figures_for_nobody_else(as_alice: Client, settings: Any, headers: dict[str, str]) -> None:
    settings.METRICS_TOKEN = "the-token"
    assert as_alice.get("/metrics", **headers).status_code == 403  # type: ignore[arg-type]


def test_figures_for_whoever_has_the_token(as_nobody: Client, settings: Any) -> None:
    sent = {
        "REMOTE_ADDR": "203.0.113.5",
        "HTTP_AUTHORIZATION": "Bearer the-token",
        "HTTP_X_FORWARDED_FOR": "x",
    }
    assert as_nobody.get("/metrics", **sent).status_code == 403  # type: ignore[arg-type]
    settings.METRICS_TOKEN = "the-token"
    assert as_nobody.get("/metrics", **sent).status_code == 200  # type: ignore[arg-type]


# --- requests in the log


@pytest.fixture
def logged() -> Iterator[StringIO]:
    before, stream = structlog.get_config(), StringIO()
    logs.configure("json")
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield stream
    structlog.configure(**before)
    logs.configure(environment.setting("FOLKMOOT_LOG_FORMAT"), quiet=True)


def test_each_request_has_an_id_and_a_line_without_the_address(as_alice: Client, logged: StringIO) -> None:
    answer = as_alice.get("/search/?q=somebody-s-name", HTTP_X_REQUEST_ID="from-the-proxy-1")
    assert answer.headers["X-Request-ID"] == "from-the-proxy-1"
    line = next(
        each for each in map(json.loads, logged.getvalue().splitlines()) if each["event"] == "request"
    )
    assert (line["request_id"], line["method"], line["route"]) == ("from-the-proxy-1", "GET", "search/")
    assert line["status"] == 200
    assert line["user"] is not None
    assert "somebody" not in logged.getvalue()


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "line\nbreak-in-it", "<script>alert(1)</script>"])
def test_an_id_that_is_none_is_replaced(given: str) -> None:
    seen = []

    def view(request: Any) -> Any:
        from django.http import HttpResponse

        seen.append(structlog.contextvars.get_contextvars()["request_id"])
        return HttpResponse()

    answer = Requests(view)(RequestFactory().get("/", headers={"X-Request-ID": given}))
    assert answer.headers["X-Request-ID"] == seen[0] != given
    assert len(seen[0]) == 32
    assert "request_id" not in structlog.contextvars.get_contextvars()


# --- error reports


def test_a_report_holds_no_secret_and_no_person(rf: RequestFactory) -> None:
    redact.hide(["S3cr3t-Val-Sentry"])
    sent: list[Any] = []

    class Transport(sentry_sdk.Transport):
        def capture_envelope(self, envelope: Any) -> None:
            sent.append(envelope)

    before = sentry_sdk.get_global_scope().client
    sentry.start("https://public@127.0.0.1/1", transport=Transport, default_integrations=False)
    try:
        try:
            raise RuntimeError(f"postgres://me:{HELD}@db/x S3cr3t-Val-Sentry")
        except RuntimeError as error:
            sentry_sdk.set_user({"id": 7, "email": WHO})
            sentry_sdk.set_tag("token", TAG)
            sentry_sdk.capture_exception(error)
        sentry_sdk.flush()
    finally:
        sentry_sdk.get_client().close()
        sentry_sdk.get_global_scope().set_client(before)
        sentry_sdk.set_user(None)
    text = "".join(envelope.serialize().decode() for envelope in sent)
    assert "RuntimeError" in text
    for value in (HELD, "S3cr3t-Val-Sentry", WHO, TAG):
        assert value not in text


def test_the_request_in_a_report_is_bare() -> None:
    event: Any = {
        "request": {
            "url": "https://moot.example.org/x?token=abcdefghijk",
            "method": "POST",
            "headers": {"Cookie": "sessionid=1", "Authorization": "Bearer abcdefghijk", "Accept": "*/*"},
            "cookies": {"sessionid": "1"},
            "data": {"name": "Ana"},
            "query_string": "name=Ana",
            "env": {"REMOTE_ADDR": "203.0.113.5"},
        },
        "user": {"id": 1},
    }
    assert sentry.scrubbed(event, {}) == {
        "request": {
            "url": f"https://moot.example.org/x?token={redact.HIDDEN}",
            "method": "POST",
            "headers": {"Cookie": redact.HIDDEN, "Authorization": redact.HIDDEN, "Accept": "*/*"},
        }
    }


# --- files on S3


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket on this machine, as the storage of the installation."""
    import boto3
    from moto.server import ThreadedMotoServer

    for name in (
        "AWS_PROFILE",
        "AWS_SESSION_TOKEN",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "http_proxy",
        "https_proxy",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(logging.getLogger("werkzeug"), "disabled", True)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    access = {"aws_access_key_id": "key", "aws_secret_access_key": "s/cret", "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=endpoint, **access)
    client.create_bucket(Bucket="moot-files")
    yield f"s3://key:s%2Fcret@moot-files/house?endpoint={endpoint}&region=us-east-1"
    client.close()
    server.stop()


@pytest.fixture
def on_s3(bucket: str) -> Iterator[None]:
    storage = storages.create_storage(environment.storage(bucket))
    before = default_storage._wrapped
    default_storage._wrapped = storage
    yield
    storage.connection.meta.client.close()
    default_storage._wrapped = before if before is not None else empty


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
def test_files_on_s3_go_into_a_backup_and_come_back(db: None, on_s3: None, tmp_path: Any) -> None:
    name = default_storage.save("logos/é moot.png", ContentFile(b"\x89PNG" * 5000))
    default_storage.save("empty.txt", ContentFile(b""))
    assert name == "logos/é moot.png"
    assert "Signature" in default_storage.url(name)
    assert list(media.names()) == ["empty.txt", "logos/é moot.png"]
    assert take(tmp_path / "it.backup", None).files == 2
    for each in list(media.names()):
        default_storage.delete(each)
    default_storage.save("later.txt", ContentFile(b"later"))
    placement = media.Placement(tmp_path / "waiting")
    for member, content in Backup(tmp_path / "it.backup", None).others():
        placement.take(member.removeprefix("media/"), content)
    assert placement.place() == 2
    assert list(media.names()) == ["empty.txt", "logos/é moot.png"]
    with default_storage.open(name) as file:
        assert file.read() == b"\x89PNG" * 5000
    placement.undo()
    assert list(media.names()) == ["later.txt"]
    with default_storage.open("later.txt") as file:
        assert file.read() == b"later"


@pytest.mark.parametrize("url", ["ftp://x/y", "s3://", "s3:///folder", "bucket"])
def test_a_storage_address_that_is_none(url: str) -> None:
    with pytest.raises(ValueError, match="s3://key:secret@bucket"):
        environment.storage(url)
