"""Words that can't be names in a generated file: a language's own, and those that the file itself uses."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PYTHON = _words("""
    False None True and as assert async await break class continue def del elif else except finally for from global if
    import in is lambda nonlocal not or pass raise return try while with yield
    Any Callable Generic Literal Mapping NoReturn Path Secret Settings SettingsError TypeVar annotations bool bytes
    dataclass dict environ faults float get int json key list load math object os re self settings str
    timedelta tuple value
""")
TYPESCRIPT = _words("""
    Array Boolean Error Infinity Invalid JSON Keys Map NaN Number Object Read ReadJson Readonly ReadonlyMap Record
    RegExp Secret Settings SettingsError String Symbol TextEncoder Variables
""")
"""Names of records alone: any name can be a key."""
GO = _words("Error Load LoadFrom Secret Settings")
RUBY = _words("""
    BEGIN END alias and begin break case class def defined do else elsif end ensure false for if in module next nil not
    or redo rescue retry return self super then true undef unless until when while yield
    clone define_singleton_method display dup enum_for extend freeze hash inspect instance_eval instance_exec
    instance_of instance_variable_get instance_variable_set instance_variables is_a itself kind_of method methods
    object_id pretty_print private_methods protected_methods public_method public_methods public_send
    remove_instance_variable send singleton_class singleton_method singleton_methods tap to_enum to_json to_s to_yaml
    yield_self initialize initialize_copy initialize_clone initialize_dup method_missing instance_variable_names
    respond_to_missing __id__ __send__ __method__ __dir__ __callee__ __binding__ raise block_given binding encode_with
    as_json marshal_dump to_h to_hash to_str to_ary to_a to_proc coerce
""")
