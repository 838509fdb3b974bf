"""Write a run to a folder: the page, the JSON document, the draws."""

from __future__ import annotations

import json
from pathlib import Path

from birge.assess.assessment import Assessment
from birge.errors import InputError
from birge.factbook import Factbook
from birge.report.page import page
from birge.report.paper_html import as_html
from birge.report.run_text import composed_run

__all__ = ["write"]


def write(run: Assessment, book: Factbook, folder: Path, lang: str = "en") -> Path:
    """Write index.html, assessment.json, plan.json and draws.nc to `folder`; return the path of the page.

    The page is in `lang`; in Russian, Kazakh and Kyrgyz it has the sections of a paper and what is said of the run.
    Raises InputError if the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / "index.html"
        target.write_bytes(page(run, book).encode() if lang == "en" else as_html(composed_run(run, book, lang)))
        (folder / "assessment.json").write_text(json.dumps(run.document(), indent=2, ensure_ascii=False), "utf-8")
        (folder / "plan.json").write_text(json.dumps(run.plan.canonical(), indent=2, ensure_ascii=False), "utf-8")
        run.to_netcdf(str(folder / "draws.nc"))
    except OSError as error:
        raise InputError.at(
            "--out", "folder-unwritable", f"{folder}: {error.strerror}", "name another folder"
        ) from error
    return target
