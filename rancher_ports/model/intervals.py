"""Sets of whole numbers as sorted intervals that neither overlap nor touch: one form for one set."""

from __future__ import annotations

from collections.abc import Iterable

Interval = tuple[int, int]
Intervals = tuple[Interval, ...]


def union(intervals: Iterable[Interval]) -> Intervals:
    """All numbers in any of the intervals; both ends of an interval belong to it."""
    ordered = sorted(intervals)
    if len(ordered) < 2:
        return tuple(ordered)
    merged: list[Interval] = []
    start, end = ordered[0]
    for first, last in ordered:
        if first > end + 1:
            merged.append((start, end))
            start, end = first, last
        elif last > end:
            end = last
    return (*merged, (start, end))


def intersection(left: Intervals, right: Intervals) -> Intervals:
    """All numbers in both sets."""
    if not left or not right:
        return ()
    common: list[Interval] = []
    i = j = 0
    while i < len(left) and j < len(right):
        first, last = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if first <= last:
            common.append((first, last))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(common)


def difference(left: Intervals, right: Intervals) -> Intervals:
    """All numbers in ``left`` that are not in ``right``."""
    rest: list[Interval] = []
    for first, last in left:
        start = first
        for taken_first, taken_last in right:
            if taken_last < start or taken_first > last:
                continue
            if start < taken_first:
                rest.append((start, taken_first - 1))
            start = taken_last + 1
        if start <= last:
            rest.append((start, last))
    return tuple(rest)


def overlap(interval: Interval, others: Intervals) -> bool:
    """Whether an interval has a number in common with any of some others."""
    first, last = interval
    return any(first <= other_last and other_first <= last for other_first, other_last in others)
