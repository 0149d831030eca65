"""What files say of a service's variables besides their values: what each is for, and which must have one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.migration.importing.schemas.schema_file import FieldDeclaration

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


class Declared(NamedTuple):
    """Descriptions by name, and the variables that have no value, as a schema declares them."""

    service: str
    descriptions: Mapping[str, str]
    optional: frozenset[str]
    """The variables that an app can do without."""
    valueless: tuple[FieldDeclaration, ...]
    comments: tuple[str, ...] = ()
    """What stands at the end of the `service.yaml` of a new service."""

    @property
    def required(self) -> frozenset[str]:
        """The variables without a value that an app needs."""
        return frozenset(each.name for each in self.valueless if not each.is_optional)

    def completed(
        self, service: str, fields: Iterable[FieldDeclaration], known: Collection[str] = ()
    ) -> list[FieldDeclaration]:
        """Return the fields of a service with what is said of them, and those without a value that none knows."""
        fields = list(fields)
        if service != self.service:
            return fields
        names = {each.name for each in fields} | {*known}
        fields += [each for each in self.valueless if each.name not in names]
        return [self._described(each) for each in sorted(fields)]

    def _described(self, field: FieldDeclaration) -> FieldDeclaration:
        description = self.descriptions.get(field.name, "")
        return field._replace(description=description, is_optional=field.is_optional or field.name in self.optional)


NOTHING_DECLARED = Declared("", {}, frozenset(), ())
