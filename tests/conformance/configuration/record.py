"""Records what Chaos Toolkit makes of variables, configuration and process arguments.

Run it with a Python that has chaostoolkit-lib installed:

    python record.py > recorded.json

Cases whose result JSON cannot hold (bytes, NaN) are recorded with "unholdable".
"""

import json
import os
import subprocess
import sys
import tempfile

import chaoslib
from chaoslib.configuration import load_configuration
from chaoslib.provider import process
from chaoslib.secret import load_secrets


def outcome(call):
    try:
        value = call()
    except Exception as error:  # every failure is a result here
        return {"error": type(error).__name__, "message": str(error)}
    try:
        return {"value": json.loads(json.dumps(value, allow_nan=False))}
    except (TypeError, ValueError):
        return {"unholdable": repr(value)}


TEXTS = [
    "", " ", "5", " 5 ", "-7", "+7", "0", "-0", "007", "1_000", "1__0", "_1", "1_", "5.0", "5.7",
    "1e3", "1E-2", ".5", "5.", "-.5e1", "1_0.5", "0x10", "inf", "-Infinity", "nan", "9" * 18,
    "True", "true", "FALSE", "False", "no", "No", "yes", "off", "on", "null", "none",
    "abc", "é✅", "it's", 'say "x"', "a'b\"c", "\\", "tab\there",
    "[1, 2]", '{"a": {"b": null}}', '"text"', "{", "[1,]", "1 2", "'x'", "\u00a05\u2003", "\x1c5",
    "${x}", "$x", "a=b", "1,5", "--5", "+-5", "5e", "e5", "1e400", "-1e400",
]
OTHERS = [None, True, False, 5, -5, 0, 5.7, -5.7, 5.0, 1e20, [1], [], {"a": 1}, {}]
TYPES = [
    None, "str", "string", "int", "integer", "float", "number", "bytes", "bool", "json",
    "INT", "boolean", "", "list",
]


def conversions():
    for kind in TYPES:
        for value in TEXTS + OTHERS:
            yield {
                "type": kind,
                "value": value,
                "result": outcome(lambda: chaoslib.convert_to_type(kind, value)),
            }


def variables():
    texts = [
        "a=b", "a=", "a==", "a=b=c", "a:int=5", "a:int=x", "a:int=", "a:float=1.5", "a:number=2",
        "a:bool=no", "a:bool=off", "a:bool=", "a:json=[1, 2]", "a:json=", "a:json={", "a:str=5",
        "a:string=é", "a:bytes=x", "a:b:int=5", "a:b=5", "a:=5", ":int=5x", "a", "", "a:int",
        "a b=c d", " a = b ", "a=1:int", "a:INT=5", "a.b-c=1", "é=1",
    ]
    for text in texts:
        yield {"text": text, "result": outcome(lambda: chaoslib.convert_vars([text]))}


def files():
    contents = {
        "plain.env": "A=1\n# comment\n\n  B = two words  \nC='quoted'\nexport D=4\nE=a=b\nF=\n",
        "crlf.env": "A=1\r\nB=2\r\n",
        "broken.env": "A=1\nB\n",
        "none.txt": "",
        "a.json": '{"configuration": {"x": 1, "y": {"type": "env", "key": "K"}}, "secrets": {"g": {"s": "t"}}}',
        "b.json": '{"configuration": {"x": 2}, "other": 1}',
        "c.yaml": "configuration:\n  x: yes\n  z: [1, 2]\n",
        "d.yml": "secrets:\n  g:\n    other: 1\n",
        "list.json": "[1]",
        "bad.json": "{",
        "comment.yaml": "# nothing\n",
    }
    combinations = [[name] for name in contents]
    combinations += [["a.json", "b.json"], ["b.json", "a.json"], ["a.json", "d.yml", "plain.env"]]
    for names in combinations:
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "w", newline="") as file:
                    file.write(contents[name])
                paths.append(path)
            kept = dict(os.environ)
            os.environ.clear()
            try:
                result = outcome(lambda: chaoslib.merge_vars({}, paths))
                environment = dict(os.environ)
            finally:
                os.environ.clear()
                os.environ.update(kept)
        text = [{"name": name, "content": contents[name]} for name in names]
        yield {"files": text, "result": result, "environment": environment}


ENVIRONMENT = {"SET": "value", "EMPTY": "", "NUMBER": "42", "NO": "no", "JSON": '{"a": [1]}'}


