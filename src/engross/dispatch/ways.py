"""The ways out that the settings give: one for each channel, which finds each office's own server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engross.dispatch.channel import Item, Outcome, Parcel, Way
from engross.dispatch.email.way import EmailWay
from engross.dispatch.fax.hfaxd import Server
from engross.dispatch.fax.way import HylafaxWay
from engross.dispatch.items import Published
from engross.errors import OutsideError
from engross.ledger import Channel
from engross.project import Project
from engross.settings_dispatch import Office


@dataclass
class FaxWay:
    """Faxes through the fax server of each item's office."""

    environment: Mapping[str, str] = field(repr=False)
    redirect: str = ""
    known: Callable[[str], bool] | None = None
    """Whether the ledger knows an attempt by that tag."""
    channel: Channel = Channel.FAX

    def pack(self, item: Item, now: datetime, earlier: Parcel | None) -> Parcel:
        """See `HylafaxWay.pack`."""
        return self._of(item.office).pack(item, now, earlier)

    def submit(self, item: Item, parcel: Parcel, commit: Callable[[], None]) -> Outcome:
        """See `HylafaxWay.submit`."""
        return self._of(item.office).submit(item, parcel, commit)

    def _of(self, office: Office) -> HylafaxWay:
        return HylafaxWay(fax_server(office, self.environment), identifier=office.fax, sender=office.name, redirect=self.redirect, known=self.known)


def fax_server(office: Office, environment: Mapping[str, str]) -> Server:
    """Where an office's fax server is, with its password.

    Raises:
        OutsideError: the office has none, or its password is not in the environment.
    """
    settings = office.fax_server
    if settings is None:
        raise OutsideError(f"the office {office.id} has no fax server", hint=f"[tool.engross.offices.{office.id}.fax_server]")
    password = environment.get(settings.password_env, "") if settings.password_env else ""
    if settings.password_env and not password:
        raise OutsideError(f"the environment variable {settings.password_env} is not set", hint=f"it holds the password for the fax server {settings.host}")
    return Server(settings.host, settings.port, settings.user or "engross", password, tunnel=settings.tunnel, modem=settings.modem)


def ways(project: Project, published: Published, environment: Mapping[str, str], redirect: Mapping[Channel, str], known: Callable[[str], bool] | None = None) -> dict[Channel, Way]:
    """Both ways; a redirected one sends to the test address or number only."""
    return {
        Channel.EMAIL: EmailWay(project, published.edition, environment, redirect.get(Channel.EMAIL, "")),
        Channel.FAX: FaxWay(environment, redirect.get(Channel.FAX, ""), known),
    }
