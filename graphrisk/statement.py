"""Cypher statements as files: a header that documents them, and the check that one only reads.

A query file starts with a header of `//` lines:

    // Who stands behind whom
    // What the rows show, in a sentence or two.
    // param id text: id of the party
    // param limit integer = 100: at most so many rows
    // returns debtor_id: whose debt it is

The rest is one statement. Types of a parameter: text, integer, number, boolean, date, list (of texts).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from graphrisk.errors import UsageError, nearest
from graphrisk.shipped import shipped

PARAM_TYPES = ("text", "integer", "number", "boolean", "date", "list")


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """A parameter of a query; `required` ones have no default."""

    name: str
    type: str
    meaning: str
    required: bool
    default: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A query of the library: `returns` maps each column to its meaning, `text` is the statement."""

    name: str
    title: str
    about: str
    params: Mapping[str, Param]
    returns: Mapping[str, str]
    text: str
    path: Path

    def bind(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the value of every parameter: texts as typed by a user become values, defaults fill the rest.

        Raises UsageError for an unknown or missing parameter, or a value of the wrong type.
        """
        for name in given:
            if name not in self.params:
                raise UsageError(f"query {self.name} has no parameter {name!r}", hint=nearest(name, self.params))
        missing = [param for param in self.params.values() if param.required and param.name not in given]
        if missing:
            raise UsageError(
                f"query {self.name} needs " + ", ".join(f"{p.name} ({p.meaning})" for p in missing),
                hint=f"graphrisk query {self.name} " + " ".join(f"--param {p.name}=..." for p in missing),
            )
        return {
            param.name: _typed(param, given[param.name], self.name) if param.name in given else param.default
            for param in self.params.values()
        }


def query_names(own_queries: Path | None = None) -> list[str]:
    """Return the names of all queries: those of the project's own folder and the shipped ones."""
    return sorted({path.stem for folder in _folders(own_queries) for path in folder.glob("*.cypher")})


def find_query(name: str, own_queries: Path | None = None) -> Query:
    """Return the query called `name`, the project's own first; UsageError naming the nearest if there is none."""
    for folder in _folders(own_queries):
        path = folder / f"{name}.cypher"
        if name in {known.stem for known in folder.glob("*.cypher")}:
            return parse_query(path)
    raise UsageError(f"no query is called {name!r}", hint=nearest(name, query_names(own_queries)))


def _folders(own_queries: Path | None) -> list[Path]:
    own = [own_queries] if own_queries is not None and own_queries.is_dir() else []
    return [*own, shipped("queries")]


_PARAM = re.compile(r"param (?P<name>\w+) (?P<type>\w+)(?: = (?P<default>.*?))?: (?P<meaning>.+)")
_RETURNS = re.compile(r"returns (?P<name>\w+): (?P<meaning>.+)")


def parse_query(path: Path) -> Query:
    """Return the query in a file; UsageError naming the line where its header or statement is wrong."""
    try:
        whole = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", where=str(path), hint="queries are UTF-8 text") from error
    prose: list[str] = []
    params: dict[str, Param] = {}
    returns: dict[str, str] = {}
    lines = whole.splitlines()
    end = next((i for i, line in enumerate(lines) if not line.startswith("//")), len(lines))
    for number, line in enumerate(lines[:end], 1):
        said = line[2:].strip()
        where = f"{path}:{number}"
        if said.startswith("param "):
            param = _parse_param(said, where)
            params[param.name] = param
        elif said.startswith("returns "):
            match = _RETURNS.fullmatch(said)
            if match is None:
                raise UsageError(f"cannot read {said!r}", where=where, hint="write: // returns column: meaning")
            returns[match["name"]] = match["meaning"]
        elif said:
            prose.append(said)
    if not prose:
        raise UsageError("has no title", where=str(path), hint="the first line is a comment: // Title")
    text = check_statement("\n" * end + "\n".join(lines[end:]), where=str(path)).strip()
    used = {token.text[1:].strip("`") for token in tokens(text) if token.kind == "param"}
    for name in sorted(used ^ set(params)):
        what = "is used but not declared" if name in used else "is declared but not used"
        raise UsageError(f"parameter {name} {what}", where=str(path), hint=f"// param {name} text: meaning")
    return Query(
        name=path.stem,
        title=prose[0],
        about=" ".join(prose[1:]),
        params=params,
        returns=returns,
        text=text,
        path=path,
    )


def _parse_param(said: str, where: str) -> Param:
    match = _PARAM.fullmatch(said)
    if match is None:
        raise UsageError(
            f"cannot read {said!r}", where=where, hint="write: // param name type: meaning, or type = default: meaning"
        )
    if match["type"] not in PARAM_TYPES:
        raise UsageError(
            f"no parameter type is called {match['type']!r}", where=where, hint=nearest(match["type"], PARAM_TYPES)
        )
    bare = Param(name=match["name"], type=match["type"], meaning=match["meaning"], required=match["default"] is None)
    if bare.required:
        return bare
    value = None if match["default"] == "null" else _typed(bare, match["default"], where)
    return Param(name=bare.name, type=bare.type, meaning=bare.meaning, required=False, default=value)


def _typed(param: Param, value: Any, query: str) -> Any:
    """Return `value` in the parameter's type; a text is read as a user types it."""
    try:
        return _READ[param.type](value)
    except (ValueError, TypeError):
        article = "an integer" if param.type == "integer" else f"a {param.type}"
        hint = {"list": 'write A,B,C or ["A","B"]', "date": "write YYYY-MM-DD", "boolean": "write true or false"}
        raise UsageError(
            f"parameter {param.name} is {article}, not {value!r}", where=query, hint=hint.get(param.type, "")
        ) from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _integer(value: Any) -> int:
    number = int(value) if isinstance(value, str) else value
    if isinstance(number, bool) or not isinstance(number, int) or abs(number) >= 2**63:
        raise TypeError
    return number


def _number(value: Any) -> float:
    number = float(value)
    if isinstance(value, bool) or number - number != 0:
        raise ValueError
    return number


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}[value.lower()] if value.lower() in ("true", "false") else _text(None)  # type: ignore[return-value]


