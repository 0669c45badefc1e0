"""Records what PyYAML's safe_load makes of YAML texts, as cases.json beside this file.

    pip install PyYAML
    python record.py

Each case holds a text and either the `value`, as the reference's journal would hold it, or an
`error`. A value that JSON can't hold (infinity) is recorded as an error of its own kind.
"""

import datetime
import json
import pathlib
import random

import yaml

HERE = pathlib.Path(__file__).parent

SCALARS = """
yes Yes YES yEs no No NO true True TRUE tRUE false False FALSE on On ON oN off Off OFF y Y n N t f
~ null Null NULL nULL none None nil - -- --- -a -1 - 0 -0 +0 00 01 010 0o10 08 09 0_8 0_7 1_000 1__0 _1 1_ -1_0
0b101 0b 0b_1 0b2 -0b11 0B1 0x1F 0xfg 0x 0xAB_CD -0x1f 0X1f 12:30 1:2:3 12:60 12:3:4 012:30 1:5 59:59 60:60 190:20:30 -190:20:30
+12:30 1:00 00:30 0:0 1_0:30 9223372036854775807 9223372036854775808 18446744073709551615
18446744073709551616 -9223372036854775808 -9223372036854775809 123456789012345678901234567890
0xFFFFFFFFFFFFFFFF 0xFFFFFFFFFFFFFFFFF 0777777777777777777777 01777777777777777777777 0b1111111111111111111111111111111111111111111111111111111111111111
1.0 1. .5 -.5 +.5 1.5e3 1.5e+3 1.5E-3 1e3 1e+3 1E5 1.e+3 .5e-3 .e+1 1.5e 1.5e+ 1.5.5 1,000 1_0.5_0 0.1 0_1.5 1._5 ._5
685.230_15e+03 685_230.15 190:20:30.15 1:30.5 1:60.5 -1:30.5 1:5. 20:30. .inf .Inf .INF .iNF -.inf +.inf .nan .NaN .NAN -.nan .Nan inf nan
1.7976931348623157e+308 1.0e+999 5.0e-324 1.0e-999 123456789.123456789 0.30000000000000004
2001-12-14 2001-1-2 2001-12-1 2001-12-14T21:59:43Z 2001-12-14t21:59:43.10-05:00 2001-12-15T2:59:43.1Z 2001-12-14T21:59:43
2002-02-29 2001-13-01 2000-02-29 0000-01-01 0001-01-01 9999-12-31 2001-12-14T25:00:00 2001-12-14T21:60:00 2001-12-14T21:59:60
2001-12-14T21:59:43.123456789 2001-12-14T21:59:43. 2001-12-14T21:59:43+1 2001-12-14T21:59:43+01:30 2001-12-14T21:59:43-00:30
2001-12-14T21:59:43-00:00 2001-12-14T21:59:43+24:00 2001-12-14T21:59:43+23:59 2001-12-14T21:59:43z 12001-12-14 2001-12-14T1:59:43
2001-12-14T21:59 2001-12-14Z 01-02-03 2001-12 a:b a:b:c http://x/y?z#w a#b :a ::a a: ?a -a? 1.2.3 1.2.3.4 v1.0 1s 10m 1Gi 100m 0.5s 50% $x ${x}
<<a =a a=b == <= .a ..a . .. ... / /a ~a ~/x a~ @a `a %a a%b !a &a *a |a >a 'a' "a" 'yes' "12" '' "" [] {} [a] {a} {a:1} [a:1] [a:b,c]
""".split()

