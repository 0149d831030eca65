"""Compiles a tree of layered configuration into envdirs; a schema's author imports `Settings`, `Secret` and `Port`."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envtree.core.schema.language import Port, Secret, Settings

__all__ = ["Port", "Secret", "Settings", "__version__"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Import the schema language only when a schema asks for it: pydantic costs more than all the rest."""
    if name not in ("Port", "Secret", "Settings"):
        raise AttributeError(f"module 'envtree' has no attribute {name!r}")
    from envtree.core.schema import language as schema

    return getattr(schema, name)
