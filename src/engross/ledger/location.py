"""Where the ledger is: a file on this machine's own disk, or a PostgreSQL database that offices share."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engross.errors import UsageError

FILE_NAME = "ledger.sqlite3"
MOUNTS = Path("/proc/self/mountinfo")

_NETWORK = frozenset({"9p", "afp", "afs", "beegfs", "ceph", "cifs", "coda", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "prl_fs", "smb3", "smbfs", "vboxsf", "vmhgfs"})
_LOCAL_FUSE = frozenset({"fuseblk", "fuse.ext4", "fuse.fuse-overlayfs", "fuse.lxcfs"})
"""What FUSE serves from a disk of this machine; everything else under FUSE may be sshfs by another name."""

_SECRET_OPTIONS = frozenset({"password", "passwd", "sslpassword"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ledger is and how to reach it."""

    file: Path | None = None
    """The SQLite file, or None for PostgreSQL."""
    url: str = ""
    """The PostgreSQL URL, without password."""
    options: Mapping[str, str] = field(default_factory=dict)
    """For libpq, besides what the URL says."""

    def __str__(self) -> str:
        return str(self.file) if self.file else self.url


def state_folder() -> Path:
    """The user's folder for records that belong to no workspace."""
    from platformdirs import user_state_path

    return user_state_path("engross", appauthor=False)


def private_folder(path: Path) -> None:
    """The folder exists; what had to be made of it is open to the user alone."""
    for folder in (*reversed(path.parents), path):
        if not folder.is_dir():
            folder.mkdir(mode=0o700, exist_ok=True)


def locate(where: str | Path | None, *, offices: int) -> Place:
    """Read the setting.

    Args:
        where: a path, a URL `postgresql://…`, or None for the user's state directory.
        offices: how many offices the settings name; more than one cannot share a file.

    Raises:
        UsageError: the URL holds a password or is no PostgreSQL URL; a file is asked for where offices share, or on a network disk.
    """
    text = str(where) if where is not None else ""
    if "://" in text:
        return _server(text)
    if offices > 1:
        raise UsageError(f"{offices} offices cannot share a ledger that is a file", hint="give a PostgreSQL URL, postgresql://user@host/database")
    file = Path(text).expanduser().absolute() if text else state_folder() / "ledger" / FILE_NAME
    kind = file_system(file, MOUNTS.read_text("utf-8", "surrogateescape") if MOUNTS.exists() else "")
    if is_network(kind):
        raise UsageError(f"{file} lies on a network file system ({kind}), where SQLite's locks cannot be trusted", hint="use a local disk, or PostgreSQL")
    return Place(file=file)


def _server(url: str) -> Place:
    """A PostgreSQL URL. No message repeats it before it is known to hold no password."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise UsageError("the URL of the ledger cannot be read", hint="postgresql://user@host/database") from None
    if parsed.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise UsageError(f"the ledger cannot be in {parsed.drivername}", hint="a path for SQLite, or postgresql://user@host/database")
    if parsed.password is not None or any(key.lower() in _SECRET_OPTIONS for key in parsed.query):
        raise UsageError("the URL of the ledger holds a password", hint="take it out, and set PGPASSWORD or PGPASSFILE in the environment")
    options = {}
    hosts = [host for value in (parsed.host, parsed.query.get("host")) if value for host in ([value] if isinstance(value, str) else value)]
    if any(not _is_local(host) for host in hosts) and "sslmode" not in parsed.query and not os.environ.get("PGSSLMODE"):
        options["sslmode"] = "verify-full"
    return Place(url=parsed.set(drivername="postgresql+psycopg").render_as_string(), options=options)


def _is_local(host: str) -> bool:
    return host.startswith(("/", "127.")) or host in ("localhost", "::1")


def file_system(path: Path, mounts: str) -> str:
    """Type of the file system that holds the path, or will; empty when unknown. `mounts` is what /proc/self/mountinfo says (proc(5))."""
    real = path.resolve()
    best, kind = -1, ""
    for line in mounts.splitlines():
        front, _, back = line.partition(" - ")
        point = Path(front.split(" ")[4].encode("utf-8", "surrogateescape").decode("unicode_escape").encode("latin-1").decode("utf-8", "surrogateescape"))
        if real.is_relative_to(point) and len(point.parts) >= best:  # of two mounts on one point the later one is seen
            best, kind = len(point.parts), back.split(" ")[0]
    return kind


def is_network(kind: str) -> bool:
    """Whether several machines may see a file system of this type."""
    return kind in _NETWORK or (kind.startswith("fuse") and kind not in _LOCAL_FUSE)
