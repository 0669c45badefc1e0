"""Records what the reference substitutes, as cases.json beside this file.

    pip install chaostoolkit-lib==1.44.0
    python record.py
"""

import json
import pathlib
import random

from chaoslib import substitute

HERE = pathlib.Path(__file__).parent

VARIABLES = [
    {"configuration": {}, "secrets": {}},
    {
        "configuration": {
            "s": "str", "i": 8, "f": 1.5, "b": True, "n": None, "d": {"a": 1, "l": [1, "x"]}, "l": [True, None, 1e16],
            "dollar": "$s", "braced": "${i}", "empty": "", "_x1": "under", "S": "upper", "a-b": "dash", "e": {}, "zero": 0,
        },
        "secrets": {},
    },
    {
        "configuration": {"s": "configured", "q": "it's"},
        "secrets": {"app": {"s": "hidden", "token": "t0k3n", "n": 42, "deep": {"token": "no"}}, "other": {"token": "second", "only": "é"}},
    },
    {"configuration": {}, "secrets": {"app": {"token": "only secrets", "x.y": 1, "i": -0.0}}},
]

TEXTS = [
    "${s}", "${i}", "${f}", "${b}", "${n}", "${d}", "${l}", "${e}", "${empty}", "${zero}", "x ${i} y", "x ${f}", "x ${b}", "x ${n}", "x ${d}", "x ${l}", "$s", "a$s-b", "$i",
    "$n", "${missing}", "a ${missing} b", "$missing", "$$", "$$s", "$${s}", "$$$s", "$$$$", "$", "$5", "${}", "${ s }", "${my-key}", "${x.y}", "${a-b}", "${é}", "$é", "${s:-def}",
    "${dollar}", "${braced}", "a ${dollar}", "$dollar", "${s}${i}", "${s} ", " ${s}", "${s}\n", "\n${s}", "${s", "$s}", "{s}", "${${s}}", "${$s}", "$_x1", "${_x1}", "$_x1é", "$sé", "$S", "${S}",
    "$s1", "$s_", "$s.i", "$s$i", "$ſ", "${ſ}", "$K", "$\u212a", "${token}", "$token", "${app}", "${app.token}", "${deep}", "a ${deep}", "${only}", "${q} $q", "${1a}", "$1a", "100%$", "a$", "$ s", "\\${s}",
    "", " ", "plain",
]

PIECES = ["$", "$$", "{", "}", "${", "s", "i", "b", "n", "d", "l", "token", "_x1", "missing", "${s}", "${n}", "$i", " ", "-", "é", "1", ".", "\n", "'"]


def texts(source):
    yield from TEXTS
    for _ in range(160):
        yield "".join(source.choice(PIECES) for _ in range(source.randint(1, 6)))


def data(source):
    for text in texts(source):
        yield text
    for value in [None, True, False, 0, 1, 1.5, [], {}, [[]], {"a": {}}]:
        yield value
    for _ in range(30):
        text = lambda: source.choice(TEXTS)
        yield [text(), [text(), {"k": text(), "${s}": [text(), 1, None]}], {"a": {"b": text()}}, True, ""]


def main():
    cases = []
    for index, variables in enumerate(VARIABLES):
        for item in data(random.Random(5 + index)):
            result = substitute(item, variables["configuration"], variables["secrets"])
            cases.append({"variables": index, "data": item, "result": result})
    lines = ",\n".join(json.dumps(case) for case in cases)
    (HERE / "cases.json").write_text(f'{{\n"variables": {json.dumps(VARIABLES)},\n"cases": [\n{lines}\n]\n}}\n')
    print(f"{len(cases)} cases")


main()