def configurations():
    entries = [
        5, "text", None, [1, "${x}"], {"a": 1}, {"type": "file", "path": "x"}, {"type": "vault"},
        {"type": "env", "key": "SET"}, {"type": "env", "key": "EMPTY"},
        {"type": "env", "key": "EMPTY", "default": "d"}, {"type": "env", "key": "UNSET"},
        {"type": "env", "key": "UNSET", "default": "d"},
        {"type": "env", "key": "UNSET", "default": None},
        {"type": "env", "key": "UNSET", "default": ""},
        {"type": "env", "key": "UNSET", "default": "7", "env_var_type": "int"},
        {"type": "env", "key": "UNSET", "default": 7.9, "env_var_type": "int"},
        {"type": "env", "key": "UNSET", "default": None, "env_var_type": "json"},
        {"type": "env", "key": "UNSET", "default": True, "env_var_type": "bool"},
        {"type": "env", "key": "UNSET", "default": [1], "env_var_type": "json"},
        {"type": "env", "key": "NUMBER", "env_var_type": "int"},
        {"type": "env", "key": "NUMBER", "env_var_type": None},
        {"type": "env", "key": "NUMBER", "env_var_type": "float"},
        {"type": "env", "key": "NUMBER", "env_var_type": "text"},
        {"type": "env", "key": "NUMBER", "default": "d", "env_var_type": "int"},
        {"type": "env", "key": "NO", "env_var_type": "bool"},
        {"type": "env", "key": "JSON", "env_var_type": "json"},
        {"type": "env", "key": "SET", "env_var_type": "int"},
        {"type": "env"},
    ]
    replacements = [
        {}, {"k": 1}, {"k": {"type": "env", "key": "SET"}}, {"k": None}, {"other": 1},
        {"k": {"type": "env", "key": "UNSET"}},
    ]
    for entry in entries:
        for replacement in replacements:
            yield {
                "configuration": {"k": entry},
                "overrides": replacement,
                "result": outcome(lambda: load_configuration({"k": entry}, dict(replacement))),
            }


def secrets():
    cases = [
        ({"g": {"a": "x", "b": 1, "c": None, "d": [1]}}, {}),
        ({"g": {"a": {"type": "env", "key": "SET"}}}, {}),
        ({"g": {"a": {"type": "env", "key": "UNSET", "default": "d"}}}, {}),
        ({"g": {"a": {"type": "env", "key": "NUMBER", "env_var_type": "int"}}}, {}),
        ({"g": {"deep": {"deeper": {"type": "env", "key": "SET"}, "x": "y"}}}, {}),
        ({"g": {"type": "env", "key": "SET"}}, {}),
        ({"g": {"a": {"type": "env"}}}, {}),
        ({"g": {"a": {"type": "other", "key": "SET"}}}, {}),
        ({"g": {"a": "x"}, "h": {"b": "y"}}, {"g": {"c": {"type": "env", "key": "SET"}}}),
        ({"g": {"a": "x"}}, {"g": None}),
        ({"g": {"a": "x"}}, {"g": "text"}),
        ({"g": {"a": "x"}}, {"other": {"b": 1}}),
        ({"g": {"a": {"b": "x"}}}, {"a": {"b": "z"}}),
        ({"g": {"a": {"type": "env", "key": "UNSET"}}}, {"g": {"a": "given"}}),
    ]
    for declared, replacement in cases:
        yield {
            "secrets": declared,
            "overrides": replacement,
            "result": outcome(lambda: load_secrets(declared, {}, replacement)),
        }


def arguments():
    written = [
        [], ["a"], ["a", None, "", "b"], [1, 1.0, True, False, 0, 1e20, 1e-7], [{"x": [1, None]}],
        ["${x}", "a ${n} b", "${list}", "$$", "$x", "${missing}"], ["it's", "a b", "é"],
        "", "a b", "a | b", "${x} ${n}", "${list}", "$$", "${map}", "${missing}",
        {}, {"-a": 1, "--b": "", "-c": None}, {"": "x", "-n": "${n}", "${x}": True},
        {"-l": [1, "${x}"], "-m": {"a": "${x}"}},
    ]
    configuration = {"x": "v", "n": 5, "list": ["p", None, 2], "map": {"k": "${x}"}}
    seen = {}

    def run(command, shell=False, **_):
        seen["command"] = command
        seen["shell"] = shell
        return subprocess.CompletedProcess(command, 0, b"", b"")

    process.subprocess.run = run
    for known in ({}, configuration):
        for value in written:
            activity = {"name": "p", "provider": {"path": "/bin/echo", "arguments": value}}

            def call():
                process.run_process_activity(activity, known, {})
                return dict(seen)

            yield {"arguments": value, "configuration": known, "result": outcome(call)}


def write(recorded):
    """One case a line, so that a change shows as one."""
    parts = []
    for name, cases in recorded.items():
        if isinstance(cases, list):
            body = "[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]"
        else:
            body = json.dumps(cases)
        parts.append(f"{json.dumps(name)}: {body}")
    print("{" + ",\n".join(parts) + "}")


def main():
    recorded = {
        "conversions": list(conversions()),
        "variables": list(variables()),
        "files": list(files()),
        "environment": ENVIRONMENT,
    }
    for name in list(os.environ):
        if name not in ("PATH", "HOME"):
            del os.environ[name]
    os.environ.update(ENVIRONMENT)
    recorded["configurations"] = list(configurations())
    recorded["secrets"] = list(secrets())
    recorded["arguments"] = list(arguments())
    write(recorded)


main()
