"""Words that the code gives to its users, found in the syntax of every file, wherever a file lies."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.support.processes import PROJECT

PAIRS = ("tuple[str, str]", "list[tuple[str, str]]", "Iterator[tuple[str, str]]")
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Sources:
    """The syntax of all modules of some packages."""

    packages: tuple[str, ...]
    nodes: list[ast.AST] = field(init=False)

    def __post_init__(self) -> None:
        files = [file for package in self.packages for file in sorted((PROJECT / package).rglob("*.py"))]
        self.nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]

    def given_as(self, name: str) -> set[str]:
        """All texts that some code gives as `name`: as an argument, a key's value, a variable or a field's choices.

        An argument counts by the parameter that it fills, so that it is found by position too.
        """
        places = self._places_of(name)
        found: set[str] = set()
        for node in self.nodes:
            for value in _values_given(node, name, places):
                found |= set(_texts(value))
        return found

    def below(self, base: str) -> set[str]:
        """The names of the class `base` and of all that derive from it."""
        children = defaultdict(set)
        for node in self.nodes:
            if isinstance(node, ast.ClassDef):
                for parent in node.bases:
                    children[ast.unparse(parent)].add(node.name)
        known, new = set(), {base}
        while new:
            known |= new
            new = {child for parent in new for child in children[parent]} - known
        return known

    def first_of_pairs(self, word: str) -> set[str]:
        """The first texts of pairs (text, sentence) that functions give with this word in their names."""
        found: set[str] = set()
        for node in self.nodes:
            if isinstance(node, FunctionNode) and word in node.name and _gives_pairs(node):
                pairs = (
                    inner.elts for inner in ast.walk(node) if isinstance(inner, ast.Tuple) and len(inner.elts) == 2
                )
                found |= {text for first, second in pairs if _is_sentence(second) for text in _texts(first)}
        return found

    def values_of_mappings(self, name: str) -> set[str]:
        """The texts in dictionaries of this name."""
        dictionaries = (
            node.value
            for node in self.nodes
            if isinstance(node, ast.Assign) and _names(node.targets) == [name] and isinstance(node.value, ast.Dict)
        )
        return {text for one in dictionaries for value in one.values for text in _texts(value)}

    def _places_of(self, parameter: str) -> dict[str, set[int]]:
        """Of each function and class with this parameter, its place among the arguments of a call."""
        places: dict[str, set[int]] = defaultdict(set)
        for node in self.nodes:
            if isinstance(node, FunctionNode):
                _note(places, node.name, _arguments(node), parameter)
            elif isinstance(node, ast.ClassDef):
                _note(places, node.name, _constructor(node), parameter)
        return places


def _note(places: dict[str, set[int]], name: str, arguments: list[str], parameter: str) -> None:
    if parameter in arguments:
        places[name].add(arguments.index(parameter))


def _arguments(node: FunctionNode) -> list[str]:
    names = [one.arg for one in [*node.args.posonlyargs, *node.args.args]]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def _constructor(node: ast.ClassDef) -> list[str]:
    """The parameters of the class: those of `__init__`, else its annotated fields, as a dataclass has them."""
    for inner in node.body:
        if isinstance(inner, FunctionNode) and inner.name == "__init__":
            return _arguments(inner)
    return [inner.target.id for inner in node.body if isinstance(inner, ast.AnnAssign) and _is_name(inner.target)]


def _values_given(node: ast.AST, name: str, places: dict[str, set[int]]) -> Iterator[ast.AST]:
    if isinstance(node, ast.Call):
        yield from (word.value for word in node.keywords if word.arg == name)
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        yield from (node.args[place] for place in places.get(called, ()) if place < len(node.args))
    elif isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        yield from (value for key, value in pairs if isinstance(key, ast.Constant) and key.value == name)
    elif isinstance(node, ast.Assign) and _names(node.targets) == [name]:
        yield node.value
    elif isinstance(node, ast.AnnAssign) and _is_name(node.target) and node.target.id == name:
        yield from _choices(node.annotation)


def _choices(annotation: ast.AST) -> Iterator[ast.AST]:
    """What stands in `Literal[…]`."""
    for inner in ast.walk(annotation):
        if isinstance(inner, ast.Subscript) and ast.unparse(inner.value) == "Literal":
            yield from inner.slice.elts if isinstance(inner.slice, ast.Tuple) else [inner.slice]


def _texts(value: ast.AST) -> Iterator[str]:
    """The texts that an expression can be: itself, or the branches of a condition."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from _texts(value.body)
        yield from _texts(value.orelse)
    elif isinstance(value, ast.BoolOp):
        for part in value.values:
            yield from _texts(part)


def _gives_pairs(function: FunctionNode) -> bool:
    return function.returns is not None and ast.unparse(function.returns) in PAIRS


def _is_sentence(value: ast.AST) -> bool:
    """A text with words, or the variable in which one was put together."""
    is_text = isinstance(value, ast.Constant) and " " in str(value.value)
    return is_text or isinstance(value, ast.JoinedStr) or ast.unparse(value) == "message"


def _names(targets: Iterable[ast.AST]) -> list[str]:
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _is_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Name)
