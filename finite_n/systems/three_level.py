"""A gas of three-level atoms |g⟩, |e⟩, |r⟩ in which Rydberg atoms |r⟩ shift each other."""

from __future__ import annotations

import math

import numpy as np

from finite_n.model.local_jump import LocalJump
from finite_n.model.model import Model
from finite_n.model.species import Species
from finite_n.model.validation import check_number

LEVELS = {"g": 0, "e": 1, "r": 2}


def unit(to: str, source: str) -> np.ndarray:
    """|to⟩⟨source| of the levels "g", "e", "r"."""
    out = np.zeros((3, 3))
    out[LEVELS[to], LEVELS[source]] = 1.0
    return out


def three_level(
    omega: float = 1.0,
    detuning: float = 0.0,
    decay: float = 1.0,
    pump: float = 2.0,
    shift: float = 3.0,
    offset: float = 0.0,
    leak: float = 0.5,
    control: float = 0.0,
    self_energy: bool = False,
) -> Model:
    """Atoms driven coherently between |g⟩ and |e⟩, and pumped from |e⟩ into |r⟩ at a rate that the density of |r⟩ sets.

    H = Σ_k [Ω/2 (|g⟩⟨e| + |e⟩⟨g|) + Ω_c/2 (|e⟩⟨r| + |r⟩⟨e|) − δ |e⟩⟨e|]^(k), jumps at constant rates |e⟩ → |g⟩ (γ) and
    |r⟩ → |g⟩ (κ), and |e⟩ ↔ |r⟩ both ways at the rate Γ² of an incoherent laser whose line the other atoms shift:

        Γ(Δ) = √(pump / (1 + (offset − shift Δ)²)),   Δ = m(|r⟩⟨r|).

    offset = 0 is a blockade, atoms in |r⟩ hinder others; offset > 0 facilitation, they help until shift Δ = offset.
    Rates in units of the linewidth of the pump, ħ = 1.

    Parameters
    ----------
    omega, detuning : float
        Ω and δ.
    decay, leak : float
        γ and κ, not negative.
    pump : float
        Rate on resonance, not negative.
    shift, offset : float
        Shift of the line when all atoms are in |r⟩, and detuning of the pump, in linewidths.
    control : float
        Ω_c. At 0, the default, nothing makes coherences with |r⟩, and few elements of the state matter.
    self_energy : bool
        Whether an atom counts in the Δ of its own jump. Default False: it does not shift itself.

    Example
    -------
    >>> from finite_n import evolve
    >>> model = three_level()
    >>> result = evolve(model, 4, unit("g", "g"), [0.0, 2.0], {"r": model.species[0].average(unit("r", "r"))})
    >>> result.e_data["r"].real.round(6)
    array([0.      , 0.086203])

    Source: the class of Fiorelli et al. 2023 (particles of d levels, eq. 58) with a rate as in M. Marcuzzi et al., New
    J. Phys. 16, 063002 (2014).
    """
    for name, value in (("decay", decay), ("leak", leak), ("pump", pump)):
        check_number(value, f"three_level: rate {name}", 0)
    others = {"omega": omega, "detuning": detuning, "control": control, "shift": shift, "offset": offset}
    for name, value in others.items():
        check_number(value, f"three_level: {name}")
    atoms = Species("", 3)
    drive = omega / 2 * (unit("g", "e") + unit("e", "g")) + control / 2 * (unit("e", "r") + unit("r", "e"))
    h = atoms.average(drive - detuning * unit("e", "e"))
    rydberg = atoms.average(unit("r", "r"))

    def amplitude(delta):
        return np.sqrt(pump / (1 + (offset - shift * delta) ** 2))

    jumps = [
        LocalJump(unit("r", "e"), amplitude, rydberg, include_self=self_energy),
        LocalJump(unit("e", "r"), amplitude, rydberg, include_self=self_energy),
        LocalJump(unit("g", "e"), math.sqrt(decay)),
        LocalJump(unit("g", "r"), math.sqrt(leak)),
    ]
    return Model(h, jumps, name="three_level", species=[atoms])
