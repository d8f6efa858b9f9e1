"""The model: one N-free description of a permutation-symmetric Lindblad generator.

ρ̇ = −i[H, ρ] + Σ_l Σ_k 𝒟[j_l^(k) Γ_l(Δ_l)] ρ + Σ_c Σ_μν D^c_μν (L_ν ρ L_μ† − ½{L_μ† L_ν, ρ}),  ħ = 1,

with H = N h(m), m(x) = (1/N) Σ_k x^(k), L_μ = √N m(v_μ) and 𝒟[J]ρ = JρJ† − ½{J†J, ρ}. With several species m becomes
one average per species and operator, and boson modes enter as α = a/√N (`finite_n.model.species`).
"""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections.abc import Mapping, Sequence

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.collective_jumps import CollectiveJumps
from finite_n.model.jump_operators import check_coefficients
from finite_n.model.local_jump import LocalJump
from finite_n.model.polynomial import XYZ, Polynomial, is_share
from finite_n.model.rotation import turned_letters, turns_of
from finite_n.model.species import Mode, Space, Species, changed, check_parts, with_sizes
from finite_n.model.time_dependent import Part, read_hamiltonian
from finite_n.model.validation import check_kind, check_number, check_switch


@dataclasses.dataclass(frozen=True)
class Model:
    """One open quantum many-body model, written without N: identical two-level particles unless species are given.

    Parameters
    ----------
    hamiltonian : Polynomial, number, or one that depends on time
        h, with H = N h(m): an ordered, Hermitian polynomial of averages. Σ_k ε·σ^(k) + (1/N) Σ_kj h_ab σ_a^(k) σ_b^(j)
        is h = ε·m + m·h·m. Default 0. Functions of time multiply polynomials, h_0 + Σ_k f_k(t) h_k:
        0.2 * mz + coefficient(f) * mx, or as in qutip [0.2 * mz, [mx, f]] (`coefficient`).
    jumps : sequence of LocalJump
    collective : sequence of CollectiveJumps
    name : str
    species : sequence of Species
        Default: one species of two-level particles, whose averages are mx, my, mz and average(x).
    modes : sequence of Mode
        Boson modes. Default: none.

    Raises FiniteNError if h is not Hermitian, a part has the wrong type, or an average belongs to no species of the
    model.

    Example
    -------
    >>> import numpy as np, qutip
    >>> from finite_n import LocalJump, Model, mx, mz
    >>> Model(0.3 * mx, jumps=[LocalJump(qutip.sigmap(), lambda d: np.exp(0.4 * d) / np.sqrt(2), delta=mz),
    ...                        LocalJump(qutip.sigmam(), lambda d: np.exp(-0.4 * d) / np.sqrt(2), delta=mz)])
    Model(h = 0.3 m(σx), 2 local jumps, 0 collective)
    """

    hamiltonian: Polynomial | float = 0.0
    jumps: Sequence[LocalJump] = ()
    collective: Sequence[CollectiveJumps] = ()
    name: str = ""
    species: Sequence[Species] = ()
    modes: Sequence[Mode] = ()

    def __post_init__(self):
        if not isinstance(self.name, str):
            raise FiniteNError(f"model: name = {shown(self.name)}; give a string.")
        species, modes = check_parts(self.species, self.modes)
        object.__setattr__(self, "species", species)
        object.__setattr__(self, "modes", modes)
        try:
            written = read_hamiltonian(self.hamiltonian)
        except FiniteNError as error:
            raise FiniteNError(f"Hamiltonian: {error}") from None
        fractions = {s.name: s.fraction for s in species}
        object.__setattr__(self, "_written", written)
        h = written.with_shares(fractions) if written.has_shares else written
        for p in [h] if isinstance(h, Polynomial) else h.polynomials:
            _check_hermitian(p)
        object.__setattr__(self, "hamiltonian", h)
        for field, kind in (("jumps", LocalJump), ("collective", CollectiveJumps)):
            parts = getattr(self, field)
            try:
                parts = (parts,) if isinstance(parts, kind) else tuple(parts)
            except TypeError:
                raise FiniteNError(
                    f"model, {field}: got {shown(parts)}; give a list of {kind.__name__} objects."
                ) from None
            for part in parts:
                if not isinstance(part, kind):
                    raise FiniteNError(f"model, {field}: got {shown(part)}; give {kind.__name__} objects.")
            object.__setattr__(self, field, tuple(part.with_shares(fractions) for part in parts))
        self._check_letters()

    def _check_letters(self) -> None:
        space = self.space
        uses = [("h", self.hamiltonian)]
        for k, jump in enumerate(self.jumps):
            s = self.species_of(jump)
            if len(jump.operator) != s.dim:
                raise FiniteNError(
                    f"jump {k}: operator of shape {jump.operator.shape}, but particles of {s} have {s.dim} levels, so "
                    f"give a {s.dim}×{s.dim} array or Qobj."
                )
            uses.append((f"Δ of jump {k}", jump.argument))
            owner = next((owner for owner in jump.ones if owner not in {s.name for s in self.species}), None)
            if owner is not None:
                raise FiniteNError(
                    f"Δ of jump {k} = {jump.argument}: it has an average over {shown(owner)}, which is not a species "
                    f"of the model, whose species are {', '.join(repr(s.name) for s in self.species)}."
                )
        uses += [(f"collective jumps {k}", p) for k, part in enumerate(self.collective) for p in part.polynomials]
        for where, polynomial in uses:
            for letter in polynomial.letters:
                if letter not in space.index:
                    raise FiniteNError(
                        f"{where} = {polynomial}: {letter} is not an average of the model, whose letters are "
                        f"{', '.join(str(a) for a in space.letters[:12])}; give its species and modes to Model(…)."
                    )

    @functools.cached_property
    def space(self) -> Space:
        """The letters of the model and their brackets."""
        return Space(self.species, self.modes)

    @property
    def is_closed(self) -> bool:
        """True without any jumps: ρ̇ = −i[H, ρ]."""
        return not self.jumps and not self.collective

    def species_of(self, jump: LocalJump) -> Species:
        """The species whose particles jump."""
        check_kind(jump, "species of a jump", LocalJump)
        if jump.species is None:
            if len(self.species) > 1:
                names = ", ".join(s.name for s in self.species)
                raise FiniteNError(f"{shown(jump)}: the model has the species {names}; say whose jumps with species=….")
            return self.species[0]
        owner = self.space.owner(jump.species)
        if not isinstance(owner, Species):
            raise FiniteNError(
                f"{shown(jump)}: {owner} has no particles that jump; for loss use CollectiveJumps([mode.alpha])."
            )
        return owner

    def sized(self, sizes: Mapping[str, int] | Sequence[int], constants: bool = False) -> Model:
        """The same model with the fractions N_s/N of given numbers of particles.

        Parameters
        ----------
        sizes : dict or list of numbers of particles, one for each species
            Species of size 0 are left out, with their jumps. Of the other terms that contain them, only those with
            their share vanish.
        constants : bool
            True: coefficients without shares do not depend on the fractions, keep them. Default False: refuse them in
            terms with averages of a species whose fraction changes, since the number may hold its old fraction.

        Shares are given their new values, so that 0.5 w a.share a.mz is the frequency w of every particle of a at any
        size.
        Raises FiniteNError also if what is left contains a species of size 0.

        Example
        -------
        >>> a, b = Species("a", fraction=0.25), Species("b", fraction=0.75)
        >>> model = Model(0.5 * a.share * a.mz, species=[a, b])
        >>> model
        Model(species a, species b; h = 0.5 f_a m_a(σz), f_a = 0.25, 0 local jumps, 0 collective)
        >>> model.sized([1, 1]).hamiltonian
        0.25 m_a(σz)
        """
        check_switch(constants, "sized: constants")
        species = with_sizes(self.species, sizes)
        new = changed(self.species, species)
        gone = dict.fromkeys({s.name for s in self.species} - {s.name for s in species}, 0)
        jumps = [jump for jump in self.jumps if self.species_of(jump).name not in gone]
        if new and not constants:
            written = [self._written] if isinstance(self._written, Polynomial) else self._written.polynomials
            uses = [*(("h", p) for p in written), *(("Δ", jump.written) for jump in jumps)]
            uses += [("collective jumps", p) for part in self.collective for p in part.written]
            for where, polynomial in uses:
                _check_shares(where, polynomial, [s for s in self.species if s.name in new])
        return dataclasses.replace(
            self,
            hamiltonian=self._written.with_shares(gone),
            jumps=[jump.without_shares(gone) for jump in jumps],
            collective=[part.without_shares(gone) for part in self.collective],
            species=species,
        )

    @property
    def depends_on_time(self) -> bool:
        """True if a coefficient of the Hamiltonian, a rate or an amplitude is a function of time."""
        timed = any(j.depends_on_time for j in self.jumps) or any(c.time is not None for c in self.collective)
        return timed or not isinstance(self.hamiltonian, Polynomial)

    def between(self, start: float, end: float) -> Model:
        """The same model for times from `start` to `end`, with jumps of Γ(Δ, t) as sums of such with products of a
        function of Δ and one of t, to 14 digits."""
        if not any(jump.is_joint for jump in self.jumps):
            return self
        from finite_n.model.separable import products_of  # which needs jumps

        jumps = [x for jump in self.jumps for x in (products_of(jump, start, end) if jump.is_joint else [jump])]
        return self._with(self.hamiltonian, jumps, self.collective)

    @functools.cached_property
    def parts(self) -> tuple[Part, ...]:
        """Constant models M_k with functions of time f_k, such that the generator is Σ_k f_k(t) L_k, and f_0 = 1; jumps
        of Γ(Δ, t) are in them as they are, unless they are those of `between`."""
        h = self.hamiltonian
        constant, terms = (h, []) if isinstance(h, Polynomial) else (h.constant, h.terms)
        always = [[x for x in parts if x.time is None] for parts in (self.jumps, self.collective)]
        found = [Part(None, self._with(constant, *always))]
        timed = [(x.rate_factor, Polynomial({}), [x.constant()], []) for x in self.jumps if x.time is not None]
        timed += [(x.rate_factor, Polynomial({}), [], [x.constant()]) for x in self.collective if x.time is not None]
        together: dict[int, tuple] = {}  # what one and the same function multiplies
        for f, *own in [*((f, p, [], []) for f, p in terms), *timed]:
            before = together.get(id(f), (f, Polynomial({}), [], []))
            together[id(f)] = (f, *(x + y for x, y in zip(before[1:], own, strict=True)))
        signed = {id(x.rate_factor) for x in self.jumps if x.signed}
        found += [
            Part(f, self._with(*own), is_rate=bool(own[1] or own[2]) and id(f) not in signed)
            for f, *own in together.values()
        ]
        return tuple(found)

    def _with(self, h, jumps: Sequence[LocalJump], collective: Sequence[CollectiveJumps]) -> Model:
        """Some of its terms, which are valid already."""
        image = copy.copy(self)
        image.__dict__.pop("parts", None)
        for name, value in (
            ("hamiltonian", h),
            ("_written", h),
            ("jumps", tuple(jumps)),
            ("collective", tuple(collective)),
        ):
            object.__setattr__(image, name, value)
        return image

    def at(self, t: float) -> Model:
        """The model with the coefficients of one time t."""
        t = check_number(t, "model at time t")
        found = self.weighted([1.0 if p.coefficient is None else p.coefficient(t) for p in self.parts])
        return found._with(found.hamiltonian, [jump.at(t) for jump in found.jumps], found.collective)

    def weighted(self, weights: Sequence[float]) -> Model:
        """Σ_k w_k M_k over `parts`, for numbers w_k, `weights`, those of rates not negative."""
        h, jumps, collective = Polynomial({}), [], []
        for w, part in zip(weights, self.parts, strict=True):
            if part.is_rate and w < 0:
                raise FiniteNError(f"rate: its coefficient {part.coefficient.text} is {w:.6g}; a rate is not negative.")
            h = h + float(w) * part.model.hamiltonian
            jumps += [jump.constant(float(w)) for jump in part.model.jumps if w]
            collective += [c.constant(float(w)) for c in part.model.collective if w]
        return self._with(h, jumps, collective)

    @property
    def is_linear(self) -> bool:
        """True if the drift is linear in the averages: h of degree ≤ 1, no rates that depend on them, no collective
        jumps."""
        if self.depends_on_time:
            return all(part.model.is_linear for part in self.parts)
        return self.hamiltonian.degree <= 1 and all(j.amplitude.is_constant for j in self.jumps) and not self.collective

    def rotated(self, unitary) -> Model:
        """The same model in a rotated frame: every single-particle operator x becomes U x U†.

        unitary: U, shape (d, d), for a single species; or a mapping of names of species to unitaries.
        """
        turns = turns_of(self.space, unitary)
        images = turned_letters(self.space, turns)
        image = copy.copy(self)  # a rotation keeps it valid
        image.__dict__.pop("parts", None)
        jumps = tuple(jump.rotated(turns[self.species_of(jump).name], images) for jump in self.jumps)
        object.__setattr__(image, "jumps", jumps)
        object.__setattr__(image, "collective", tuple(part.rotated(images) for part in self.collective))
        object.__setattr__(image, "hamiltonian", self.hamiltonian.substitute(images))
        written = self._written.substitute(images) if self._written.has_shares else image.hamiltonian
        object.__setattr__(image, "_written", written)
        return image

    def __repr__(self):
        name = f"{self.name}: " if self.name else ""
        unnamed = self.space.letters == list(XYZ)
        parts = "" if unnamed else f"{', '.join(str(o) for o in self.space.owners)}; "
        shares = {a.owner for a in self._written.letters if is_share(a)}
        values = "".join(f", f_{s.name} = {float(s.fraction):.6g}" for s in self.species if s.name in shares)
        count = f"{len(self.jumps)} local jumps, {len(self.collective)} collective"
        return f"Model({name}{parts}h = {self._written}{values}, {count})"


def _check_hermitian(h: Polynomial) -> None:
    """Refuse what is no Hamiltonian."""
    if not all(np.isfinite(c) for c in h.words.values()):
        raise FiniteNError(f"Hamiltonian: a coefficient of h = {h} is not finite; give finite numbers.")
    check_coefficients(h, "h")
    rest = h.non_hermitian_part()
    if rest.words:
        raise FiniteNError(
            f"Hamiltonian: h is not Hermitian, ½(h − h†) = {rest}; order matters, so symmetrise products "
            "(½(m_a m_b + m_b m_a)) and use real coefficients."
        )


def _check_shares(where: str, polynomial: Polynomial, changing: Sequence[Species]) -> None:
    """Refuse a coefficient that may hold the old fraction of one of these species."""
    for word, c in polynomial.words.items():
        for s in changing:
            own = [a for a in word if a.owner == s.name and a.dim]
            if own and all(a.index for a in own):
                term = shown(Polynomial({word: c}))
                raise FiniteNError(
                    f"sized: {where} contains {term}, whose number may hold the old fraction N_{s.name}/N = "
                    f"{float(s.fraction):.6g}; write {s.name}.share for N_{s.name}/N, or give constants=True "
                    "if the numbers do not depend on fractions."
                )
