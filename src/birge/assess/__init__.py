"""From draws to odds: one joint ensemble, read for every target.

The package is called like its one function, so the module itself can be called: `birge.assess(plan)` means
`birge.assess.run.assess(plan)` whether or not the module was imported before.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from birge.assess.assessment import Assessment
from birge.assess.run import assess

__all__ = ["Assessment", "assess"]


class _Callable(ModuleType):
    def __call__(self, *args: Any, **options: Any) -> Assessment:
        return assess(*args, **options)


sys.modules[__name__].__class__ = _Callable
