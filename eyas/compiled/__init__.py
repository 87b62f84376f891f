"""An ordinary `on_bar` that runs without Python: read from its source, run by a machine beside the kernel.

docs/compiled.md says what can be compiled; docs/decisions/0008-compiled.md why it is done so.
"""

from eyas.compiled.errors import NotCompiled
from eyas.compiled.program import Program, Stage, compiled

__all__ = ["NotCompiled", "Program", "Stage", "compiled"]
