"""Measurements, each a script: `python -m benchmarks.slack` in the root of the project.

They share the platforms on loopback with the tests; whoever imports anything of this package finds these as `loopback`.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests"))
