"""Time zones by their IANA names: the one that a user names, and this machine's."""

import difflib
import os
from pathlib import Path
from zoneinfo import available_timezones

from siu.errors import InputError

LOCAL_TIME = Path("/etc/localtime")
ZONE_NAME = Path("/etc/timezone")
UTC = "UTC"


def checked_zone(name: str) -> str:
    """Return the name of a time zone that there is, in any letter case.

    Raises:
        InputError: ``E-SCH-003`` there is none of this name.
    """
    zones = {zone.casefold(): zone for zone in available_timezones()}
    known = zones.get(name.strip().casefold())
    if known is not None and known != "localtime":
        return known
    cities = {zone.rpartition("/")[2]: zone for zone in zones if zone.count("/") == 1}
    folded = name.strip().casefold().replace(" ", "_")
    near = difflib.get_close_matches(folded, zones, n=1) or [
        cities[city] for city in difflib.get_close_matches(folded, cities, n=1)
    ]
    remedy = f"Did you mean {zones[near[0]]}" if near else "Use an IANA name such as Europe/Berlin"
    raise InputError("E-SCH-003", f"there is no time zone {name[:60]!r}", remedy, "--timezone")


def machine_zone() -> str:
    """Return this machine's zone: what ``TZ``, ``/etc/localtime`` or ``/etc/timezone`` says, else UTC."""
    linked = os.path.realpath(LOCAL_TIME).partition("zoneinfo/")[2]
    written = ZONE_NAME.read_text(encoding="utf-8").strip() if ZONE_NAME.is_file() else ""
    for name in (os.environ.get("TZ", "").removeprefix(":"), linked, written):
        if name in available_timezones():
            return name
    return UTC
