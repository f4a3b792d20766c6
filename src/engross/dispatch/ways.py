"""The ways out that the settings give: one for each channel, which finds each office's own server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from engross.dispatch.channel import Item, Outcome, Parcel, Way
from engross.dispatch.email.way import EmailWay
from engross.dispatch.fax.gateway import Gateway, GatewayWay
from engross.dispatch.fax.hfaxd import Server
from engross.dispatch.fax.legible import Gate, Override
from engross.dispatch.fax.way import HylafaxWay
from engross.dispatch.published import Published
from engross.errors import OutsideError
from engross.ledger import Channel
from engross.ledger.location import state_folder
from engross.project import Project
from engross.settings_dispatch import Office


@dataclass
class FaxWay:
    """Faxes by the way of each item's office, once they have been read back."""

    root: Path
    environment: Mapping[str, str] = field(repr=False)
    gate: Gate
    redirect: str = ""
    known: Callable[[str], bool] | None = None
    """Whether the ledger knows an attempt by that tag."""
    channel: Channel = Channel.FAX

    def pack(self, item: Item, now: datetime, earlier: Parcel | None) -> Parcel:
        """The fax, with what reading it back gave; see `HylafaxWay.pack` and `GatewayWay.pack`.

        Raises:
            EngrossError: it cannot be read, or cannot be sent like this.
        """
        read = self.gate.admit(item)
        parcel = self._of(item.office).pack(item, now, earlier)
        return replace(parcel, details={**parcel.details, **read})

    def submit(self, item: Item, parcel: Parcel, commit: Callable[[], None]) -> Outcome:
        """See `HylafaxWay.submit` and `GatewayWay.submit`."""
        return self._of(item.office).submit(item, parcel, commit)

    def _of(self, office: Office) -> HylafaxWay | GatewayWay:
        settings = office.fax_server
        if settings and settings.kind == "gateway":
            return GatewayWay(Gateway(settings.address, settings.subject, pdf=settings.pdf), self.root, self.environment, self.redirect)
        return HylafaxWay(fax_server(office, self.environment), identifier=office.fax, sender=office.name, redirect=self.redirect, known=self.known)


def fax_server(office: Office, environment: Mapping[str, str]) -> Server:
    """Where an office's fax server is, with its password.

    Raises:
        OutsideError: the office has none, or its password is not in the environment.
    """
    settings = office.fax_server
    if settings is None or settings.kind != "hylafax":
        raise OutsideError(f"the office {office.id} has no fax server", hint=f"[tool.engross.offices.{office.id}.fax_server]")
    password = environment.get(settings.password_env, "") if settings.password_env else ""
    if settings.password_env and not password:
        raise OutsideError(f"the environment variable {settings.password_env} is not set", hint=f"it holds the password for the fax server {settings.host}")
    return Server(settings.host, settings.port, settings.user or "engross", password, tunnel=settings.tunnel, modem=settings.modem)


def fax_gate(project: Project, published: Published, redirect: Mapping[Channel, str], override: Override | None = None) -> Gate:
    """The legibility gate of an edition's faxes, which remembers what it has read in the user's state directory."""
    return Gate(project, published.edition, state_folder() / "legibility", override, redirect=Channel.FAX in redirect)


def ways(
    project: Project,
    published: Published,
    environment: Mapping[str, str],
    redirect: Mapping[Channel, str],
    known: Callable[[str], bool] | None = None,
    override: Override | None = None,
) -> dict[Channel, Way]:
    """Both ways; `override` lets faxes go that cannot be read, and a redirected way sends to the test address or number only."""
    return {
        Channel.EMAIL: EmailWay(project, published.edition, environment, redirect.get(Channel.EMAIL, "")),
        Channel.FAX: FaxWay(project.root, environment, fax_gate(project, published, redirect, override), redirect.get(Channel.FAX, ""), known),
    }
