"""A crossing as SimPy processes: a slow, readable twin of the event kernel.

SimPy is the clock and the list of events; each truck, roster and machine is a process of it. Lines are lists, since
SimPy's resources know neither blocking after service nor hand-over rules nor staff of several stations. After each
event `settle` does all that can be done at once: trucks that were held come, services begin that need no staff, then
staff serve. The design comes as the arrays of `kernel.Net`, chance from the law of keyed random numbers; nothing of the
kernel's event loop is used.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import simpy

from birge.kernels import border_queue as kernel
from birge.kernels.border_random import duration, normal, truck_key, uniform

__all__ = ["BEGUN", "ENDED", "LEFT", "QUEUED", "Crossing"]

QUEUED, BEGUN, ENDED, LEFT = range(4)
Process = Iterator[simpy.Event]


@dataclass(eq=False)
class Truck:
    """A truck: its way, and what it does now."""

    name: int
    stream: int
    way: int
    key: np.uint64
    priority: int = 0
    step: int = 0
    at: Station | None = None
    came: float = 0.0
    """When it came to the line of its station."""
    served: bool = False
    started: bool = False
    """Whether its first service has begun."""
    ends: float = 0.0
    left: float = 0.0
    """What is left of its service, in hours."""
    turn: Any = None
    """The event of a server's being its own."""
    process: Any = None


@dataclass(eq=False)
class Station:
    """A station: its lines, and the trucks that have one of its servers, in the order in which services began."""

    index: int
    rule: int
    places: int
    staff: int
    up: int
    roster: int = 0
    boundary: float = math.inf
    shift_began: float = -1.0
    lines: dict[int, list[Truck]] = field(default_factory=dict)
    at_work: list[Truck] = field(default_factory=list)
    held: list[Truck] = field(default_factory=list)
    """Trucks that are held elsewhere because this station has no place, longest first."""
    refused: int = 0
    """How often a service did not begin because it would outlast the shift."""

    @property
    def waiting(self) -> int:
        return sum(map(len, self.lines.values()))

    @property
    def free(self) -> bool:
        """Whether a server is free."""
        return len(self.at_work) < min(self.roster, self.up)

    @property
    def room(self) -> bool:
        """Whether one more may come: to a place, or past empty places to a free server."""
        return self.places < 0 or self.waiting < self.places or (self.waiting == 0 and self.free)

    def first(self, now: float) -> Truck | None:
        """Return the truck whose service would begin next, if the station has a server for it."""
        if not self.free or not self.waiting:
            return None
        truck = self.lines[min(p for p, line in self.lines.items() if line)][0]
        outlasts = self.rule == kernel.LAST_ENTRY and now + truck.left > self.boundary
        # what is longer than any shift begins with one, or it would never begin
        if outlasts and now > self.shift_began:
            self.refused += 1
            return None
        return truck


