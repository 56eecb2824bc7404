"""Content checks: secrets, personal data, scripts and hidden characters in the texts of a version.

Pure functions over text, linear in its length whatever it is: no pattern here can backtrack far, for every repetition
is bounded or possessive and every start is cheap to dismiss. It imports the domain only. `examiner` is where to begin;
`graph.operations.examinations` says when a version is examined and what follows.
"""
