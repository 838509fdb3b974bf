"""Jobs: a run of the assessment as a row of a table that a worker takes, with progress and cancel.

```
queue ─▶ row: waiting ─▶ worker claims it: running (share, what, seen) ─▶ done | failed | cancelled
                              ├── the run's document ─▶ birge.store.runs.keep: citable by id, internal to its side
                              └── what pages draw   ─▶ row.shown (given by the face that shows it)
```

A worker says every few seconds that it lives (`seen`). One that dies leaves a running row whose `seen` no longer moves:
the row waits again, once, and is marked failed when the second worker dies over it too.
"""

from __future__ import annotations

from birge.jobs.queue import BROKE_OFF, LOST, Asked, Job, Jobs
from birge.jobs.work import Cancelled, run_job, work

__all__ = ["BROKE_OFF", "LOST", "Asked", "Cancelled", "Job", "Jobs", "run_job", "work"]
