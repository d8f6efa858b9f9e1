"""How a ladder of sizes grows: the fixed sequence that sizes come from, the time of the next one, and how it ended.

Sizes come from one sequence whatever the speed of the machine, and times are predicted to a factor of two at best, so
that on a faster, slower or busier one a ladder takes the same sizes, or more or fewer of the same sequence.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Sequence

from finite_n.errors import FiniteNError, shown
from finite_n.model.species import Space
from finite_n.model.validation import check_number, check_size

BUDGET = 60.0  # seconds
FACTORS = (1.5, 1.25)  # from size to size, or a little less; the last one means the next size of the sequence
_OCTAVE = 4  # places from one size to its double
_FIRST, _FIRST_OF_MANY = 8, 4  # particles
_MOST = 10**12  # particles, where nothing limits them: particles that do not interact take no longer if they are more
_LARGEST_UNIT = 10_000  # particles that give every species a whole number
_OVERHEAD = 0.5  # seconds at most of the first size that may be overhead, and its share
_SHARE = 0.75
_LEAST = 0.05  # share of the last size's time that grows with the work, at least: smaller ones are lost in noise
_UNITS = {"": 1.0, "s": 1.0, "min": 60.0, "h": 3600.0}
_WANTED = 'give seconds, or a text such as "60s", "2min" or "1h"'


class SizeSequence:
    """Numbers of particles of which all species get whole numbers: `unit` times 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16,
    20, …, four to every factor of two.

    first : place of the size to begin with: 8 for one two-level species; for more levels, modes or several species,
        whose spaces grow faster, 4, with two particles of each of two species; less if `largest` asks for it
    lowest : place of the smallest size
    largest : the largest size allowed, None for a million million, beyond which only rounding changes
    fewest : sizes that must be possible
    """

    def __init__(self, space: Space, fewest: int, largest: int | None = None):
        self.unit, self.largest = space.unit, largest
        if self.unit > _LARGEST_UNIT:
            space.sizes(_FIRST)  # says which fractions to write
        several = len(space.species) > 1
        simple = not several and not space.modes and space.species[0].dim == 2
        wanted = _FIRST if simple else _FIRST_OF_MANY
        two = 2 if len(space.species) == 2 else 1  # of each: of more species the smallest sizes are large already
        self.lowest = lowest = self._place(2)
        self.first = self._place(wanted)
        while min(space.sizes(self[self.first])) < two:
            self.first += 1
        if largest is not None:
            most = next(i for i in range(lowest, 10**4) if self[i + 1] > largest) if self[lowest] <= largest else -1
            if most - lowest + 1 < fewest:
                smallest = [self[i] for i in range(lowest, lowest + fewest)]
                raise FiniteNError(
                    f"largest = {largest}: {_in_words(fewest)} sizes are needed, and the smallest of this model are "
                    f"{_listed(smallest)}; give {smallest[-1]} or more."
                )
            self.first = min(self.first, most - fewest + 1)

    def __getitem__(self, place: int) -> int:
        octave, within = divmod(place - 3, _OCTAVE)
        return self.unit * (place + 1 if place < 3 else (_OCTAVE + within) << octave)

    def _place(self, smallest: int) -> int:
        return next(i for i in range(10**4) if self[i] >= smallest)

    def __contains__(self, N: int) -> bool:
        return self[self.first] <= N == self[self._place(N)] and (self.largest is None or N <= self.largest)

    def after(self, place: int, factor: float) -> int:
        """The place of the last size up to `factor` times that of another, or of the next size if that is larger."""
        most = factor * self[place]
        return max(i for i in range(place + 1, place + 2 + _OCTAVE) if i == place + 1 or self[i] <= most)

    def allows(self, place: int) -> bool:
        """Whether a size is not larger than the largest."""
        return self[place] <= (_MOST if self.largest is None else self.largest)

    def doubling(self, count: int) -> list[int]:
        """The first size and its doubles."""
        return [self[self.first + k * _OCTAVE] for k in range(count)]

    def smallest(self, count: int) -> list[int]:
        """The first sizes of the slowest ladder."""
        return [self[self.first + i] for i in range(count)]


class Forecast:
    """Seconds that a size takes, from those of the sizes before and from the work that engines offer.

    t = a + b w for the work w = elements × applications: the overhead a is the time of the fastest size so far, and b
    that of the last one without it. Before there are two, at most three quarters of the first and half a second are
    overhead. Rounded to a power of two, since times vary from run to run.
    """

    def __init__(self):
        self.done: list[tuple[float, float]] = []

    def add(self, work: float, seconds: float) -> None:
        """A size that is done."""
        self.done.append((max(work, 1.0), max(seconds, 1e-6)))

    def __call__(self, work: float) -> float:
        return 2.0 ** round(math.log2(self.about(work)))

    def about(self, work: float) -> float:
        """The same without rounding."""
        last, seconds = self.done[-1]
        least = min(t for _, t in self.done)
        overhead = least if len(self.done) > 1 else min(_SHARE * least, _OVERHEAD)
        growing = max(seconds - overhead, _LEAST * seconds)
        return overhead + growing * max(work, 1.0) / last


@dataclasses.dataclass(frozen=True)
class Growth:
    """How sizes were chosen, and why no more were.

    sizes : those that are done
    budget, spent : seconds allowed and used
    ended : "settled", "largest" (size allowed), "budget", "memory", "overrun" (a size was stopped, since it took far
        longer than predicted), or "" if a signal or an error ended it
    further, seconds : a larger size and about how long it would take, None where that is not known
    note : a sentence on the end, where there is more to say
    fewest : sizes that a verdict needs
    """

    sizes: Sequence[int]
    budget: float
    spent: float
    ended: str = ""
    further: int | None = None
    seconds: float | None = None
    note: str = ""
    fewest: int = 4

    def __str__(self):
        text = f"{_chosen(self.sizes)}, {duration(self.spent)} of {duration(self.budget)} spent"
        return " ".join([f"{text}{self._end()}.", *([self.note] if self.note else [])])

    def without_times(self) -> str:
        """The same without what varies from run to run."""
        end = self._end() if self.ended in ("settled", "largest") else ""
        return f"{_chosen(self.sizes)} within {duration(self.budget)}{end}."

    def as_data(self, times: bool = True) -> dict:
        """The same for JSON; without `times`, what varies from run to run is left out."""
        varying = {"spent": round(self.spent, 3), "further": self.further, "seconds": self.seconds, "text": str(self)}
        fixed = {"sizes": list(self.sizes), "budget": self.budget, "ended": self.ended}
        return fixed | (varying if times else {"text": self.without_times()})

    def _end(self) -> str:
        few = len(self.sizes) < self.fewest
        if self.ended == "settled":
            return "; every verdict is settled"
        if self.ended == "largest":
            return "; larger sizes are not allowed"
        if self.ended == "budget":
            needed = f", and a verdict needs {_in_words(self.fewest)} sizes: give a larger budget" if few else ""
            if self.further is None:
                return f"; no larger size fits into what is left{needed}"
            upto = "sizes up to N" if few else "N"
            return f"; {upto} = {self.further} would take about {duration(self.seconds)} more{needed}"
        return ""


def duration(seconds: float) -> str:
    """
    >>> duration(0.0123), duration(7.42), duration(150), duration(9000), duration(1e6)
    ('0.012 s', '7.4 s', '2.5 min', '2.5 h', '12 days')
    """
    for size, word, most in ((1.0, "s", 120.0), (60.0, "min", 7200.0), (3600.0, "h", 172800.0)):
        if seconds < most:
            return f"{_two_digits(seconds / size)} {word}"
    return f"{_two_digits(seconds / 86400)} days"


def _two_digits(x: float) -> str:
    return f"{x:.0f}" if x >= 9.95 else f"{x:.2g}"


def read_budget(value, what: str = "budget") -> float:
    """Seconds, from a number or a text with a unit.

    >>> read_budget("2min"), read_budget(" 1.5 h "), read_budget(90)
    (120.0, 5400.0, 90.0)
    """
    if isinstance(value, str):
        found = re.fullmatch(r"\s*(\d+\.?\d*|\.\d+)\s*(s|min|h|)\s*", value)
        if found is None or float(found[1]) <= 0:
            raise FiniteNError(f"{what} = {shown(value)}: {_WANTED}, more than none.")
        value = float(found[1]) * _UNITS[found[2]]
    try:
        return check_number(value, what, 0.0, strict=True)
    except FiniteNError:
        raise FiniteNError(f"{what} = {shown(value)}: {_WANTED}, more than none and finite.") from None


def read_largest(value) -> int | None:
    """The largest size allowed, None for no limit."""
    if value is None:
        return None
    try:
        return check_size(value)
    except FiniteNError:
        raise FiniteNError(
            f"largest = {shown(value)}: give the largest number of particles allowed, a whole number, or leave it out."
        ) from None


def _chosen(sizes: Sequence[int]) -> str:
    if not sizes:
        return "No size was done"
    return f"Size{'s' if len(sizes) > 1 else ''} {_listed(sizes)} chosen"


def _listed(sizes: Sequence[int]) -> str:
    return ", ".join(map(str, sizes))


def _in_words(count: int) -> str:
    return {1: "one", 2: "two", 3: "three", 4: "four"}.get(count, str(count))
