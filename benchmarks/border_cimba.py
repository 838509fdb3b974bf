"""The model of `border_peers` in cimba; it compiles classes from the file they stand in. Higher priorities go first."""

from __future__ import annotations

import time

import cimba as cb
from cimba import random


class Place(cb.Model):
    """The stations, and what all trucks add to."""

    s0: cb.Resource = cb.Resource(capacity=2)
    s1: cb.Resource = cb.Resource(capacity=2)
    s2: cb.Resource = cb.Resource(capacity=7)
    s3: cb.Resource = cb.Resource(capacity=3)
    s4: cb.Resource = cb.Resource(capacity=1)
    s5: cb.Resource = cb.Resource(capacity=3)
    s6: cb.Resource = cb.Resource(capacity=3)
    s7: cb.Resource = cb.Resource(capacity=1)
    trucks: cb.Output[float]
    waited: cb.Output[float]
    count: float = 0.0
    total: float = 0.0

    @cb.process
    def arrivals(self):
        """Trucks come, of three priorities."""
        while True:
            cb.hold(random.exponential(24.0 / 500.0))
            u = random.uniform(0.0, 1.0)
            if u < 0.2:
                cb.spawn(Truck, place=self, rank=2)
            elif u < 0.7:
                cb.spawn(Truck, place=self, rank=1)
            else:
                cb.spawn(Truck, place=self, rank=0)

    @cb.process
    def shifts(self):
        """Fewer servers by night; who is served is finished."""
        while True:
            cb.hold(12.0)
            self.s1.set_capacity(1, mode="finish")
            self.s2.set_capacity(5, mode="finish")
            self.s3.set_capacity(2, mode="finish")
            self.s5.set_capacity(2, mode="finish")
            cb.hold(12.0)
            self.s1.set_capacity(2, mode="finish")
            self.s2.set_capacity(7, mode="finish")
            self.s3.set_capacity(3, mode="finish")
            self.s5.set_capacity(3, mode="finish")

    @cb.on_end
    def measure(self):
        """Keep the sums."""
        self.trucks = self.count
        self.waited = self.total


class Truck(cb.Model):
    """One truck on its way through the stations."""

    place: cb.Ref[Place]
    rank: int = 0

    @cb.process
    def way(self):
        """Queue and be served, station by station."""
        waited = 0.0
        came = cb.now()
        self.place.s0.acquire(1, priority=self.rank)
        waited += cb.now() - came
        cb.hold(random.exponential(3.0 / 60.0))
        self.place.s0.release(1)
        if random.uniform(0.0, 1.0) < 0.5:
            came = cb.now()
            self.place.s1.acquire(1, priority=self.rank)
            waited += cb.now() - came
            cb.hold(random.exponential(5.0 / 60.0))
            self.place.s1.release(1)
        came = cb.now()
        self.place.s2.acquire(1, priority=self.rank)
        waited += cb.now() - came
        cb.hold(random.exponential(14.0 / 60.0))
        self.place.s2.release(1)
        if random.uniform(0.0, 1.0) < 0.25:
            came = cb.now()
            self.place.s3.acquire(1, priority=self.rank)
            waited += cb.now() - came
            cb.hold(random.exponential(20.0 / 60.0))
            self.place.s3.release(1)
        if random.uniform(0.0, 1.0) < 0.12:
            came = cb.now()
            self.place.s4.acquire(1, priority=self.rank)
            waited += cb.now() - came
            cb.hold(random.exponential(12.0 / 60.0))
            self.place.s4.release(1)
        if random.uniform(0.0, 1.0) < 0.6:
            came = cb.now()
            self.place.s5.acquire(1, priority=self.rank)
            waited += cb.now() - came
            cb.hold(random.exponential(8.0 / 60.0))
            self.place.s5.release(1)
        came = cb.now()
        self.place.s6.acquire(1, priority=self.rank)
        waited += cb.now() - came
        cb.hold(random.exponential(6.0 / 60.0))
        self.place.s6.release(1)
        came = cb.now()
        self.place.s7.acquire(1, priority=self.rank)
        waited += cb.now() - came
        cb.hold(random.exponential(2.0 / 60.0))
        self.place.s7.release(1)
        self.place.count += 1.0
        self.place.total += waited


def run(days: int) -> tuple[int, float, float]:
    """Return trucks, CPU seconds and mean wait."""
    model = Place()
    trial = cb.Experiment(model, replications=1, window=cb.Window(warmup=0, duration=24.0 * days), seed=2)
    start = time.process_time()
    found = trial.run()
    spent = time.process_time() - start
    trucks, waited = (float(x.values.ravel()[0]) for x in (found[model].trucks, found[model].waited))
    return int(trucks), spent, waited / trucks
