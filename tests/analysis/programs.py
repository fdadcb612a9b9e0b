"""Makes random notebooks of aliases, containers, functions, classes and branches."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

NAMES = ["a", "b", "c", "d"]
FUNCTIONS = ["f", "g"]


class Maker:
    """Writes random cells; what may fail is guarded so that most cells run."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def notebook(self) -> list[str]:
        start = "a = [1]\nb = {'k': [2]}\nc = 3\nd = [a, [4]]\n"
        start += "def f(x=None):\n    return x\n"
        start += "g = lambda *xs: [a]\n"
        start += "class K:\n    n = [0]\n    def __init__(self, v=None):\n"
        start += "        self.v = v\n    def m(self, x=None):\n        return self.v\n"
        start += "k = K(a)\n"
        count = self.random.randint(2, 6)
        return [start, *(self.cell() for _ in range(count))]

    def cell(self) -> str:
        return self.block(self.random.randint(1, 4), "", 0)

    def block(self, n: int, indent: str, depth: int) -> str:
        return "".join(self.statement(indent, depth) for _ in range(n))

    def name(self) -> str:
        return self.random.choice(NAMES)

    def any_name(self) -> str:
        return self.random.choice([*NAMES, "k"])

    def value(self, depth: int = 0) -> str:
        r = self.random
        kind = r.randrange(24 if depth < 2 else 8)
        name, other = self.any_name(), self.any_name()

        def inner() -> str:
            return self.value(depth + 1) if depth < 2 else self.any_name()

        if kind < 4:
            return name
        if kind < 6:
            return r.choice(["1", "[1]", "'t'", "{}", "None", "[[5]]"])
        if kind == 6:
            return f"[{name}]"
        if kind == 7:
            return f"{{'k': {name}}}"
        if kind == 8:
            return f"({inner()}, {inner()})"
        if kind == 9:
            return f"[{inner()}, *[{inner()}]]"
        if kind == 10:
            return f"({inner()} or {inner()})"
        if kind == 11:
            return f"({inner()} if {name} else {inner()})"
        if kind == 12:
            return f"[{name} for {name} in [{inner()}]]"
        if kind == 13:
            return f"[x for x in [{inner()}, {other}]]"
        if kind == 14:
            return f"(lambda {name}: [{name}, {other}])({inner()})"
        if kind == 15:
            return f"({self.name()} := {inner()})"
        if kind == 16:
            return f"{r.choice(FUNCTIONS)}({inner()})"
        if kind == 17:
            return f"K({inner()})"
        if kind == 18:
            return f"getattr(k, 'v', {inner()})"
        if kind == 19:
            return f"list(map({r.choice(FUNCTIONS)}, [{inner()}]))"
        if kind == 20:
            return f"next(iter([{inner()}]))"
        if kind == 21:
            return f"dict(k={inner()})"
        if kind == 22:
            return f"[y := {inner()}][0]"
        return f"(lambda: {inner()})()"

    def guarded(self, indent: str, line: str) -> str:
        return (
            f"{indent}try:\n{indent}    {line}\n"
            f"{indent}except Exception as {self.random.choice(['e', self.name()])}:\n"
            f"{indent}    pass\n"
        )

    def change(self, indent: str) -> str:
        name, value = self.any_name(), self.value(1)
        line = self.random.choice(
            [
                f"{name}.append({value})",
                f"{name}[0] = {value}",
                f"{name}['k'] = {value}",
                f"{name}['k'].append({value})",
                f"{name}[0].append({value})",
                f"{name} += [{value}]",
                f"{name}[0] += [{value}]",
                f"{name}.v = {value}",
                f"{name}.v.append({value})",
                f"{name}.update(z={value})",
                f"{name}.setdefault('s', []).append({value})",
                f"{name}.clear()",
                f"{name}.pop()",
                f"k.m({value})",
                f"k.m({value}).append(1)",
                f"del {name}[0]",
                f"K.n.append({value})",
                f"setattr(k, 'v', {value})",
                f"list.append({name}, {value})",
                f"[q.append(0) for q in list({name})[:3]]",
                f"for_each({name})",
            ]
        )
        if line.startswith("for_each"):
            return self.guarded(indent, f"for z in list({name})[:3]: z.append(1)")
        return self.guarded(indent, line)

    def statement(self, indent: str, depth: int) -> str:
        r, deeper = self.random, indent + "    "
        kind = r.randrange(30)
        if depth > 2 or kind < 6:
            return self.guarded(indent, f"{self.name()} = {self.value()}")
        if kind < 13:
            return self.change(indent)
        if kind == 13:
            text = f"{indent}if {self.any_name()}:\n{self.block(1, deeper, depth + 1)}"
            if r.random() < 0.5:
                text += f"{indent}else:\n{self.block(1, deeper, depth + 1)}"
            return text
        if kind == 14:
            jump = r.choice(["", f"{deeper}break\n", f"{deeper}continue\n"])
            body = self.block(r.randint(1, 2), deeper, depth + 1)
            ending = f"{indent}else:\n{self.block(1, deeper, depth + 1)}"
            return (
                f"{indent}for {self.name()} in [{self.value(1)}, {self.value(1)}]"
                f"[:{r.randrange(3)}]:\n{body}{jump}"
                + (ending if r.random() < 0.3 else "")
            )
        if kind == 15:
            return (
                f"{indent}try:\n{self.block(r.randint(1, 2), deeper, depth + 1)}"
                f"{deeper}{r.choice(['a.x', 'raise ValueError', 'pass', 'c()'])}\n"
                f"{self.block(1, deeper, depth + 1)}"
                f"{indent}except Exception:\n{self.block(1, deeper, depth + 1)}"
                f"{indent}finally:\n{self.block(1, deeper, depth + 1)}"
            )
        if kind in (16, 17, 18):
            return self.function(indent, depth)
        if kind == 19:
            return f"{indent}{r.choice(FUNCTIONS)} = {self.callable()}\n"
        if kind == 20:
            return self.klass(indent)
        if kind == 21:
            return self.guarded(indent, f"k = K({self.value(1)})")
        if kind == 22:
            return self.guarded(indent, f"del {self.name()}")
        if kind == 23:
            first, second = self.name(), self.name()
            return self.guarded(
                indent,
                r.choice(
                    [
                        f"{first}, *{second} = {self.value(1)}, {self.value(1)}, 0",
                        f"{first}, {second} = {second}, {first}",
                        f"({first}, {second}), x = ({self.value(1)}, 1), 2",
                        f"{first} = {second} = {self.value(1)}",
                        f"[{first}, {second}] = {self.any_name()}",
                    ]
                ),
            )
        if kind == 24:
            pattern = r.choice(
                [
                    f"[{self.name()}, *rest]",
                    f"{{'k': {self.name()}, **rest}}",
                    "|",
                    f"{self.name()}",
                    f"K(v={self.name()})",
                    f"list() as {self.name()}",
                ]
            )
            if pattern == "|":
                one = self.name()
                pattern = f"[{one}] | {{'k': {one}}}"
            return (
                f"{indent}match {self.value(1)}:\n"
                f"{deeper}case {pattern}:\n"
                f"{self.block(1, deeper + '    ', depth + 1)}"
            )
        if kind == 25:
            return (
                f"{indent}while {self.any_name()}:\n"
                f"{self.block(1, deeper, depth + 1)}{deeper}break\n"
            )
        if kind == 26:
            return self.guarded(indent, f"exec({self.change('').strip()!r})")
        if kind == 27:
            return self.guarded(indent, f"print(f'{{{self.any_name()}!r}}', k)")
        if kind == 28:
            return self.decorated(indent)
        return self.guarded(indent, f"print({self.value()})")

    def callable(self) -> str:
        r = self.random
        return r.choice(
            [
                r.choice(FUNCTIONS),
                f"lambda x=None: [{self.name()}, x]",
                f"lambda x=None: {self.name()}",
                f"lambda x={self.name()}: x",
                "k.m",
                "K",
                "(lambda h: lambda x=None: h(x))(" + r.choice(FUNCTIONS) + ")",
                "[f, g][0]",
                "{'k': f}['k']",
            ]
        )

    def function(self, indent: str, depth: int) -> str:
        r, deeper = self.random, indent + "    "
        name = r.choice(FUNCTIONS)
        parameter = r.choice(["x", self.name()])
        default = r.choice(["None", "[]", self.name(), "1"])
        body = ""
        if r.random() < 0.35:
            declared = self.name()
            if declared != parameter:
                body += f"{deeper}global {declared}\n"
        elif r.random() < 0.2:
            body += f"{deeper}try:\n{deeper}    {parameter}.append({self.name()})\n"
            body += f"{deeper}except Exception: pass\n"
        body += self.block(r.randint(1, 2), deeper, max(depth, 2))
        if r.random() < 0.3:
            body += f"{deeper}if {parameter}:\n{deeper}    return {self.value(1)}\n"
        body += f"{deeper}return {r.choice([parameter, self.value(1)])}\n"
        return f"{indent}def {name}({parameter}={default}):\n{body}"

    def klass(self, indent: str) -> str:
        deeper = indent + "    "
        inner = deeper + "    "
        return (
            f"{indent}class K:\n{deeper}n = {self.value(1)}\n"
            f"{deeper}def __init__(self, v=None):\n{self.block(1, inner, 2)}"
            f"{inner}self.v = v\n"
            f"{deeper}def m(self, x=None):\n{self.change(inner)}"
            f"{inner}return {self.value(1)}\n"
            f"{deeper}def __repr__(self):\n{self.change(inner)}"
            f"{inner}return 'K'\n"
        )

    def decorated(self, indent: str) -> str:
        deeper = indent + "    "
        return (
            f"{indent}def wrap(h):\n{deeper}def inner(x=None):\n"
            f"{self.change(deeper + '    ')}"
            f"{deeper}    return h(x)\n{deeper}return inner\n"
            f"{indent}@wrap\n{indent}def {self.random.choice(FUNCTIONS)}(x=None):\n"
            f"{deeper}return {self.value(1)}\n"
        )
