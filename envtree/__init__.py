"""Compiles a tree of layered configuration into envdirs; a schema's author imports `Settings`, `Secret` and others."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envtree.core.schema.language import Deprecated, Port, Secret, Settings
    from envtree.core.schema.promises.marks import Differs, Same, SetIn
    from envtree.core.schema.types.csv import Csv
    from envtree.core.schema.types.duration import Duration

__all__ = ["Csv", "Deprecated", "Differs", "Duration", "Port", "Same", "Secret", "SetIn", "Settings", "__version__"]
__version__ = "0.1.0"
_MODULES = {
    "Csv": "types.csv",
    "Duration": "types.duration",
    **dict.fromkeys(("Differs", "Same", "SetIn"), "promises.marks"),
    **dict.fromkeys(("Deprecated", "Port", "Secret", "Settings"), "language"),
}
"""The modules of the schema language that have these names."""


def __getattr__(name: str) -> object:
    """Import the schema language only when a schema asks for it: pydantic costs more than all the rest."""
    if name not in _MODULES:
        raise AttributeError(f"module 'envtree' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"envtree.core.schema.{_MODULES[name]}"), name)
