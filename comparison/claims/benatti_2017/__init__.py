"""Benatti et al. 2017 (arXiv:1705.08648): two chains of oscillators in one bath, entangled by it."""
