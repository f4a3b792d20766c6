"""When an office at the other end is open."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5


def opens(hours: str, time_zone: str, now: datetime) -> datetime | None:
    """When the office opens next, in its own time; None while it is open, or when its hours are not known. Saturdays and Sundays are closed.

    Args:
        hours: `09:00-17:00`, or empty.
        time_zone: IANA name, or empty.
        now: aware.
    """
    if not hours or not time_zone:
        return None
    begin, _, end = hours.partition("-")
    there = now.astimezone(ZoneInfo(time_zone))
    for days in range(8):
        day = (there + timedelta(days=days)).date()
        start, stop = (datetime.combine(day, time.fromisoformat(value), there.tzinfo) for value in (begin, end))
        if day.weekday() < SATURDAY and there < stop:
            return None if start <= there else start
    return None
