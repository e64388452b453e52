"""The files for servers: read by the tools themselves where these are installed, and by plain parsers everywhere."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from folkmoot.environment import ENVIRONMENT

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = {each.name for each in ENVIRONMENT}

# --- Dockerfile

#: Docker's own list: https://docs.docker.com/reference/dockerfile/
INSTRUCTIONS = {
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
}


def instructions() -> list[tuple[str, str]]:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in joined.splitlines())]


def stages() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    name = ""
    for word, rest in instructions():
        if word == "FROM":
            name = rest.partition(" AS ")[2] or "last"
            found[name] = []
        found[name].append((word, rest))
    return found


def test_dockerfile_is_read() -> None:
    assert {word for word, _ in instructions()} <= INSTRUCTIONS
    assert list(stages()) == ["assets", "packages", "last"]
    for word, rest in instructions():
        if word in ("CMD", "ENTRYPOINT", "VOLUME"):
            assert isinstance(yaml.safe_load(rest), list), rest
        if word == "FROM":
            image = rest.split()[0]
            assert ":" in image, "an image without a version"
            assert not image.endswith(":latest")
            assert "." not in image.partition("/")[0].partition(":")[0], "no registry's host"


def test_what_the_image_copies_is_there() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert ignored[0] == "*", "nothing enters an image by accident"
    names = set(stages())
    for word, rest in instructions():
        if word != "COPY":
            continue
        *sources, _ = [part for part in shlex.split(rest) if not part.startswith("--")]
        stage = re.search(r"--from=(\S+)", rest)
        if stage:
            assert stage[1] in names
            continue
        for source in sources:
            assert (ROOT / source).exists(), source
            assert f"!{source}" in ignored or f"!{source}fonts.mjs" in ignored, (
                f"{source} is in .dockerignore"
            )


def test_the_image_runs_without_rights_and_holds_no_tools() -> None:
    last = stages()["last"]
    users = [rest for word, rest in last if word == "USER"]
    assert users == ["folkmoot"]
    assert last.index(("USER", "folkmoot")) > max(
        n for n, (word, _) in enumerate(last) if word in ("RUN", "COPY")
    )
    assert "npm ci" in dict(stages()["assets"])["RUN"]
    assert not any("pip install" in rest or "npm" in rest for word, rest in last if word == "RUN")
    installs = [rest for word, rest in stages()["packages"] if word == "RUN" and "pip install" in rest]
    assert all("--require-hashes" in rest or "--no-deps" in rest for rest in installs)
    assert [word for word, _ in last].count("HEALTHCHECK") == 1


# --- compose.yaml


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    return found


#: Of the Compose specification, what is used here: https://github.com/compose-spec/compose-spec
SERVICE_KEYS = {
    "build",
    "cap_drop",
    "command",
    "depends_on",
    "environment",
    "healthcheck",
    "image",
    "ports",
    "read_only",
    "restart",
    "security_opt",
    "stop_grace_period",
    "tmpfs",
    "volumes",
}


def test_compose_is_read(compose: dict[str, Any]) -> None:
    assert set(compose) == {"name", "x-folkmoot", "services", "volumes"}
    assert list(compose["services"]) == ["web", "worker", "database", "queue"]
    for name, service in compose["services"].items():
        assert set(service) <= SERVICE_KEYS, name
        for other, how in (service.get("depends_on") or {}).items():
            assert how == {"condition": "service_healthy"}
            assert "test" in compose["services"][other]["healthcheck"]
        for volume in service.get("volumes", []):
            assert volume.partition(":")[0] in compose["volumes"]
        assert not service["image"].endswith("latest")
        assert "/" not in service["image"], "no registry's host"
        assert service["restart"] == "unless-stopped"


def test_compose_sets_what_there_is_and_keeps_no_password(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, value in service["environment"].items() if "environment" in service else ():
            assert not name.startswith("FOLKMOOT_") or name in SETTINGS, name
            if any(word in name for word in ("PASSWORD", "SECRET", "TOKEN", "KEY", "DSN")):
                assert str(value).startswith("${"), f"{name} comes from .env"


def test_only_the_proxy_reaches_it(compose: dict[str, Any]) -> None:
    ports = {name: service.get("ports") for name, service in compose["services"].items()}
    assert ports == {"web": ["127.0.0.1:8000:8000"], "worker": None, "database": None, "queue": None}
    for name in ("web", "worker"):
        assert compose["services"][name]["read_only"] is True
        assert compose["services"][name]["cap_drop"] == ["ALL"]


def test_compose_as_docker_reads_it() -> None:
    docker = shutil.which("docker")
    if (
        docker is None
        or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode
    ):
        return  # the tests above have read it
    given = {
        "FOLKMOOT_BASE_URL": "https://moot.example.org",
        "POSTGRES_PASSWORD": "x",
        "PATH": "/usr/bin:/bin",
    }
    result = subprocess.run(
        [docker, "compose", "--file", str(ROOT / "compose.yaml"), "config", "--quiet"],
        env=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


# --- systemd

UNIT = ROOT / "deploy" / "folkmoot.service"


def test_unit_is_read() -> None:
    section, found = "", {}
    for line in UNIT.read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line
        elif line and not line.startswith("#"):
            name, equals, value = line.partition("=")
            assert equals, line
            assert (section, name) not in found, f"{name} twice"
            found[section, name] = value
    assert {section for section, _ in found} == {"[Unit]", "[Service]", "[Install]"}
    assert found["[Service]", "User"] == "folkmoot"
    assert found["[Service]", "ExecStart"] == "/opt/folkmoot/.venv/bin/folkmoot serve"
    for name in re.findall(r"FOLKMOOT_\w+", UNIT.read_text("utf-8")):
        assert name in SETTINGS, name


def test_unit_as_systemd_reads_it(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no nginx or openssl here: apt-get install nginx-light openssl")
    copy = tmp_path / "folkmoot.service"
    text = UNIT.read_text("utf-8").replace("/opt/folkmoot/.venv/bin/folkmoot", "/bin/true")
    copy.write_text(text.replace("User=folkmoot", "User=daemon").replace("Group=folkmoot", "Group=daemon"))
    result = subprocess.run([analyze, "verify", str(copy)], capture_output=True, text=True, check=False)
    said = [line for line in result.stderr.splitlines() if "folkmoot.service" in line]
    assert (result.returncode, said) == (0, [])


# --- nginx

NGINX = ROOT / "deploy" / "nginx.conf"


def nginx_tree(text: str) -> list[Any]:
    """Directives as [words] or [words, block]; a plain parser of nginx's grammar without quotes inside words."""
    tokens = iter(re.findall(r"[{};]|[^\s{};\"]+|\"[^\"]*\"", re.sub(r"#.*", "", text)))

    def block(*, inner: bool) -> list[Any]:
        found: list[Any] = []
        words: list[str] = []
        for token in tokens:
            if token == ";":
                assert words, "a semicolon without a directive"
                found.append(words)
                words = []
            elif token == "{":
                assert words, "a block without a name"
                found.append([*words, block(inner=True)])
                words = []
            elif token == "}":
                assert inner, "a bracket too many"
                assert not words, f"{words} lacks its semicolon"
                return found
            else:
                words.append(token)
        assert not inner, "a bracket is missing"
        assert not words, f"{words} lacks its semicolon"
        return found

    return block(inner=False)


