"""Equations of Fiorelli 2024 (arXiv:2402.00792) for Hopfield networks that several claims and studies use, as printed,
in names of `network.py`."""

# eqs. 59–63
DRIFT = "-2*Omega*eps*same + same*cosh(beta*Eh)*(-xx/2 - yy/2 - zz)"
TRANSPOSE = "2*Omega*eps*same + same*cosh(beta*Eh)*(-xx/2 - yy/2 - zz)"
_MIXED = "xz*tanh(beta*Eh)*mx - yz*tanh(beta*Eh)*my - zx*tanh(beta*Eh)*mx - zy*tanh(beta*Eh)*my"
FLIPS = f"same*cosh(beta*Eh)*(xx + yy + 2*zz*(1 - tanh(beta*Eh)*mz) - {_MIXED})"
# eq. B.16, whose braces close before the last four terms
FLIPS_B16 = (
    "same*cosh(beta*Eh)*(xx + yy + 2*zz*(1 - tanh(beta*Eh)*mz)) - xz*sinh(beta*Eh)*mx - yz*sinh(beta*Eh)*my"
    " - zx*sinh(beta*Eh)*mx - zy*sinh(beta*Eh)*my"
)
SECOND = "beta**2/8*sh*chain(cosh(beta*E) - z*sinh(beta*E))*sk"
FIRST = "-beta/8*sh*w*(cosh(beta*Eh) + cosh(beta*Ek))*sk"
# what the derivative of the rates adds to eq. 59
RATES = "beta*w*(zz*(cosh(beta*Eh) - mz*sinh(beta*Eh)) - (xz*mx + yz*my)*sinh(beta*Eh)/2)"
# eq. B.1
MEAN_FIELD = {
    "z": "2*Omega*y - cosh(beta*E)*z + sinh(beta*E)",
    "y": "-2*Omega*z - cosh(beta*E)*y/2",
    "x": "-cosh(beta*E)*x/2",
}