PHRASES = [
    "2001-12-14 21:59:43.10 -5", "2001-12-15 2:59:43.10", "2001-12-14 21:59:43 Z", "2001-12-14  21:59:43",
    "2001-12-14 21:59:43 +01:00", "2001-12-14 21:59:43.000001", "2001-12-14 1", "a b  c", "a # comment",
    "'it''s'", '"a\\tb\\x41\\u00e9\\U0001F600\\n\\"\\\\\\/\\0\\e\\_\\N\\L\\P"', "'a\\n'", '"\\a\\b\\v\\f\\r"', '"\\ a"',
    "!!str 12", "!!str yes", "!!str", "!!int '12'", '!!int "0x1f"', "!!int '-0b11'", "!!int '017'", "!!int '1:30'",
    "!!int a", "!!int 1.5", "!!int ''", "!!float 1", "!!float '1'", "!!float '1.5'", "!!float a", "!!float 1e3",
    "!!float '1:30'", "!!float '.inf'", "!!bool yes", "!!bool 'on'", "!!bool 1", "!!bool oN", "!!null ''", "!!null a",
    "!!null", "!!timestamp '2001-12-14'", "!!timestamp '2001-1-2'", "!!timestamp a", "! 12", "! '12'", "! a",
    "!custom a", "!!python/object/apply:os.system ['true']", "!!python/none", "!!map {a: 1}", "!!seq [a]", "!!map [a]",
    "!!seq {a: 1}", "!!str [a]", "!!str {a: 1}", "!<tag:yaml.org,2002:str> 12", "!<tag:yaml.org,2002:int> '12'", "!e!a b",
    "|\n    a\n    b\n", "|-\n    a\n    b\n", "|+\n    a\n\n", ">\n    a\n    b\n\n    c\n", ">-\n    a\n    b\n",
    "|2\n     a\n    b\n", "|\n    yes\n", "|\n\n    a\n", ">\n    a\n      b\n    c\n", "|\n", "|-\n", ">+\n\n",
    "a\n  b\n  c", "'a\n  b\n\n  c'", '"a\n  b\\\n  c"', '"a \\\n   b"', "\n  a",
    "{a: 1, b: [2, 3], c: {d: e}}", "{a: 1,}", "[a, b,]", "[,]", "{,}", "{a, b: c}", "{'a':1}", '{"a":1}', '{"a": 1}',
    "[a: b]", "[a: b, c]", "{? a : b}", "{a: }", "{: a}", "[[[]]]", "{a: {b: {c: {}}}}", "[yes, no, ~, 012, 1:30]",
    "{yes: no}", "{~: a}", "{1: a, 1.5: b, true: c}", "{1e3: a}", "{2001-12-14x: a}", "[a, [b], {c: d}]", "{http://x: y}", "[http://x:80/y, z]",
    "[a\n  , b]", "{a:\n  b}", "[a b, c d]", "{a b: c d}", "{a: b: c}", "a: b: c", "{{ x }}", "[a]b", "{a}b", "'a'b", "*a", "&a",
    "&a b", "&a", "&a [*a]",
]

DOCUMENTS = [
    "", " ", "\n", "# only a comment\n", "---\n", "--- a", "---\na: 1\n...\n", "---\na\n---\nb\n", "a\n...\n", "...\n", "a\n...\nb\n",
    "%YAML 1.1\n---\na: 1\n", "%YAML 1.2\n---\na: 1\n", "%TAG ! tag:x,1:\n---\na: 1\n", "%TAG !! tag:x,1:\n--- !!str a\n", "%FOO bar\n---\na\n",
    "a: 1\nb: 2\n", "a:\n  b: 1\n  c:\n    - d\n    - e: f\n      g: h\n", "a:\n- b\n- c\n", "- - a\n  - b\n- c\n", "- a: 1\n  b: 2\n-\n  c: 3\n",
    "a:\n\n\n  b: 1\n", "a: 1\r\nb: 2\r\n", "a: 1\rb: 2\r", "a:\tb\n", "a: b\t\n", "\ta: b\n", "a:\n\tb: 1\n", "- a\n -b\n", "- a\n- \n- b\n",
    "a:\nb:\n", "? a\n: b\n", "? a\n", "? [a]\n: b\n", "? {a: 1}\n: b\n", "? - a\n: b\n", "[a, b]: c\n", "{a: 1}: c\n",
    "a: &x 1\nb: *x\n", "a: &x [1, 2]\nb: [*x, *x]\n", "a: &x {b: 1}\nc: *x\n", "a: *x\n", "&x a: *x\n", "&a a: 1\n*a : 2\n", "a: &x 1\nb: &x 2\nc: *x\n",
    "a: &x\n  b: 1\nc:\n  <<: *x\n  d: 2\n", "a: &x {b: 1, c: 2}\nd:\n  c: 3\n  <<: *x\n", "x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  <<: [*x, *y]\n  d: 5\n",
    "x: &x {a: 1}\ny: &y {<<: *x, b: 2}\nz: {<<: *y, c: 3}\n", "x: &x {a: 1}\ny:\n  <<: *x\n  <<: {a: 2, b: 3}\n", "<<: {a: 1}\nb: 2\n", "<<: a\n", "<<: [a]\n", "<<: [[a]]\n",
    "<<: []\na: 1\n", "<<: {}\n", "<<: ~\n", "'<<': 1\n", "\"<<\": {a: 1}\n", "!!merge <<: {a: 1}\n", "- <<\n", "- =\n", "=: a\n", "a: {<<: {b: {<<: {c: 1}}}}\n",
    "yes: 1\n", "on: 1\noff: 2\n", "~: 1\n", "null: 1\n", "1: a\n", "1.5: a\n", "1e3: a\n", "1.0e+20: a\n", "0x1f: a\n", "010: a\n", "12:30: a\n", "-0: a\n", "-0.0: a\n", "true: a\n'true': b\n", "? \n: a\n", ": a\n",
    "a: 'b\nc'\n", "a: 'b\n  c'\n", "a: b\n c\n", "a: b\n  c: d\n", "a: b\nc\n", "a\nb: c\n", "a: [b\nc: d\n", "a: ]\n", "a: 'b\n", "a: \"b\n", "a: \"\\q\"\n", "a: \"\\xZZ\"\n",
    "a: |\n  b\n   c\n  d\ne: f\n", "a: |\n b\n  c\n", "a: |\n  b\n c\n", "a: >\n  b\n  c\n\n  d\n", "a: |1\n  b\n", "a: |0\n  b\n", "a: |  # c\n  b\n", "a: | b\n",
    "a: b #c\n", "a: b#c\n", "a: #c\n  b\n", "#c\na: b\n", "a: 1 # c\n# d\nb: 2\n", "a: 'b' # c\n", "a: [b, # c\n  d]\n",
    "a : b\n", "a  :  b\n", "'a': b\n", "\"a\" : b\n", "'a b': c\n", "a b: c\n", "a:b\n", "a:b: c\n", "a:: b\n", "- : a\n", "-: a\n", "--: a\n", "?a: b\n", "? a: b\n", "- - - a\n", "-a: b\n",
    "a: -\n", "a: - b\n", "a: ?\n", "a: :\n", "a: ,\n", "a: ,b\n", "a: b,\n", "a: b]\n", "a: b}\n", "a: @b\n", "a: `b`\n", "a: %b\n", "%a: b\n", "a: !b\n", "a: ! b\n", "a: &b\n", "a: *b\n", "a: b*c&d!e\n",
    "a: \"b\"c\n", "a: 'b' 'c'\n", "a: [b] c\n", "a: {b} c\n", "a: {{ b }}\n", "a: \"{{ b }}\"\n", "a: ${b}\n", "a: ${b:-c}\n", "a: [${b}]\n", "a: {b: ${c}}\n", "a: {b: \"${c}\"}\n",
    "title: é ü 日本 😀\n", "é: 1\n", "a: \u00a0b\n", "a: b\u2028c\n", "a: b\u0085c\n", "a: b\ufeffc\n", "\ufeffa: 1\n", "a: \x00\n", "a: \x07\n", "a: \x7f\n", "a: \ud7ff\ue000\ufffd\n",
    "- [1, 0b1, 0o1, 0x1, 1_0, 1:1, 1.5, .5, 1.5e+1]\n", "a: 2001-12-14 21:59:43\nb: 2001-12-14\n", "2001-12-14: a\n", "version: 1.0.0\ntitle: t\ndescription: d\nmethod: []\n",
    "steady-state-hypothesis:\n  title: t\n  probes:\n  - type: probe\n    name: p\n    tolerance: [200, 299]\n    provider:\n      type: http\n      url: http://localhost:8080/a?b=c&d=e\n      timeout: [1, 2.5]\nmethod:\n  - &kill\n    type: action\n    name: kill\n    provider: {type: process, path: pkill, arguments: -9 x}\n    pauses: {after: 5}\n  - *kill\n  - <<: *kill\n    name: kill again\n",
    "a: 1\na: 2\n", "a: {b: 1, b: 2}\n",
    "[" * 20 + "]" * 20, "- " * 20 + "a\n", "{a: " * 20 + "}" * 20,
]


