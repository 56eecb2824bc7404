"""What the commands show to people: progress on stderr, results on stdout, an exit code.

Each command of `cli.py` has its module here, which calls the same operations as every other face.
"""
