"""The pages: what the registry holds, in a browser, for readers and for those who keep the plan.

```
request ─▶ guard (hosts, body cap, headers, CSRF) ─▶ reader (session → actor, language, plan as of a date)
        ─▶ pages_*.py: one typed `Page` (tables, drawings, notes) ─▶ page.html | CSV | XLSX | JSON | SVG | PNG
        ─▶ /api/v1: the same reading as JSON
        ─▶ working: forms ─▶ services of `birge.store`; a run of the assessment ─▶ `birge.jobs`
```

Pages work without script, all state stands in the address, and everybody sees what the registry lets them see: without
an account what is public; on a machine of one's own without any account, what the installation's side sees.
"""

from __future__ import annotations

from birge.web.app import application
from birge.web.settings import Settings

__all__ = ["Settings", "application"]
