"""ISO 3166-1 alpha-3 codes from the codes that data sets use: alpha-2, alpha-3, or the United Nations' numbers."""

from __future__ import annotations

from functools import cache

__all__ = ["economy_name", "iso3", "numeric"]

FORMER = {"ANT", "BUR", "DDR", "FXX", "NTZ", "SCG", "SUN", "TMP", "YMD", "YUG", "ZAR"}
"""Codes withdrawn by ISO that stand for what is now another economy."""
FORMER_NUMBERS = {"230", "249", "278", "280", "720", "736", "886"}
"""Numbers of former ETH, FRA, DDR, DEU, YMD, SDN and YEM: read, never asked for."""
CUSTOMS_AREAS = {"251": "FRA", "490": "TWN", "579": "NOR", "699": "IND", "757": "CHE", "842": "USA"}
"""Numbers of customs areas in UN Comtrade and BACI that differ from the country's own number."""


def iso3(code: str) -> str | None:
    """Return the alpha-3 code of `code`, None if it is no economy (a group, the world, a misprint)."""
    text = code.strip().upper()
    if text.isdigit():
        text = text.zfill(3)
    return _codes().get(text)


def numeric(code: str) -> str:
    """Return UN Comtrade's number of the economy `code`, without leading zeros; raises KeyError."""
    for number, name in CUSTOMS_AREAS.items():
        if name == code:
            return number
    return str(int(next(n for n, c in _codes().items() if n.isdigit() and c == code and n not in FORMER_NUMBERS)))


@cache
def _codes() -> dict[str, str]:
    from babel.core import get_global

    aliases = {k: v[0] for k, v in get_global("territory_aliases").items() if len(v) == 1 and v != ["XX"]}
    three = {v: k for k, v in aliases.items() if len(k) == 3 and k.isalpha() and k not in FORMER}
    found = {c: c for c in three.values()} | dict(three.items())
    found |= {k: three[v] for k, v in aliases.items() if k.isdigit() and v in three}
    return found | CUSTOMS_AREAS


def economy_name(code: str) -> str:
    """Return the English short name of the economy `code`, the code itself if it has none."""
    from babel import Locale
    from babel.core import get_global

    two = get_global("territory_aliases").get(code, [code])[0]
    return str(Locale("en").territories.get(two, code))
