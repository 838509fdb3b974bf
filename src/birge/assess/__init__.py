"""From draws to odds."""

__all__: list[str] = []