def _day(value: Any) -> str:
    return (value if isinstance(value, date) else date.fromisoformat(value)).isoformat()


def _list(value: Any) -> list[str]:
    if isinstance(value, str):
        value = json.loads(value) if value.startswith("[") else [part for part in value.split(",") if part]
    return [_text(item) for item in value]


_READ = {"text": _text, "integer": _integer, "number": _number, "boolean": _boolean, "date": _day, "list": _list}


class Token(NamedTuple):
    """A piece of a statement: kind is word, param, text, name (in back-ticks), number, mark or comment."""

    kind: str
    text: str
    line: int
    at: int


_TOKEN = re.compile(
    r"""(?P<space>\s+) | (?P<comment>//[^\n]*) | (?P<block>/\*)
    | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*") | (?P<name>`(?:[^`]|``)*`)
    | (?P<param>\$(?:\w+|`(?:[^`]|``)*`)) | (?P<number>0x[0-9a-fA-F]+|(?:\d+(?:\.(?!\.)\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<word>[^\W\d]\w*) | (?P<mark>\.\.|<>|<=|>=|=~|->|<-|.)""",
    re.VERBOSE | re.DOTALL,
)

# Neo4j reads \u0027 as a quotation mark before it looks for texts: it could end one where this check sees none.
_SMUGGLED = re.compile(r"\\u+00(?:22|27|5[cC]|60)")
_NAMESPACES = frozenset(("date", "datetime", "duration", "localdatetime", "localtime", "point", "time", "vector"))
"""Of the functions that every Neo4j has; those of plugins reach files and networks."""
_FIRST = ("MATCH", "OPTIONAL", "UNWIND", "WITH", "RETURN")
_WRITES = frozenset(
    (
        *("CREATE", "MERGE", "SET", "DELETE", "DETACH", "NODETACH", "REMOVE", "DROP", "FOREACH", "INSERT", "ALTER"),
        *("GRANT", "DENY", "REVOKE", "RENAME", "START", "STOP", "TERMINATE", "USE", "FINISH", "EXPLAIN", "PROFILE"),
        *("SHOW", "LOAD"),
    )
)


def tokens(text: str, where: str = "statement") -> list[Token]:
    """Return the pieces of a statement without comments; UsageError for an open text or a block comment."""
    found = []
    line, at = 1, 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        assert match is not None  # the last alternative takes any character
        kind = str(match.lastgroup)
        if kind == "block":
            raise UsageError("/* */ comments are not portable", where=f"{where}:{line}", hint="write // comments")
        if kind == "mark" and match[0] in "'\"`":
            raise UsageError(f"a text opened with {match[0]} is not closed", where=f"{where}:{line}")
        if kind != "text":
            _refuse_hidden(match[0], f"{where}:{line}")
        if kind not in ("space", "comment"):
            found.append(Token(kind, match[0], line, at))
        line += match[0].count("\n")
        at = match.end()
    return found


def _refuse_hidden(piece: str, where: str) -> None:
    """Refuse characters that nobody sees: to an engine one may end a comment or a word where we see no end."""
    for character in piece:
        if character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
            raise UsageError(
                f"the character U+{ord(character):04X} may stand only inside a text",
                where=where,
                hint="remove it; lines end with a line feed",
            )