class Crossing:
    """All stations of a design, and what happened there: `told` by truck, `fate` by stream of the design."""

    def __init__(self, net: kernel.Net, seed: int, until: float) -> None:
        self.net, self.seed, self.until = net, np.uint64(seed), until
        self.env = simpy.Environment()
        columns = zip(net.rule, net.space, net.staff, net.machines, strict=True)
        self.stations = [Station(s, *map(int, row)) for s, row in enumerate(columns)]
        pools = len(net.shift_first) - 1 - len(self.stations)
        self.people, self.working = [0] * pools, [0] * pools
        self.unstarted = [0] * len(net.slot)
        self.slots = [Counter[int]() for _ in net.slot]
        self.names = itertools.count()
        self.told: dict[int, list[tuple[int, int, float]]] = {}
        self.fate = [Counter[str]() for _ in net.slot]
        self.seen = Counter[str]()

    def run(self) -> None:
        """Let everything happen up to the hour `until`."""
        for q in range(len(self.net.shift_first) - 1):
            self.env.process(self.roster(q))
        for s in self.stations:
            failures = itertools.count()
            if self.net.between[s.index] > 0:
                for _ in range(s.up):
                    self.env.process(self.machine(s, failures))
        first = self.net.trace_first
        for c in range(len(first) - 1):
            self.env.process(self.arrivals(c, self.net.trace[first[c] : first[c + 1]]))
        self.env.run(self.until)
        self.seen["refused"] += sum(s.refused for s in self.stations)

    # shifts and machines

    def roster(self, q: int) -> Process:
        """Change the servers of station `q`, or the people of a pool, at every boundary of its week."""
        rows = slice(self.net.shift_first[q], self.net.shift_first[q + 1])
        times, levels = self.net.shift_time[rows].tolist(), self.net.shift_level[rows].tolist()
        weeks = ((168.0 * week + t, n) for week in itertools.count() for t, n in zip(times, levels, strict=True))
        now = levels[-1]
        boundary, following = next(weeks)
        if boundary == 0.0:
            now, (boundary, following) = following, next(weeks)
        self.change(q, now, boundary)
        while True:
            yield self.env.timeout(boundary - self.env.now)
            now, (boundary, following) = following, next(weeks)
            self.change(q, now, boundary)
            self.settle()

    def change(self, q: int, level: int, boundary: float) -> None:
        if q >= len(self.stations):
            self.people[q - len(self.stations)] = level
            return
        s = self.stations[q]
        if self.env.now > 0:
            s.shift_began = self.env.now
        s.roster, s.boundary = level, boundary
        if s.rule == kernel.OVERLAP and self.env.now > 0:
            self.seen["overlapped"] += len(s.at_work)
            s.at_work.clear()
        if s.rule in (kernel.SUSPEND, kernel.RESTART):
            self.stop(s, min(s.roster, s.up), again=s.rule == kernel.RESTART)

    def machine(self, s: Station, failures: Iterator[int]) -> Process:
        """Have a machine of a station fail and be repaired; the numbers of the failures are the station's."""

        def hours(mean: float, slot: int) -> float:
            key = np.uint64(truck_key(self.seed, -2 - s.index, next(failures)))
            return -mean * math.log(uniform(key, np.uint64(slot)))

        while True:
            yield self.env.timeout(hours(self.net.between[s.index], 1))
            s.up -= 1
            # a machine that was at work stops the service it was at; those above the roster's number finish
            self.seen["let finish"] += s.roster < len(s.at_work) <= s.up
            self.stop(s, s.up, again=False)
            self.settle()
            yield self.env.timeout(hours(self.net.repair[s.index], 2))
            s.up += 1
            self.settle()

    def stop(self, s: Station, most: int, again: bool) -> None:
        """Stop the services that began last until `most` servers are taken; their trucks are first in line again."""
        while len(s.at_work) > most:
            truck = next((t for t in reversed(s.at_work) if t.served), None)
            if truck is None:
                break
            self.seen["restarted" if again else "suspended"] += 1
            self.end_service(truck)
            s.at_work.remove(truck)
            s.lines[truck.priority].insert(0, truck)
            truck.left = self.service(truck) if again else truck.ends - self.env.now
            truck.turn = self.env.event()
            truck.process.interrupt()

    # trucks

    def arrivals(self, c: int, times: np.ndarray) -> Process:
        """Have the trucks of a stream and kind of goods come."""
        for number, at in enumerate(times.tolist()):
            yield self.env.timeout(at - self.env.now)
            self.comes(c, np.uint64(truck_key(self.seed, c, number)))

    def comes(self, c: int, key: np.uint64) -> None:
        """Have a truck book a slot, stay away or join."""
        way = int(self.net.direction[c])
        slot, fate = -1, self.fate[way]
        fate["arrived"] += 1
        if self.net.slot[way] > 0:
            if uniform(key, np.uint64(11)) < self.net.willing[way]:
                slot = self.book(way)
            if slot >= 0 and uniform(key, np.uint64(13)) < self.net.no_show[way]:
                fate["missed"] += 1
                return
        over = self.unstarted[way] - self.net.balk_from[way]
        if slot < 0 and over > 0 and uniform(key, np.uint64(17)) >= math.exp(-over / self.net.balk_scale[way]):
            fate["away"] += 1
            return
        truck = Truck(next(self.names), c, way, key)
        if slot < 0:
            truck.process = self.env.process(self.drive(truck, False))
        else:
            truck.process = self.env.process(self.keep_slot(truck, slot))

    def book(self, way: int) -> int:
        """Take a place in the first slot, from now on and within the horizon, that has one; -1 without one."""
        first = math.ceil(self.env.now / self.net.slot[way])
        for j in range(first, min(first + int(self.net.horizon[way]), self.net.quota.shape[1])):
            if self.slots[way][j] < self.net.quota[way, j]:
                self.slots[way][j] += 1
                return j
        return -1

    def keep_slot(self, truck: Truck, slot: int) -> Process:
        """Have a truck come to its slot, punctual or not; one that is too late is under the rule for that."""
        net, way, env = self.net, truck.way, self.env
        late = net.late_mean[way] + net.late_sd[way] * normal(truck.key, np.uint64(15))
        yield env.timeout(max(slot * net.slot[way] + late - env.now, 0.0))
        booked = env.now <= (slot + 1) * net.slot[way] + net.tolerance[way]
        if not booked and net.late_rule[way] == kernel.TURNED_AWAY:
            self.fate[way]["turned"] += 1
            return
        if not booked and net.late_rule[way] == kernel.NEXT_SLOT:
            slot = self.book(way)
            if slot >= 0:
                yield env.timeout(slot * net.slot[way] - env.now)
                booked = True
        self.seen["booked" if booked else "late"] += 1
        yield from self.drive(truck, booked)

    def drive(self, truck: Truck, booked: bool) -> Process:
        """Pass the stations of the way at which the truck stops."""
        net, way, c = self.net, truck.way, truck.stream
        stops = [
            k
            for k in range(net.step_first[c], net.step_first[c + 1])
            if net.step_share[k] >= 1.0
            or uniform(truck.key, np.uint64((int(net.step_key[k]) + kernel.VISIT) % 2**64)) < net.step_share[k]
        ]
        if not self.stations[net.step_station[stops[0]]].room:
            self.fate[way]["turned"] += 1
            self.seen["found no place"] += 1
            return
        self.unstarted[way] += 1
        for k in stops:
            before, there = truck.at, self.stations[net.step_station[k]]
            self.seen["came back"] += any(net.step_station[j] == there.index for j in stops if j < k)
            truck.step, truck.turn = k, self.env.event()
            priority = int(net.booked_priority[way]) if booked and before is None else int(net.step_priority[k])
            if there.room:
                self.give_up_server(truck)
                self.join(truck, there, priority)
            else:
                self.seen["held"] += 1
                there.held.append(truck)
            self.settle()
            yield from self.be_served(truck)
            self.end_service(truck)
            self.tell(truck, ENDED)
        self.give_up_server(truck)
        self.settle()
        truck.at = None
        self.tell(truck, LEFT)
        self.fate[way]["left"] += 1

    def be_served(self, truck: Truck) -> Process:
        """Wait for the turn and be served, perhaps in several parts."""
        while True:
            try:
                yield truck.turn
                yield self.env.timeout(truck.left)
                return
            except simpy.Interrupt:
                pass

    def service(self, truck: Truck) -> float:
        net, k = self.net, truck.step
        return duration(net.step_kind[k], net.step_a[k], net.step_b[k], net.step_c[k], truck.key, net.step_key[k])

    def tell(self, truck: Truck, what: int) -> None:
        where = -1 if truck.at is None else truck.at.index
        self.told.setdefault(truck.name, []).append((what, where, self.env.now))

    # lines

    def join(self, truck: Truck, there: Station, priority: int) -> None:
        truck.at, truck.came, truck.priority, truck.left = there, self.env.now, priority, self.service(truck)
        there.lines.setdefault(priority, []).append(truck)
        self.tell(truck, QUEUED)

    def begin(self, s: Station, truck: Truck) -> None:
        s.lines[truck.priority].remove(truck)
        s.at_work.append(truck)
        if s.staff >= 0:
            self.working[s.staff] += 1
        if not truck.started:
            truck.started = True
            self.unstarted[truck.way] -= 1
        truck.served, truck.ends = True, self.env.now + truck.left
        self.tell(truck, BEGUN)
        truck.turn.succeed()

    def end_service(self, truck: Truck) -> None:
        assert truck.at is not None
        truck.served = False
        if truck.at.staff >= 0:
            self.working[truck.at.staff] -= 1

    def give_up_server(self, truck: Truck) -> None:
        """Leave the server of the station it comes from, unless that went with its shift."""
        if truck.at is not None and truck in truck.at.at_work:
            truck.at.at_work.remove(truck)

    def settle(self) -> None:
        """Do all that can be done now."""
        while self.let_in() or self.serve() or any(self.share(p) for p in range(len(self.people))):
            pass

    def let_in(self) -> bool:
        """Let the truck come that is held longest for a station with room for it; False if there is none."""
        for s in self.stations:
            if s.held and s.room:
                truck = s.held.pop(0)
                self.give_up_server(truck)
                self.join(truck, s, int(self.net.step_priority[truck.step]))
                return True
        return False

    def serve(self) -> bool:
        """Begin a service that needs no staff; False if there is none."""
        for s in self.stations:
            truck = s.first(self.env.now) if s.staff < 0 else None
            if truck is not None:
                self.begin(s, truck)
                return True
        return False

    def share(self, p: int) -> bool:
        """Have a person of pool `p` begin: by priority over all its stations, then by who came to its station first."""
        if self.working[p] >= self.people[p]:
            return False
        ready = [(s, s.first(self.env.now)) for s in self.stations if s.staff == p]
        able = [(t.priority, t.came, s.index, t) for s, t in ready if t is not None]
        if not able:
            return False
        # two that came at once: in the order of their stations
        _, _, where, truck = min(able, key=lambda row: row[:3])
        self.seen["chosen over another"] += len(able) > 1
        self.begin(self.stations[where], truck)
        return True
