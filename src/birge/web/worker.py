"""The worker's process: takes jobs from a registry until the server is gone."""

from __future__ import annotations

import os
from pathlib import Path

from birge.jobs import work
from birge.report.passport import version
from birge.store.registry import Registry
from birge.web.pages_run import shown

__all__ = ["main"]


def main(url: str, evidence: Path | None, parent: int) -> None:
    """Work for the registry at `url` while the process `parent` lives."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.nice(10)  # readers come first
    registry = Registry.open(url, evidence)
    try:
        work(registry, shown, version(), parent)
    except KeyboardInterrupt:
        return
    finally:
        registry.close()
