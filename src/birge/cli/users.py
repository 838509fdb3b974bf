"""`birge registry user`: users, roles and passwords; and how a command opens a registry."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from birge.store import Registry

__all__ = ["DEFAULT", "Files", "Url", "opened", "user_app"]

user_app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Users and what they may do.")

DEFAULT = "sqlite:///birge.sqlite"
Url = Annotated[
    str,
    typer.Option("--url", envvar="BIRGE_URL", help="The database: sqlite:///FILE or postgresql://…"),
]
Files = Annotated[
    Path | None,
    typer.Option("--files", envvar="BIRGE_FILES", help="Folder of evidence; beside a SQLite file if left out."),
]


@contextmanager
def opened(url: str, files: Path | None) -> Iterator[Registry]:
    """Open the registry at `url` and close it afterwards."""
    from birge.store import Registry

    registry = Registry.open(url, files)
    try:
        yield registry
    finally:
        registry.close()


@user_app.command("add")
def user_add(
    login: Annotated[str, typer.Argument(help="a-z, 0-9 and . @ _ -")],
    name: Annotated[str, typer.Option("--name", help="As it stands under a confirmation.")],
    side: Annotated[str, typer.Option("--side", help="Code of the user's side; this installation's if left out.")] = "",
    role: Annotated[list[str] | None, typer.Option("--role", help="A role; may be repeated.")] = None,
    organisation: Annotated[
        str, typer.Option("--organisation", help="The roles hold for this organisation only.")
    ] = "",
    item: Annotated[
        str, typer.Option("--item", help="The roles hold for this measure, milestone or pillar only.")
    ] = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Make a user; without a role they may do nothing."""
    from birge.store import OPERATOR, accounts

    with opened(url, files) as registry, registry.desk(OPERATOR) as desk:
        accounts.add_user(desk, login, name, side or desk.side, organisation or None)
        for r in role or ():
            accounts.grant(desk, login, r, organisation, item)
    print(f"{login}: {', '.join(role or ()) or 'no role'}")


@user_app.command("grant")
def user_grant(
    login: str,
    role: str,
    organisation: Annotated[str, typer.Option("--organisation", help="For this organisation only.")] = "",
    item: Annotated[str, typer.Option("--item", help="For this measure, milestone or pillar only.")] = "",
    revoke: Annotated[bool, typer.Option("--revoke", help="Take it away instead.")] = False,
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Give a user a role, or take it away."""
    from birge.store import OPERATOR, accounts

    with opened(url, files) as registry, registry.desk(OPERATOR) as desk:
        (accounts.revoke if revoke else accounts.grant)(desk, login, role, organisation, item)
    print(f"{login}: {role} {'taken away' if revoke else 'given'}")


@user_app.command("list")
def user_list(url: Url = DEFAULT, files: Files = None) -> None:
    """Print the users and their roles."""
    from birge.store import OPERATOR, accounts

    with opened(url, files) as registry, registry.view(OPERATOR) as desk:
        rows = list(accounts.logins(desk))
    print("\n".join("  ".join(row) for row in rows) or "no users yet")


@user_app.command("password")
def user_password(login: str, url: Url = DEFAULT, files: Files = None) -> None:
    """Set a password, asked for or read from standard input; prints a new second factor, this once."""
    from birge.store import OPERATOR, accounts

    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    with opened(url, files) as registry, registry.desk(OPERATOR) as desk:
        accounts.set_password(desk, login, password)
        secret, printed = accounts.new_totp(desk, login), accounts.new_codes(desk, login)
    print(
        "Second factor, shown this once. For an app:", secret, "Or printed codes, each counts once:", *printed, sep="\n"
    )


@user_app.command("close")
def user_close(
    login: str,
    reopen: Annotated[bool, typer.Option("--reopen", help="Let them in again.")] = False,
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Keep a user out; what they wrote stays."""
    from birge.store import OPERATOR, accounts

    with opened(url, files) as registry, registry.desk(OPERATOR) as desk:
        accounts.set_active(desk, login, reopen)
    print(f"{login}: {'may sign in' if reopen else 'may not sign in'}")


@user_app.command("link")
def user_link(
    login: str,
    issuer: Annotated[str, typer.Option("--issuer", help="The provider's address, as in --oidc-issuer.")],
    subject: Annotated[str, typer.Option("--subject", help="Whom the provider knows the user as (`sub`).")] = "",
    email: Annotated[str, typer.Option("--email", help="Or an address that the provider has verified.")] = "",
    second_factor: Annotated[
        bool, typer.Option("--second-factor-there", help="The provider's second factor counts, where it states one.")
    ] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take the link away.")] = False,
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Let a user come in by a provider of sign-ins; it gives no right."""
    from birge.errors import InputError
    from birge.store import OPERATOR, accounts

    if bool(subject) == bool(email):
        raise InputError.at("--subject", "subject", "one of --subject and --email is needed", "give one of them")
    with opened(url, files) as registry, registry.desk(OPERATOR) as desk:
        if remove:
            accounts.unlink(desk, login, issuer, subject or email)
        else:
            accounts.link(desk, login, issuer, subject or email, "sub" if subject else "email", second_factor)
    print(f"{login}: {'no longer ' if remove else ''}linked to {subject or email} at {issuer}")


@user_app.command("invite")
def user_invite(login: str, url: Url = DEFAULT, files: Files = None) -> None:
    """Take a user's password away and print the end of the link by which they set a new one, within three days."""
    from birge.store import OPERATOR, accounts

    with opened(url, files) as registry, registry.desk(OPERATOR) as desk:
        print(f"/en/invited/{accounts.invite(desk, login)}")
