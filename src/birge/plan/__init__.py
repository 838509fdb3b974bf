"""The plan as data."""

__all__: list[str] = []
