"""Platforms that run inside the test: real protocols over the loopback, with faults on demand."""