def generated(count):
    """Texts near the grammar of numbers, times and words."""
    source = random.Random(11)
    alphabets = ["0123456789_.", "01:_59", "0-+.eE1_", "0xXbBo1f_", "+-.infNA", "0123-:T Z.+", "ynoYNOestrufal", "~nul<=.:?-"]
    for _ in range(count):
        alphabet = source.choice(alphabets)
        yield "".join(source.choice(alphabet) for _ in range(source.randint(1, 9)))
    for _ in range(count // 2):
        year, month, day = source.choice(["1999", "2024", "0004"]), source.randint(0, 13), source.randint(0, 32)
        text = f"{year}-{month:02}-{day:02}"
        if source.random() < 0.8:
            text += source.choice(["T", "t", " ", "  "]) + f"{source.randint(0, 25)}:{source.randint(0, 61):02}:{source.randint(0, 61):02}"
            text += source.choice(["", "", ".5", ".123456", ".9999999", "."])
            text += source.choice(["", "", "Z", " Z", "+1", "-05:30", " +12:00", "+0", "-25"])
        yield text


def texts():
    for scalar in SCALARS + PHRASES:
        yield f"- {scalar}\n"
    for scalar in SCALARS:
        yield f"{{a: {scalar}}}\n"
        yield f"{scalar}: a\n"
    yield from DOCUMENTS
    for scalar in generated(600):
        yield f"- {scalar}\n"


def written(value):
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not JSON")


def record(text):
    try:
        value = json.dumps(yaml.safe_load(text), default=written, allow_nan=False)
    except yaml.YAMLError as error:
        return {"text": text, "error": type(error).__name__}
    except Exception as error:  # PyYAML's own bugs, and what the journal can't hold
        return {"text": text, "error": type(error).__name__}
    return {"text": text, "value": json.loads(value)}


def main():
    cases = [record(text) for text in dict.fromkeys(texts())]
    lines = ",\n".join(json.dumps(case) for case in cases)
    (HERE / "cases.json").write_text(f"[\n{lines}\n]\n")
    print(f"{len(cases)} cases, PyYAML {yaml.__version__}")


main()