@pytest.mark.parametrize("text", ["a b", "a { b; ", "a; }", "{ a; }", "a { b }", ";"])
def test_the_parser_of_nginx_files_refuses(text: str) -> None:
    with pytest.raises(AssertionError):
        nginx_tree(text)


def test_nginx_example_is_read() -> None:
    tree = nginx_tree(NGINX.read_text("utf-8"))
    assert [part[0] for part in tree] == ["upstream", "server", "server"]
    secure = tree[2][-1]
    places = {" ".join(part[1:-1]): part[-1] for part in secure if part[0] == "location"}
    assert ["deny", "all"] in places["= /metrics"]
    sent = {part[1]: part[2] for part in places["/"] if part[0] == "proxy_set_header"}
    assert sent == {
        "Connection": '""',
        "Host": "$host",
        "X-Request-ID": "$request_id",
        "X-Forwarded-For": "$remote_addr",
        "X-Forwarded-Proto": "$scheme",
    }
    assert ["server", "127.0.0.1:8000"] in tree[0][-1]


def test_nginx_example_as_nginx_reads_it(tmp_path: Path) -> None:
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
    openssl = shutil.which("openssl")
    if nginx is None or openssl is None:
        pytest.skip("no nginx or openssl here: apt-get install nginx-light openssl")
    pem, key = tmp_path / "it.pem", tmp_path / "it.key"
    subprocess.run(
        [
            openssl,
            *["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=x"],
            "-keyout",
            key,
            "-out",
            pem,
        ],
        check=True,
        capture_output=True,
    )
    text = NGINX.read_text("utf-8").replace("/etc/ssl/certs/moot.example.org.pem", str(pem))
    text = text.replace("/etc/ssl/private/moot.example.org.key", str(key))
    text = re.sub(r"listen (\[::\]:)?(\d+)", lambda m: f"listen {m[1] or '127.0.0.1:'}1{m[2].zfill(4)}", text)
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\naccess_log off;\n{text}\n}}\n")
    result = subprocess.run(
        [nginx, "-t", "-c", str(whole), "-p", str(tmp_path), "-e", str(tmp_path / "log")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
