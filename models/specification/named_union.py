"""Unions whose member is determined by the JSON value itself, so that an error concerns one member only.

The marks implement pydantic's protocol for types that describe themselves, with plain dictionaries, so that this
library need not import pydantic. Without pydantic, only `json_codec` reads them.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

# Begins the tag of each member, which pydantic puts into the location of an error. JSON from callers must not contain
# U+0000, so no name in it looks like a tag.
TAG_MARK = "\0"


@dataclass(frozen=True)
class ByName:
    """Marks a union whose member is named: `"adam"` and `{"name": "adam", "learning_rate": 0.01}` are the same.

    As in `Annotated[Sgd | Adam, ByName()]`.
    """

    def __get_pydantic_core_schema__(self, source: object, handler: Callable[[object], Any]) -> Any:
        members = get_args(source)
        names = [member_name(member) for member in members]
        return {
            "type": "function-before",
            "function": {"type": "no-info", "function": object_from_name},
            "schema": _tagged_union(dict(zip(names, members, strict=True)), _name_in, handler),
            "metadata": {"pydantic_js_functions": [_also_a_name(names)]},
        }


@dataclass(frozen=True)
class ByShape:
    """Marks a union of lists, objects and plain values, as in `Annotated[float | tuple[float, ...], ByShape()]`.

    A value that has the shape of no member is validated as the first member.
    """

    def __get_pydantic_core_schema__(self, source: object, handler: Callable[[object], Any]) -> Any:
        members = {str(position): member for position, member in enumerate(get_args(source))}
        return _tagged_union(members, lambda value: _fitting_member(value, members), handler)


def member_name(member: type) -> str:
    """The name of this member of a union: the default of its field `name`."""
    name = member.__dataclass_fields__["name"].default  # type: ignore[attr-defined]  # members are dataclasses
    return str(name)


def object_from_name(value: object) -> object:
    """`"adam"` means `{"name": "adam"}`; anything else is left as it is."""
    return {"name": value} if isinstance(value, str) else value


def _tagged_union(members: dict[str, Any], tag_of: Callable[[object], str], handler: Callable[[Any], Any]) -> Any:
    choices = {TAG_MARK + tag: handler.generate_schema(member) for tag, member in members.items()}  # type: ignore[attr-defined]  # pydantic's handler is not imported here
    return {
        "type": "tagged-union",
        "choices": choices,
        "discriminator": lambda value: TAG_MARK + tag_of(value),
        "strict": True,
    }


def _name_in(value: object) -> str:
    """The name in a value; the empty text, which no member has, where there is none."""
    name = value.get("name") if isinstance(value, dict) else getattr(value, "name", None)
    return name if isinstance(name, str) else ""


def _also_a_name(names: list[str]) -> Callable[[Any, Callable[[Any], Any]], Any]:
    def add_names(schema: Any, handler: Callable[[Any], Any]) -> Any:
        objects = handler(schema["schema"])
        references = [member["$ref"] for member in objects["oneOf"]]
        objects["discriminator"] = {"propertyName": "name", "mapping": dict(zip(names, references, strict=True))}
        return {"anyOf": [{"type": "string", "enum": names}, objects]}

    return add_names


def _fitting_member(value: object, members: dict[str, Any]) -> str:
    """The tag of the member that has the value's shape; of several objects, that with most of its names."""
    fitting = [tag for tag, member in members.items() if _has_shape(value, _kind_of(member))]
    return max(fitting or members, key=lambda tag: _n_shared_names(value, members[tag]))


def _kind_of(member: Any) -> Any:
    """The type of a member's values: `tuple` for `tuple[float, ...]`, `str` for a literal text."""
    if get_origin(member) is Annotated:
        return _kind_of(get_args(member)[0])
    if get_origin(member) is Literal:
        return type(get_args(member)[0])
    return get_origin(member) or member


def _has_shape(value: object, kind: Any) -> bool:
    if kind is tuple:
        return isinstance(value, list | tuple)
    return isinstance(value, kind) or (is_dataclass(kind) and isinstance(value, dict))


def _n_shared_names(value: object, member: Any) -> int:
    names = {field.name for field in fields(member)} if is_dataclass(member) else set()
    return len(names & set(value)) if isinstance(value, dict) else 0
