"""The pages' font: Noto Sans with every letter of the four languages in one file, all weights on one axis.

`fontpkg-noto-sans` (variable TTF) → the alphabets and signs below, width pinned → WOFF2. A wheel carries the file in
`static/fonts`; in a tree it is made once, on the first request for it, and kept in the user's cache. Its name holds the
hash of all it is made from, so a browser may keep it for a year. Services split Kazakh letters over two files, which
breaks words apart where one of them is late; one file cannot.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import threading
from functools import cache
from pathlib import Path

__all__ = ["face", "font_file", "font_name", "made_font"]

SHIPPED = Path(__file__).with_name("static") / "fonts"
RANGES = (
    (0x20, 0x7E),
    (0xA0, 0x17F),
    (0x400, 0x4FF),
    (0x2010, 0x2027),
    (0x202F, 0x203A),
    (0x2070, 0x208E),
    (0x20AC, 0x20BF),
    (0x2116, 0x2116),
    (0x2122, 0x2122),
    (0x2190, 0x2199),
    (0x2212, 0x2212),
    (0x2248, 0x2265),
)
"""Latin, Latin-1 and Extended-A, all Cyrillic, and the signs that pages write: dashes, arrows, currencies."""
RECIPE = f"1 {RANGES} wght=400:700 wdth=100"
_making = threading.Lock()


def _source() -> Path:
    import fontpkg_noto_sans

    return Path(str(fontpkg_noto_sans.ROOT)) / "files" / "NotoSans[wdth,wght].ttf"


@cache
def font_name() -> str:
    """Return the file's name, with the hash of the source font and of how it is cut."""
    shipped = next(SHIPPED.glob("NotoSans-*.woff2"), None)
    if shipped is not None:
        return shipped.name
    digest = hashlib.sha256(RECIPE.encode())
    digest.update(_source().read_bytes())
    return f"NotoSans-{digest.hexdigest()[:12]}.woff2"


def made_font() -> bytes:
    """Return the font as WOFF2, made from the package's variable TTF; takes some seconds."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    font = TTFont(str(_source()), recalcTimestamp=False)
    options = Options()
    options.layout_features = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum", "lnum"]
    options.hinting = False
    options.name_IDs = ["*"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
    subsetter.subset(font)
    font = instantiateVariableFont(font, {"wdth": 100, "wght": (400, 400, 700)})
    font.flavor = "woff2"
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def font_file() -> bytes:
    """Return the font: the one that is shipped, else the one in the cache, else made now and kept there."""
    name = font_name()
    shipped, kept = SHIPPED / name, _cache() / name
    with _making:
        for path in (shipped, kept):
            if path.is_file():
                return path.read_bytes()
        content = made_font()
        _keep(kept, content)
    return content


def _cache() -> Path:
    root = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(root) if root else Path.home() / ".cache") / "birge"


def _keep(path: Path, content: bytes) -> None:
    """Write the file whole or not at all; a folder that cannot be written costs the seconds again next time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        os.replace(file.name, path)
    except OSError:
        return


def face() -> str:
    """Return the style rule that names the font; text stands in another one until it is there."""
    return (
        f'@font-face {{ font-family: "Noto Sans"; src: url("/static/fonts/{font_name()}") format("woff2"); '
        "font-weight: 400 700; font-style: normal; font-display: swap; }\n"
    )
