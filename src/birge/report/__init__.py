"""Papers that people read: the answer on a terminal and as one self-contained page."""

__all__: list[str] = []
