"""Write a run to a folder: the page, the JSON document, the draws."""

from __future__ import annotations

import json
from pathlib import Path

from birge.assess.assessment import Assessment
from birge.errors import InputError
from birge.factbook import Factbook
from birge.report.page import page

__all__ = ["write"]


def write(run: Assessment, book: Factbook, folder: Path) -> Path:
    """Write index.html, assessment.json, plan.json and draws.nc to `folder`; return the path of the page.

    Raises InputError if the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / "index.html"
        target.write_text(page(run, book), "utf-8")
        (folder / "assessment.json").write_text(json.dumps(run.document(), indent=2, ensure_ascii=False), "utf-8")
        (folder / "plan.json").write_text(json.dumps(run.plan.canonical(), indent=2, ensure_ascii=False), "utf-8")
        run.to_netcdf(str(folder / "draws.nc"))
    except OSError as error:
        raise InputError.at(
            "--out", "folder-unwritable", f"{folder}: {error.strerror}", "name another folder"
        ) from error
    return target
