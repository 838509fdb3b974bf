"""Independent models; each reads Variables and writes Variables."""

__all__: list[str] = []