def check_statement(text: str, where: str = "statement") -> str:
    """Return `text` without a closing semicolon, if it is one read-only statement; UsageError saying why not."""
    text = text.replace("\r\n", "\n")
    pieces = tokens(text, where)
    while pieces and pieces[-1].text == ";":
        text = text[: pieces.pop().at]
    if not pieces:
        raise UsageError("the statement is empty", where=where, hint="MATCH (p:Party) RETURN p.id AS id LIMIT 10")
    for at, piece in enumerate(pieces):
        if piece.text == ";":
            raise UsageError(
                "more than one statement", where=f"{where}:{piece.line}", hint="run one statement at a time"
            )
        if piece.text == "\\" or (piece.kind in ("text", "name") and _SMUGGLED.search(piece.text)):
            raise UsageError(
                "an escaped quotation mark as \\u.... is not allowed",
                where=f"{where}:{piece.line}",
                hint="write \\' or \\\", or pass the text as a parameter",
            )
        if piece.kind == "word" and _is_keyword(pieces, at):
            _check_keyword(pieces, at, where)
        if piece.text == "." and at and pieces[at - 1].kind == "number":
            raise UsageError("a number ends with a digit", where=f"{where}:{piece.line}", hint="write 1 or 1.0")
        if piece.text == "(" and at > 2 and pieces[at - 2].text == ".":
            _check_namespace(pieces, at, where)
    if pieces[0].text.upper() not in (*_FIRST, "CALL"):
        raise UsageError(
            f"a statement that reads starts with {', '.join(_FIRST[:-1])} or RETURN, not {pieces[0].text}",
            where=f"{where}:{pieces[0].line}",
        )
    if not any(piece.kind == "word" and piece.text.upper() == "RETURN" for piece in pieces):
        raise UsageError("the statement returns nothing", where=where, hint="end it with RETURN ...")
    return text


def _is_keyword(pieces: list[Token], at: int) -> bool:
    """Return whether a word may be a keyword: not a property, a label, a type or the key of a map."""
    before = pieces[at - 1].text if at else ""
    after = pieces[at + 1].text if at + 1 < len(pieces) else ""
    return before not in (".", ":", "|", "&", "!") and not (before in ("{", ",") and after == ":")


def _check_keyword(pieces: list[Token], at: int, where: str) -> None:
    word = pieces[at].text.upper()
    after = pieces[at + 1].text if at + 1 < len(pieces) else ""
    if word in _WRITES:
        raise UsageError(
            f"{word} is not allowed: a query only reads",
            where=f"{where}:{pieces[at].line}",
            hint="start it with MATCH and end it with RETURN (a name that is also a keyword goes in back-ticks)",
        )
    if word == "CALL" and after not in ("{", "("):
        raise UsageError(
            "procedures are not allowed in a query",
            where=f"{where}:{pieces[at].line}",
            hint="graphrisk analyze NAME computes centralities, chains and the like",
        )


def _check_namespace(pieces: list[Token], at: int, where: str) -> None:
    """Refuse a call `a.b(` of a function that is not the engine's own."""
    space = pieces[at - 3]
    deeper = at > 3 and pieces[at - 4].text == "."
    if deeper or space.kind not in ("word", "name") or space.text.strip("`").lower() not in _NAMESPACES:
        raise UsageError(
            f"the function {space.text}.{pieces[at - 1].text} is not allowed in a query",
            where=f"{where}:{space.line}",
            hint=f"functions with a dot: {', '.join(sorted(_NAMESPACES))}",
        )


def check_portable(text: str, where: str = "statement") -> None:
    """Refuse what the embedded store would answer differently from Neo4j; UsageError says what to write instead."""
    pieces = tokens(text, where)
    for at, piece in enumerate(pieces):
        here = f"{where}:{piece.line}"
        after = pieces[at + 1].text if at + 1 < len(pieces) else ""
        before = pieces[at - 1].text if at else ""
        if piece.text == "[" and before in ("-", "<-"):
            _check_length(pieces, at, here)
        if piece.kind == "word" and after == "(" and before != ".":
            if piece.text.lower() in ("id", "elementid"):
                raise UsageError(f"{piece.text}() differs between stores", where=here, hint="use the property: n.id")
            if piece.text.lower() in ("keys", "properties"):
                raise UsageError(
                    f"{piece.text}() differs between stores", where=here, hint="return the node itself, or name them"
                )
        if before == "." and piece.text.lower() in ("type", "title", "label", "labels"):
            raise UsageError(
                f"no property is called {piece.text}", where=here, hint="use n.kind, n.name, labels(n) or type(r)"
            )
        if piece.text == "." and before in ("{", ",") and after == "*":
            raise UsageError("the projection .* differs between stores", where=here, hint="name the properties")
        if piece.text.upper() == "FORMAT" and after.upper() == "CSV":
            raise UsageError("FORMAT CSV is not Cypher", where=here, hint="graphrisk query ... --format csv")


def _check_length(pieces: list[Token], at: int, here: str) -> None:
    """Refuse a relationship pattern with `*` and no upper bound."""
    inside = []
    for piece in pieces[at + 1 :]:
        if piece.text in ("]", "{", "WHERE"):
            break
        inside.append(piece.text)
    if "*" not in inside:
        return
    bounds = inside[inside.index("*") + 1 :]
    bounded = (".." in bounds and bounds[-1].isdigit()) or (len(bounds) == 1 and bounds[0].isdigit())
    if not bounded:
        raise UsageError("a pattern of variable length has no upper bound", where=here, hint="write for example *1..5")
