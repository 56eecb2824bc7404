"""What Promptgraph costs, as ratios from one run against bare twins that do the same work.

`python -m benchmarks` runs all, `python -m benchmarks reads appends` some. Every server runs in its own process on one
core; what is compared is its CPU time for one request, which is steadier on a shared machine than the wall clock.
"""
