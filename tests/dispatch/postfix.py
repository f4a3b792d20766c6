"""A Postfix of the tests' own, on loopback, with STARTTLS and delivery notices, that delivers to Maildirs and to nowhere else."""

from __future__ import annotations

import os
import re
import select
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

SERVICES = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
showq unix n - n - - showq
flush unix n - n 1000? 0 flush
"""
MAIN = """\
compatibility_level = 3.6
myhostname = mail.example.org
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
queue_directory = {root}/spool
data_directory = {root}/data
maillog_file = /dev/stdout
maillog_file_prefixes = /dev/stdout
virtual_mailbox_domains = example.org
virtual_mailbox_base = {root}/box
virtual_mailbox_maps = inline:{{ {{ mission-a@example.org = a/ }}, {{ mission-b@example.org = b/ }}, {{ office@example.org = office/ }}, {{ test@example.org = test/ }} }}
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtpd_tls_cert_file = {certificates}/server.pem
smtpd_tls_key_file = {certificates}/server.key
smtpd_tls_security_level = may
smtpd_recipient_restrictions = permit_auth_destination, reject
default_transport = error:no outside mail
relay_transport = error:no outside mail
alias_maps =
alias_database =
message_size_limit = 20000000
mailbox_size_limit = 0
virtual_mailbox_limit = 0
"""


class Postfix:
    def __init__(self, certificates: Path) -> None:
        program = shutil.which("postfix", path=f"{os.environ['PATH']}:/usr/sbin")
        assert program, "Postfix is not installed"
        assert os.geteuid() == 0, "Postfix starts only as root"
        self.root = Path(tempfile.mkdtemp(prefix="postfix-"))
        self.root.chmod(0o755)
        for name in ("conf", "spool", "data", "box"):
            (self.root / name).mkdir()
        shutil.chown(self.root / "data", "postfix")
        shutil.chown(self.root / "box", "nobody", "nogroup")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        (self.root / "conf/main.cf").write_text(MAIN.format(root=self.root, certificates=certificates))
        (self.root / "conf/master.cf").write_text(SERVICES.format(port=self.port))
        self.command = [program, "-c", str(self.root / "conf")]
        self.process = subprocess.Popen([*self.command, "start-fg"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        self.seen = b""
        self.wait_for(rb"daemon started")

    def wait_for(self, pattern: bytes, seconds: float = 15) -> None:
        """Read the log until the pattern is in what was not looked at before."""
        end = time.monotonic() + seconds
        assert self.process.stdout
        while not (match := re.search(pattern, self.seen)):
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))
            assert ready, f"{pattern!r} did not come:\n{self.seen.decode('utf-8', 'replace')}"
            piece = os.read(self.process.stdout.fileno(), 65536)
            assert piece, f"Postfix ended:\n{self.seen.decode('utf-8', 'replace')}"
            self.seen += piece
        self.seen = self.seen[match.end() :]

    def box(self, name: str) -> list[bytes]:
        return [path.read_bytes() for path in sorted((self.root / "box" / name / "new").glob("*"))]

    def close(self) -> None:
        subprocess.run([*self.command, "stop"], capture_output=True, check=False)
        self.process.wait(20)
        if self.process.stdout:
            self.process.stdout.close()
        shutil.rmtree(self.root, ignore_errors=True)
