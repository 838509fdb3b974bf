"""Birge: turns a cooperation plan between two countries into something that can be run."""

__all__: list[str] = []
