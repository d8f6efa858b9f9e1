"""Merkli and Rafiyi 2018 (Proc. R. Soc. A 474, 20170856): expansions of averages in λ and N^−½."""
