"""Tests of the wire, over a toy schema and a server on loopback."""
