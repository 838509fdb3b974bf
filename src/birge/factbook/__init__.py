"""Embedded figures and observations, each with source, unit and year."""

__all__: list[str] = []
