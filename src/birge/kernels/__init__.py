"""Bare arrays in, bare arrays out."""

__all__: list[str] = []
