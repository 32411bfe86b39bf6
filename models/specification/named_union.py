"""A union whose member is told by its `name`: `"adam"` and `{"name": "adam", "learning_rate": 0.01}` are the same."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args


@dataclass(frozen=True)
class ByName:
    """Marks a union of specifications, as in `Annotated[Sgd | Adam, ByName()]`.

    The two hooks are pydantic's protocol for types that describe themselves: plain dictionaries, so that this
    library need not import pydantic. Without pydantic the mark is read by `json_form` alone.
    """

    def __get_pydantic_core_schema__(self, source: object, handler: Callable[[object], Any]) -> Any:
        members = {member_name(member): handler.generate_schema(member) for member in get_args(source)}  # type: ignore[attr-defined]  # pydantic's handler is not imported here
        union = {"type": "tagged-union", "choices": members, "discriminator": "name", "strict": True}
        return {
            "type": "function-before",
            "function": {"type": "no-info", "function": object_from_name},
            "schema": union,
            "metadata": {"pydantic_js_functions": [_also_a_name(tuple(members))]},
        }


def member_name(member: type) -> str:
    """The name that tells this member of a union: the default of its field `name`."""
    name = member.__dataclass_fields__["name"].default  # type: ignore[attr-defined]  # members are dataclasses
    return str(name)


def object_from_name(value: object) -> object:
    """`"adam"` means `{"name": "adam"}`; anything else is left as it is."""
    return {"name": value} if isinstance(value, str) else value


def _also_a_name(names: tuple[str, ...]) -> Callable[[Any, Callable[[Any], Any]], Any]:
    def add_names(schema: Any, handler: Callable[[Any], Any]) -> Any:
        return {"anyOf": [{"type": "string", "enum": list(names)}, handler(schema["schema"])]}

    return add_names
