"""What every key of a study file means, by its place, in the words of the files that `finite-n init` writes."""

STUDY = {
    "name": "What reports call the study.",
    "system": "A built-in system, see `finite-n systems`; in its place a [model] of your own, or a [particle].",
    "sizes": 'Numbers of particles: four or more, increasing, such as [10, 20, 40, 80]; or "auto": they are chosen\n'
    "while it runs, until every verdict is settled or the budget is spent.",
    "budget": 'For sizes = "auto": seconds, or a text such as "2min" or "1h"; 60 seconds if nothing is said.',
    "largest": 'For sizes = "auto": the largest number of particles that may be chosen.',
    "accuracy": "Asked of «confirmed»; relative for quantities above 1.",
    "tolerance": "Of the exact evolution; the accuracy is at least 100 times as large.",
    "cutoffs": "Highest Fock level of every mode; chosen for the tolerance if nothing is said.",
    "power": "Averages are expanded in N^-power, 1 or 0.5; found from the start if nothing is said.",
    "theories": "Theories at finite N, judged at every size: meanfield, gaussian, corrected, cumulants2, cumulants3,\n"
    "cumulants4.",
    "parameters": "Numbers that the system depends on.",
    "initial": "The state at the first time.",
    "times": "Evenly spaced times, from start to stop.",
    "observables": "Further observables by name: formulas of averages, Hermitian.",
    "fluctuations": "Fluctuations beyond their covariance, by name: r of exp(i r·F), a number for every letter, or by\n"
    "label; adds characteristic functions and cumulants.",
    "state_functions": "Functions of the state by name: squeezing, entropy, entropy_per_particle, purity, negativity,\n"
    "pair_negativity_times_N, fidelity with the product state of the limit, fisher_information_per_particle,\n"
    "g2_zero; in a table, of and other are species and modes, generator is a formula of averages.",
    "claims": "Claims to judge, beside the limit that is derived from the model: tables, or formulas of t, or of t\n"
    'and N. In place of values: file = "fig3.csv", beside this file.',
    "grid": "A study for every combination of values: lists, or start:stop:number.",
    "model": "A model of your own, written without N: averages m, amplitudes alpha = a/sqrt(N).",
    "particle": "In place of a model: particles made of bosons, which do not interact.",
}
INITIAL = {
    "bloch": "averages of σx, σy, σz of every particle",
    "coherent": "all spins along θ, φ",
    "thermal": "a Hamiltonian, linear in averages, and β",
    "populations": "of levels, the first one up; without coherences",
    "ket": "amplitudes of levels, numbers or formulas",
    "matrix": "density matrix of one particle",
    "species": "one of the above for each species: [initial.species.a]",
    "modes": "of modes, vacuum if not given: alpha (order one), beta (of the fluctuations), number, thermal, or\n"
    "squeezed and angle",
}
MODEL = {
    "species": "Fractions by name, where there are several: numbers or formulas, or tables with fraction and levels.",
    "levels": "Names of levels, one letter each, where there are not two; formulas then use s_ge = |g⟩⟨e|.",
    "binned": "In place of species: particles with a distribution of a number v, in bins of equally many: normal,\n"
    'lorentzian, uniform, exponential or "standing wave", with center and width; or density, a formula of v; or\n'
    "values with weights. Formulas then use v, and average(…) over all particles, such as average(0.5*v*mz).",
    "modes": "Names of boson modes; formulas then use alpha_light, phi_light, pi_light, n_light.",
    "parameters": "Numbers that formulas may use, or formulas of those before; `--set` and [grid] change them.",
    "operators": "Operators of one particle by name: formulas of others, or matrices.",
    "hamiltonian": "H = N h: formulas of mx, my, mz, mp, mm (averages of σx … σ−) and m(…) of any operator; dag(…) is\n"
    "the adjoint. Parts may depend on t, such as exp(-(t-1)**2)*mx.",
    "functions": "Functions of time by name, used as f(t): formulas of t, or tables, { times = […], values = […] } or\n"
    '{ file = "pulse.csv" } with the columns time and value; between them they are splines, order = 3.',
    "breaks": "Times at which functions of time have kinks or jumps, numbers or formulas of parameters. They are\n"
    "looked for too, and found unless they hide between all points of a fine net.",
    "jumps": "Local jumps, of every particle: an operator with a rate, or its root, the amplitude; both may be\n"
    "functions of D, which stands for delta, of t, or of both.\n"
    "include_self = false leaves the particle itself out of delta; species says whose.",
    "collective": "Collective jumps L = sqrt(N) m(operator), with one rate, or a rate for each, or a matrix. Rates\n"
    "may be functions of t; time is one that multiplies the matrix.",
    "file": "In place of all but parameters: a Python file with one function of them that returns a finite_n.Model;\n"
    "it is executed, so `--allow-python` is needed.",
}
PARTICLE = {
    "bosons": "Names; formulas then use x_b, p_b, a_b, n_b.",
    "hamiltonian": "Of one particle.",
    "operators": "What is looked at, by name.",
    "parameters": "As of a model.",
    "jumps": "Formulas.",
    "matrix": "Their Kossakowski matrix; the identity if nothing is said.",
    "rate": "In place of a matrix: its diagonal.",
}
