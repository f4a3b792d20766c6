"""When an office at the other end is open."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SATURDAY, SUNDAY = 5, 6


def opens(hours: str, time_zone: str, now: datetime) -> datetime | None:
    """When the office opens next, in its own time; None while it is open, or when its hours are not known. Closed on the weekend of its country; holidays are not known.

    Hours are those on the wall: what they are in UTC changes with summer time.

    Args:
        hours: `09:00-17:00`, or empty.
        time_zone: IANA name, or empty.
        now: aware.
    """
    if not hours or not time_zone:
        return None
    zone, days = ZoneInfo(time_zone), weekend(time_zone)
    begin, end = (time.fromisoformat(value) for value in hours.split("-"))
    today = now.astimezone(zone).date()
    for number in range(8):
        day = today + timedelta(days=number)
        start, stop = (datetime.combine(day, value, zone) for value in (begin, end))
        if day.weekday() not in days and now < stop.astimezone(UTC):
            return None if start.astimezone(UTC) <= now else start
    return None


@lru_cache
def weekend(time_zone: str) -> frozenset[int]:
    """The two days of the week, Monday being 0, on which offices of a time zone's country are closed; Saturday and Sunday where CLDR does not know the country.

    Where CLDR's weekend has one day, shops are open on the day before, and missions are not.
    """
    from babel import Locale, UnknownLocaleError
    from babel.core import get_global

    try:
        country = Locale.parse(f"und_{get_global('zone_territories')[time_zone]}")
    except (KeyError, ValueError, UnknownLocaleError):
        return frozenset({SATURDAY, SUNDAY})
    return frozenset({(country.weekend_end - 1) % 7, country.weekend_end})
