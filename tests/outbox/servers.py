"""Private instances of Debian's Postfix, Dovecot and smtp-sink on high ports; the system's own are left alone."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_SBIN = "/usr/sbin:/sbin:/usr/lib/postfix/sbin"
PATH = os.environ.get("PATH", "") + ":" + _SBIN
PASSWORD = "correct-horse"


def need(*programs: str) -> None:
    """Skip where one of them is not installed, or we may not run as root."""
    for program in programs:
        if shutil.which(program, path=PATH) is None:
            pytest.skip(f"{program} is not installed (Debian: postfix, dovecot-imapd, dovecot-lmtpd)")
    if os.geteuid() != 0:
        pytest.skip("mail servers are started as root, and give their rights up themselves")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, seconds: float = 10) -> None:
    """Until somebody listens there."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            assert time.monotonic() < deadline, f"nobody listens on {port}"
            time.sleep(0.05)


@contextmanager
def smtp_sink(folder: Path, *options: str) -> Iterator[tuple[int, Path]]:
    """Takes every mail and keeps it, one file each: (port, folder of the files)."""
    need("smtp-sink")
    port, kept = free_port(), folder / "sink"
    kept.mkdir()
    _give(kept, "nobody")
    command = ["smtp-sink", "-u", "nobody", "-d", f"{kept}/%s.", *options, f"127.0.0.1:{port}", "200"]
    with subprocess.Popen(command, env={**os.environ, "PATH": PATH}, stderr=subprocess.DEVNULL) as running:
        try:
            wait_for(port)
            yield port, kept
        finally:
            running.terminate()
            running.wait(10)


def _give(path: Path, user: str) -> None:
    """The folder and the way to it belong to, or are open for, this user."""
    entry = pwd.getpwnam(user)
    os.chown(path, entry.pw_uid, entry.pw_gid)
    for parent in path.parents:
        if str(parent) == "/tmp":
            break
        parent.chmod(parent.stat().st_mode | 0o011)


@dataclass(frozen=True)
class House:
    """Postfix that hands to Dovecot: where mail goes in and out."""

    smtp: int
    imap: int


@contextmanager
def postfix_and_dovecot(folder: Path) -> Iterator[House]:
    """Everybody at ``moot.test`` has a mailbox but ``gone``: what goes there is taken and bounces to the sender."""
    need("postfix", "dovecot")
    smtp, imap, lmtp = free_port(), free_port(), free_port()
    mail = folder / "mail"
    mail.mkdir()
    _give(mail, "nobody")
    dovecot = _dovecot(folder, mail, imap, lmtp)
    try:
        wait_for(imap)
        wait_for(lmtp)
        config = _postfix(folder, smtp, lmtp)
        env = {**os.environ, "PATH": PATH}
        try:
            subprocess.run(["postfix", "-c", str(config), "start"], env=env, check=True, capture_output=True)
            wait_for(smtp)
            yield House(smtp, imap)
        finally:
            subprocess.run(["postfix", "-c", str(config), "stop"], env=env, check=False, capture_output=True)
    finally:
        dovecot.send_signal(signal.SIGTERM)
        dovecot.wait(10)


def _dovecot(folder: Path, mail: Path, imap: int, lmtp: int) -> subprocess.Popen[bytes]:
    run = folder / "dovecot"
    run.mkdir()
    run.chmod(0o755)
    user = pwd.getpwnam("nobody")
    path = folder / "dovecot.conf"
    path.write_text(f"""
base_dir = {run}
state_dir = {run}
log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:{mail}/%n
default_internal_user = nobody
default_login_user = nobody
default_internal_group = nogroup
auth_username_format = %n
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={user.pw_uid} gid={user.pw_gid} home={mail}/%n allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
""")
    return subprocess.Popen(["dovecot", "-F", "-c", str(path)], env={**os.environ, "PATH": PATH})


def _postfix(folder: Path, smtp: int, lmtp: int) -> Path:
    config, queue, data = folder / "postfix", folder / "queue", folder / "data"
    for each in (config, queue, data):
        each.mkdir()
    _give(data, "postfix")
    (config / "main.cf").write_text(f"""
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.moot.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = moot.test
virtual_mailbox_maps = static:all
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
transport_maps = inline:{{ {{ gone@moot.test = error:5.1.1 no such user }} }}
smtpd_reject_unlisted_recipient = no
smtpd_recipient_restrictions = permit_mynetworks, reject
maillog_file_prefixes = {folder}
maillog_file = {folder}/postfix.log
alias_maps =
alias_database =
""")
    (config / "master.cf").write_text(f"""
127.0.0.1:{smtp} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
showq unix n - n - - showq
flush unix n - n 1000? 0 flush
verify unix - - n - 1 verify
tlsmgr unix - - n 1000? 1 tlsmgr
""")
    return config
