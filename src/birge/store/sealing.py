"""The key that seals what the server has to read again: secrets of one-time passwords.

It stands outside of the database, so that a copy of the database, or a backup, opens nothing: in the variable
`BIRGE_KEY`, or in a file beside the folder of the evidence that only its owner reads. There may be several keys, one a
line (commas in the variable): the first seals, all of them open, so a key can be changed without losing anything.

Each sealed text holds whose it is: moved to another user's row it opens nothing.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from birge.store.errors import Unready

__all__ = ["KEY", "Seal", "key_path"]

KEY = "BIRGE_KEY"


def key_path(files: Path) -> Path:
    """Return where the key of a registry stands: beside the folder of its evidence."""
    return files.with_name(f"{files.name.removesuffix('.files')}.key")


class Seal:
    """Seals and opens short texts with the key at `path`, or in the variable where that is set."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def present(self) -> bool:
        """Return whether there is a key."""
        return bool(os.environ.get(KEY)) or self.path.exists()

    @property
    def where(self) -> str:
        """Return where the key stands, in words."""
        return f"the variable {KEY}" if os.environ.get(KEY) else str(self.path)

    def create(self) -> bool:
        """Make a key where there is none; returns whether one was made."""
        if self.present:
            return False
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._write([Fernet.generate_key().decode()], fresh=True)
        return True

    def renew(self) -> None:
        """Put a new key before the ones there are."""
        if os.environ.get(KEY):
            raise Unready(f"the key stands in {KEY}: put a new one before it there, with a comma between")
        self._write([Fernet.generate_key().decode(), *(self._keys() if self.path.exists() else ())])

    def drop_old(self) -> None:
        """Keep the newest key only."""
        self._write(self._keys()[:1])

    def seal(self, login: str, secret: str) -> str:
        """Return a secret of a user as it may stand in the database."""
        return self._box().encrypt(f"{login}\n{secret}".encode()).decode()

    def open(self, login: str, sealed: str) -> str | None:
        """Return a sealed secret of a user; None where no key here opens it or it is another's."""
        if not self.present:
            return None
        try:
            owner, secret = self._box().decrypt(sealed.encode()).decode().split("\n", 1)
        except InvalidToken:
            return None
        return secret if owner == login else None

    def _write(self, keys: list[str], fresh: bool = False) -> None:
        part = self.path if fresh else self.path.with_name(f".{self.path.name}.part")
        part.unlink(missing_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write("\n".join(keys) + "\n")
            file.flush()
            os.fsync(file.fileno())
        if not fresh:
            part.replace(self.path)

    def _keys(self) -> list[str]:
        given = os.environ.get(KEY, "").replace(",", "\n") or self.path.read_text("ascii")
        return given.split()

    def _box(self) -> MultiFernet:
        if not self.present:
            raise Unready(f"there is no key at {self.path}: put it back, or make one with `birge registry key --new`")
        try:
            return MultiFernet([Fernet(k) for k in self._keys()])
        except ValueError as error:
            raise Unready(f"what stands in {self.where} is no key") from error
