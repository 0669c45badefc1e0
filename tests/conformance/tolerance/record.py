#!/usr/bin/env python3
"""Records what Chaos Toolkit makes of tolerances.

Writes cases.json beside this file, one case a line: a tolerance, a value, a configuration;
whether the tolerance is valid, and whether the value is within it (true, false or "error").

    python3 -m venv venv
    venv/bin/pip install chaostoolkit-lib==1.44.0 jsonpath2==0.4.5
    venv/bin/python tests/conformance/tolerance/record.py

Generation is seeded: the same versions write the same file. Python 3.11 (its `re` counts).
"""

import contextlib
import io
import json
import logging
import multiprocessing
import random
import signal
import sys
import warnings
from pathlib import Path

from chaoslib import substitute
from chaoslib.exceptions import InvalidActivity
from chaoslib.hypothesis import ensure_hypothesis_tolerance_is_valid, within_tolerance

SEED = 20240607
SECONDS_PER_CASE = 5

CONFIGURATION = {
    "n": 8, "f": 1.5, "t": True, "none": None, "s": "str", "empty": "",
    "two": [1, 10], "three": [200, 201, 404], "pattern": "^st", "path": "$.a", "name": "x",
    "rule": {"type": "range", "range": [1, 10]},
    "matcher": {"type": "regex", "pattern": "t.$"},
    "odd": {"type": "odd"}, "bad_range": {"type": "range", "range": ["1", None]},
    "no_type": {"range": [1, 2]}, "text_range": {"type": "range", "range": "19"},
    "path_rule": {"type": "jsonpath", "path": "$.a", "expect": [1]},
    "no_pattern": {"type": "regex"}, "no_path": {"type": "jsonpath"},
    "no_range": {"type": "range"}, "short_range": {"type": "range", "range": [1]},
}


def verdict(tolerance, value, configuration):
    """What the hypothesis does with a tolerance, without running anything."""
    if isinstance(tolerance, str):
        tolerance = substitute(tolerance, configuration, {})
    try:
        return bool(within_tolerance(tolerance, value, configuration=configuration, secrets={}))
    except Exception:
        return "error"


def judge(case):
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()), \
            contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            ensure_hypothesis_tolerance_is_valid(case["tolerance"])
            case["valid"] = True
        except InvalidActivity:
            case["valid"] = False
        except Exception:
            # It dies of it instead of saying what is wrong.
            case["valid"] = "error"
        case["met"] = verdict(
            json.loads(json.dumps(case["tolerance"])),
            json.loads(json.dumps(case["value"])),
            case.get("configuration") or {},
        )
    return case


# --- by hand ---------------------------------------------------------------------------------

HTTP = {"status": 200, "headers": {"x": "1"}, "body": "ok"}
SCALARS = [None, True, False, 0, 1, 2, 6, 200, -1, 1.0, 0.0, 1.5, 6.0, 200.0, 1e16, 2**53, 2**53 + 1,
           float(2**53), 9007199254740993, -0.0, 0.1 + 0.2, "", "1", "6", "true", "True", "str", "a\n", "é"]
CONTAINERS = [[], [1], [1, 2], ["a"], [[1]], {}, {"a": 1}, HTTP, {"status": "200"}, {"status": None},
              {"status": True}, {"status": [1]}, {"status": 1.0}, {"STATUS": 200}]
VALUES = SCALARS + CONTAINERS
PLAIN = [True, False, 0, 1, 6, 200, -1, 2**53, 9007199254740993, "", "1", "str", "ok", "true", "$", "$$", "${", "x"]
LISTS = [[], [1], [200, 201], [199, 201], [200], [200, 201, 202], [1, 10], [10, 1], ["a", "z"], ["1", "7"],
         [None, 1], [1, None], [1, "a"], ["a", 1], [True, 6], [0.5, 1.5], [[1], [2]], [[1, 2], [1, 2, 3]],
         [[], [{}]], [{}, {}], [None], [None, None, None], [1.0, 2.0, 3.0], ["", "zz"], [[1], 2, "a"],
         [{"a": 1}], [{"a": 1.0}, 5, 6], [9007199254740992.0, 9007199254740993], [0, 9007199254740992.0],
         [[None], [None]], [[None, 1], [None, 3]], [["a", 1], ["b"]], [[True], [1, 1]]]
UNUSABLE = [None, 1.5, 0.0, {}, {"type": None}, {"type": "Regex"}, {"type": 1}, {"type": []}, {"type": "regexp"},
            {"type": "range "}, {"range": [1, 2]}, {"type": ""}]
DOCUMENT = {"a": {"b": 1, "c": 2}, "l": [{"x": 1, "y": "s"}, {"x": 2}, {"z": None}], "n": [3, 1, 2], "s": "str",
            "e": [], "o": {}, "deep": {"a": {"a": {"a": 4}}}, "m": [[1, 2], [3, [4, 5]], []], "i": 1, "k": "b", "t": True}


def by_hand():
    for tolerance in PLAIN + LISTS + UNUSABLE:
        for value in VALUES:
            yield tolerance, value, None
    for name in CONFIGURATION:
        for value in [8, 1.5, True, None, "str", "", 5, 10, 200, {"status": 200}, {"a": 1}, '{"a": 1}', [1], "8"]:
            yield "${%s}" % name, value, CONFIGURATION
        yield "x ${%s}" % name, "x 8", CONFIGURATION
    for tolerance, value in [("$s", "str"), ("${missing}", "${missing}"), ("$$", "$"), ("$${s}", "${s}"),
                             ("a${n}b", "a8b"), ("${ n }", "${ n }"), ("${two}", 3), ("${t}", 1), ("$n", 8), ("$n", "8")]:
        yield tolerance, value, CONFIGURATION
        yield tolerance, value, None
    yield from ranges()
    yield from expressions()
    yield from paths()


def ranges():
    bounds = [[0, 0.3], [1, 10], [10, 1], [True, 10], [0.1, 0.1], [-1, 1], [200, 299], [0, 1e308], [-1e308, 1e-300],
              [0, 0], [0.3, 0.3], [1e22, 1e23], [9007199254740992, 9007199254740993]]
    numbers = [0.1 + 0.2, 0.3, "0.3", "0.30000000000000004", 0.1, "0.1", "0.1000000000000000055511151231257827021181583404541015625",
               0, -0.0, "-0", 1, True, False, 10, 10.0, "10", "10.0", " 10\n", "\t1\x0b", "\u00a010\u2003", "\x1c1", "1 0", "1_0", "_1_", "1e1", "1E+1", "1e",
               "e1", ".", "", " ", "1.", ".5", "+1", "--1", "+-1", "Infinity", "-inf", "INF", "infinit", "nan", "NaN", "sNaN",
               "-nan12", "nanx", "1e400", "1e-400", "1e999999999999999999", "1e1000000000000000000", "0x10", "1,5", "ten",
               None, [], [1], {}, {"a": 1}, 5e-324, 1e308, 1e22, 99999999999999991611392.0, "1e23",
               9007199254740993, 9007199254740992.0, "9007199254740992.5", "0" * 50 + "7", "7" + "0" * 50, "200", {"status": 200}]
    for range_ in bounds:
        for number in numbers:
            yield {"type": "range", "range": range_}, number, None
    for target in ["status", "missing", "", "body", None, 0, 1, True, [], ["status"], {}, {"a": 1}]:
        for value in [HTTP, {"status": "201"}, {"status": None}, 200, "200", [], None, {"missing": {"a": 1}}]:
            yield {"type": "range", "range": [200, 299], "target": target}, value, None
    for broken in [None, [], [1], [1, 2, 3], "12", {}, 1, ["1", 2], [1, "2"], [None, 2], [1, None], [1, [2]], ["a", "b"]]:
        for value in [1, 5, 2, "x", None]:
            yield {"type": "range", "range": broken}, value, None
    yield {"type": "range"}, 1, None
    yield {"type": "range", "Range": [1, 2]}, 1, None


def expressions():
    texts = ["", "a", "ab", "abc", "aab", "abab", "a\n", "a\n\n", "\n", "a\nb", "b\na\n", "A", "aB", "é", "É", "e\u0301", "ß", "ẞ", "SS",
             "ſ", "s", "K", "\u212a", "İ", "ı", "i", "I", "_", "²", "½", "٣", "3", "Ⅷ", "‿", "\x1c", "\x85", "\u00a0", "\u200b", "\ufeff", " ", "\t", "\x0b",
             "foo bar", "foo-bar", "foo_bar", "123 4567", "HTTP/1.1 200 OK\r\n", "x" * 40, "a" * 30 + "b", "日本", "😀", "a{,3}", "a{1", "[x]", "\\", "]", "^", "-",
             "aXbXa", "abba", "(a)", "a b", "a#b", "\x00", "\x01", "\x08", "S", "Zz", "µ", "μ", "Σ", "ς", "σ", "ǅ", "1.5", "error: 5", "no errors", "tel: 555-1234"]
    patterns = [
        "", "a", "^a", "a$", "^a$", "a\\Z", "\\Aa", "^$", "$", "\\Z", "$\\n", "a$\\n", "(?m)^b", "(?m)a$", "(?m)^$", "a(?=$)", "(a|b$)", "($|x)a?", "(?:a$)?\\n", "\\n$", "(a$)+", "(?s)a.b", "a.b", "(?-s:a.b)",
        "(?i)A", "(?i:A)b", "(?i)É", "(?i)ss", "(?i)ß", "(?i)s", "(?i)k", "(?i)i", "(?i)[i]", "(?i)[a-z]", "(?i)[^a-z]", "(?ia)k", "(?ia)[a-z]", "(?ia)é", "(?ia)[^k]", "(?i)µ", "(?i)σ", "(?i)ǆ", "(?i)(a)\\1", "(?i)[É-Ö]",
        "\\d", "\\D", "\\s", "\\S", "\\w", "\\W", "^\\w+$", "^\\W+$", "(?a)\\w", "(?a)^\\w+$", "(?a)\\s", "(?a)\\d", "(?a:\\w)\\w", "(?u)\\w", "(?a)(?u:\\w)", "(?ua)a", "[\\w-]", "[^\\W_]", "[\\d\\s]", "^[^\\S]$", "[\\w-z]", "[a-\\d]",
        "\\bfoo\\b", "\\b", "\\B", "\\Bb", "a\\b", "(?a)\\bé", "\\b\\w+\\b", "^\\B", "\\b$", "\\Berr", "\\berror\\b", "\\be\\b",
        "(?P<n>a)(?P=n)", "(?P<n>a)b(?P=n)", "(?P<n>a)(?P<n>b)", "(?P=n)", "(?P<1>a)", "(?P<a b>x)", "(?P<>x)", "(?P<é>a)", "(?<n>a)", "(?P>n)", "(?Pn)", "(?P", "(?P<n", "(?P<n>a",
        "(a)(b)?\\2", "(a)\\1", "(\\1)", "(a\\1)", "\\1(a)", "(a)\\2", "(a)(b)(c)\\3\\2\\1", "(..)\\1", "(a|ab)(c|bcd)?\\1", "(?:(a)|b)*\\1", "(a)?b\\1", "()\\1", "(a*)+\\1b", "(a)\\1{2}", "(a)\\11",
        "(?(1)a|b)", "(a)?(?(1)b|c)", "(?P<q>\\()?a(?(q)\\)|$)", "(a)(?(1)b)", "(a)?(?(1)b|c|d)", "(?(0)a|b)", "(?(2)a|b)", "(?(x)a|b)", "(?(1)a|b)(c)?", "(?(-1)a)", "(?( 1 )a)(x)?", "(a)?(?(1)b)c", "(a)|(?(1)b|.)",
        "(?<=a)b", "(?<!a)b", "(?<=a|b)c", "(?<=ab|c)d", "(?<=a+)b", "(?<=a{2})b", "(?<=^a)b", "(?<=(a))b\\1", "(?<=(a)\\1)b", "(a)(?<=\\1)b", "(?<=\\b)a", "(?<=$)", "(?<!^)a", "(?<=)a", "(?<=a(?=b))b", "(?<=[ab])b", "(?<=(?:a|b)b)a", "(?<=\\n)b", "(?<=.)b", "(?<!a*)b", "(?<=(?(1)a|b))x", "(?<=a|bc)", "(a+)(?<=\\1)", "(?<=x{3})", "(?<=x{2,3})",
        "a(?=b)", "a(?!b)", "(?=a)ab", "(?=.*b)a", "(?!.*b)^a", "(?=(a))\\1", "(?!(a))\\1", "(?=a)*b", "(?=a)+", "(?!a)?", "^(?=.*\\d)(?=.*[a-z]).+$", "(?:(?=a))*a", "(?=a|$)", "(?!$)",
        "a*", "a+", "a?", "a{2}", "a{2,}", "a{,2}", "a{1,2}b", "a{2,1}", "a{", "a{}", "a{,}", "a{1", "a{1,", "a{x}", "{1}", "{", "{,3}", "a{,3}", "}", "x{40}", "^x{39}$", "a{0}", "a{0}b", "(a){0}\\1?b", "(a){0}", "^(?:a{0})$", "a{01}", "a{1,2}{3}", "a{99999999999}", "a{4294967295}", "a{4294967294}", "(a{0,3}){2}", "a{ 1}",
        "a**", "a*?", "a+?b", "a??b", "a{1,2}?", "a*+", "a*+a", "a++b", "a?+a", "a{1,2}+a", "(?>a+)a", "(?>a|ab)c", "(?>a|ab)", "a+*", "a?{2}", "*a", "+", "?", "(*a)", "(?:*)", "^*", "$*", "\\b*", "|*", "(|*)", "(a)**", "(?:a*)*", "(?:a*)+b", "(a|b)*", "(?:)*", "(?:^)*a", "(?:^a)*", "((a*)*)*b", "(?:a*?)+?b", "(?:\\b)*a", "(?:$)+", "x*+x", "(?:a|b)++c",
        "|", "a|", "|a", "^(a|)$", "(|a)b", "a||b", "()", "(())", "(?:)", "(", ")", "a)", "(a", "((a)", "(?:a", "(?", "(?)", "(?:", "(?=", "(?=a", "(?<", "(?<=", "(?<a", "(?>", "(?>a", "(?#", "(?#a)b", "(?#a", "a(?#x)*", "(?a", "(?&a)", "(?R)", "(?1)", "(?|a)", "(?'n'a)", "(?^a)", "(?.a)", "(?\\a)",
        "[a]", "[^a]", "[]", "[]]", "[^]]", "[]a]", "[", "[a", "[a-", "[a-]", "[-a]", "[a-z]", "[z-a]", "[a-c-e]", "[--a]", "[a\\]b]", "[\\]]", "[[]", "[[a]", "[[a]]", "[a&&b]", "[a||b]", "[a--b]", "[a~~b]", "[[:alpha:]]", "[\\b]", "[\\B]", "[\\A]", "[\\Z]", "[\\a]", "[\\n]", "[\\x41]", "[\\101]", "[\\8]", "[\\0]", "[\\777]", "[^\\n]", "[.]", "[$]", "[^^]", "[\\-a]", "[\\^a]", "[a\\-z]", "[\\u00e9]", "[😀]", "[à-ü]", "[^\\x00-\\x7f]", "[\\ud800-\\udfff]", "[\\ud800]", "[^\\ud800]", "[\\ud000-\\uffff]", "[#]", "[ ]", "[\\s\\S]", "[^\\s\\S]", "[\\d-x]", "[x-\\d]", "[\\w]",
        "\\", "a\\", "\\\\", "\\\\\\", "\\.", "\\-", "\\ ", "\\#", "\\_", "\\é", "\\a", "\\c", "\\e", "\\g", "\\h", "\\H", "\\i", "\\j", "\\k", "\\K", "\\l", "\\m", "\\N", "\\N{DIGIT ONE}x", "\\N{nope}", "\\o", "\\O", "\\p", "\\pL", "\\p{L}", "\\q", "\\Q", "\\R", "\\X", "\\y", "\\z", "\\G", "\\E", "\\C", "\\u", "\\u12", "\\u0041", "\\U00000041", "\\U00110000", "\\U0001F600", "\\x", "\\x4", "\\x41", "\\x4g", "\\x{41}", "\\0", "\\00", "\\001", "\\0001", "\\01", "\\08", "\\1", "\\8", "\\9", "\\10", "\\100", "\\101", "\\377", "\\400", "\\777", "\\1234", "\\ud83d\\ude00", "\\ud800", "\\t", "\\v", "\\f", "\\r\\n", "\\<", "\\`", "\\'", "\\\"", "\\/", "\\@", "\\%",
        "(?x)a b", "(?x) a # comment\n b", "(?x)a\\ b", "(?x)a[ ]b", "(?x)[#]", "(?x:a b) ", "(?-x:a b)", "(?x)(?-x:a b)", "(?x)a #b", "(?x)a {2}", "(?x)a\\#b", "(?x)( ?:a)", "(?x)a|b # c", "(?x)\n", "(?x)a* *", "(?x)a* +", "(?x: #)\n)",
        "(?i)", "a(?i)", "a|(?i)b", "(?#c)(?i)A", "(?i)(?m)^A", "(?i)|B", "((?i)a)", "(?L)a", "(?t)a", "(?t:a)", "(?-i)a", "(?-i:a)", "(?i-i:a)", "(?i-s:A.B)", "(?s-i:a)", "(?-a:a)", "(?ii)a", "(?iX)a", "(?i", "(?i-", "(?i-)", "(?-", "(?-:a)", "(?i:", "(?i?)", "(?au:a)", "(?U)a", "(?imsx)A b", "(?z)a", "(?i:a(?-i:b))", "(?m:^)a", "(?s:.)", "(?m)$\\n^b", "(?u:a)", "(?1:a)",
        "error", "^HTTP/1\\.[01] 2\\d\\d", "\\d{3}-\\d{4}", "^\\d+(\\.\\d+)?$", "^(?:foo|bar)[-_ ](?:foo|bar)$", "(\\w)\\1", "^(.)(.).*\\2\\1$", "^(?!.*error).*$", "(?<![\\w-])foo(?![\\w-])", "[^\\x20-\\x7e]", "(?i)http/1.1 200 ok\\s*$", "^.*$", "^.$", "..", "^[\\w.]+$",
    ]
    for pattern in patterns:
        # Every pattern meets the texts that can tell something, chosen by a fixed shuffle.
        chooser = random.Random(pattern)
        for text in chooser.sample(texts, 5):
            yield {"type": "regex", "pattern": pattern}, text, None
    for pattern, text in [
        ("^a$", "a\n"), ("a$", "a\n\n"), ("a\\Z", "a\n"), ("$\\n", "a\n"), ("\\B", ""), ("\\b", ""), ("(?i)i", "İ"), ("(?i)i", "ı"), ("(?i)s", "ſ"), ("(?i)k", "\u212a"), ("(?ia)k", "\u212a"), ("(?i)[i]", "ı"), ("(?i)[a-z]", "ſ"), ("(?i)[^a-z]", "ſ"), ("(?ia)[a-z]", "ſ"), ("\\w", "²"), ("\\w", "‿"), ("\\w", "\u0301"), ("\\d", "٣"), ("\\d", "²"), ("\\s", "\x1c"), ("\\s", "\x85"), ("\\s", "\u200b"), ("(?a)\\s", "\x1c"), ("\\be\\b", "e\u0301"), ("(?m)a$", "a\nb"), ("(?m)^b", "a\nb"), ("(?m)^$", "a\n"), ("((?(1)|))\\b", "ab"), ("(x)?(?(1)|)a", "ab"), ("(x)?(?(1))a", "ba"), ("(x)?(?(1)|b)$", "a"), ("(x)?(?(1)a|)$", "a"), ("(x)?(?(1)|(?:b{0}))a", "ab"), ("(a)?b\\1", "b"), ("(a)?(?(1)b|c)", "ab"), ("(a)?(?(1)b|c)", "c"), ("^(a)?(?(1)b|c)$", "b"), ("(?<=(a))b\\1", "aba"), ("(?:(a)|b)*\\1", "aba"), ("(?>a|ab)c", "abc"), ("a*+a", "aaa"), ("a{,2}b", "aab"), ("^a{,2}$", "aaa"), ("(\\()?a(?(1)\\)|$)", "(a"), ("^(\\()?a(?(1)\\))$", "(a)"), ("[^\\ud800]", "a"), ("\\101", "A"), ("(a)\\11", "aa"), ("\\0", "\x00"), ("[\\b]", "\x08"), ("(?x)a b", "ab"), ("(?i)ß", "ẞ"), ("(?i)σ", "ς"), ("(?i)µ", "μ"), ("^.$", "😀"), ("^.$", "é"), ("^.$", "e\u0301"),
    ]:
        yield {"type": "regex", "pattern": pattern}, text, None
    for target in ["status", "body", "missing", "", None, 0, 1, [], ["a"], {"a": 1}, True]:
        for value in [HTTP, {"body": {"a": "ok"}}, "ok", "200", 200, None, [], ["ok"], {"body": None}]:
            yield {"type": "regex", "pattern": "ok|2", "target": target}, value, None
    for pattern in [None, 1, 1.5, True, [], ["a"], {}, {"a": 1}]:
        yield {"type": "regex", "pattern": pattern}, "a", None
    yield {"type": "regex"}, "a", None
    for pattern in ["${s}", "^${s}$", "${n}", "${pattern}", "x${n}", "${missing}", "$s", "^$s$", "${none}", "${two}", "s${", "[${s}]", "$$", "a$$", "${t}x", "^${name}+$", "(${s}", "${empty}"]:
        for text in ["str", "x", "x8", "8", "", "a", "$s"]:
            yield {"type": "regex", "pattern": pattern}, text, CONFIGURATION
            yield {"type": "regex", "pattern": pattern}, text, None


def paths():
    valid = [
        "$", "$.a", "$.a.b", "$.l[*].x", "$..x", "$.l[0,2]", "$.l[*][?(@.x = 1)].y", "$.l[*][?(@.x=1 or @.x=2 and @.y)]", "$.l[*][?(not @.x)]", "$.l[*][?(@.z = null)]", "$.n.length()", "$.a.keys()", "$.a.entries()", "$.a.values()", "$.n.values()", "$.n.keys()", "$.n.entries()", "$.s.length()", "$.s.charAt(0)", "$.s.charAt(-1)", "$.s.charAt(9)", "$.s.charAt(true)", "$.s.charAt(1.0)", "$.s.charAt($.i)", "$.s.charAt($.n[*])", "$.s.substring(1)", "$.s.substring(-2)", "$.s.substring(0,2)", "$.s.substring(2,1)", "$.s.substring($.n[*],$.n[*])", "$.s.substring()", "$.s.substring(\"1\")", "$.length()", "$.a.length()", "$.n.length(1)", "$.n.length($.zzz)", "$.l[*][?(@.y > \"a\")]", "$.l[*][?(@.x=true)]", "$.l[?(@.x)]", "$.l[?(@[0].x = 1)]", "$[?(@.s = \"str\")].i", "$.n[?(@ = 3)]", "$.n[*][?(@ = 3)]", "$.n[*][?(@ >= 2)]", "$.n[*][?(@ < 2)]", "$.n[*][?(@ <= 1.0)]", "$.n[*][?(@ != 1)]", "$.n[*][?(1 < @)]", "$.n[*][?(@ > false)]", "$.n[*][?(@ = $.i)]", "$.n[*][?($.n[*] = @)]", "$.n[*][?(@ = $.n[*])]", "$.n[*][?($.n[*] > $.n[*])]", "$[?($.n[*] = $.l[*].x)]", "$[?($.l[*].x = $.n[*])].i", "$[?($.zz = $.n[::0])].i", "$.n[*][?(1)]", "$.n[*][?(0)]", "$.n[*][?(\"\")]", "$.n[*][?(null)]", "$.n[*][?([])]", "$.n[*][?({\"a\":1})]", "$.n[*][?(not not 1)]", "$.n[*][?(not (@ = 1 or @ = 2))]", "$.n[*][?((@ = 1 and @ = 1) or @ = 3)]", "$.n[*][?(not @ = 1 and @ < 3)]", "$.m[*][?(@ = [1,2])]", "$.m[*][?(@ = [1.0,2])]", "$.o[?(@ = {})]", "$[?(@.a = {\"c\":2,\"b\":1})].i",
        "$.n[-1]", "$.n[-3]", "$.n[-4]", "$.n[3]", "$.n[99999999999999999999999]", "$.n[-99999999999999999999999]", "$.n[-0]", "$.n[0:2]", "$.n[1:]", "$.n[:2]", "$.n[:]", "$.n[::]", "$.n[::2]", "$.n[::-1]", "$.n[2:0:-1]", "$.n[2:-5:-1]", "$.n[5:0:-2]", "$.n[100:-100:-7]", "$.n[-2:]", "$.n[-3:]", "$.n[-4:]", "$.n[:-1]", "$.n[:-5]", "$.n[-1:-3:-1]", "$.n[-99999999999999999999:]", "$.n[::99999999999999999999]", "$.n[::0]", "$.s[::0]", "$.e[::0]", "$.n[1:1]", "$.n[2:1]", "$.n[1:2:1]", "$.n[ 0 : 2 ]", "$.s[0]", "$.a[0]", "$.n[*,0]", "$.n[0,0]", "$.n[0:2,-1]", "$[\"a\"]", "$[\"a\",\"i\"]", "$[\"a\"][\"b\"]", "$[*]", "$.*", "$.a.*", "$.a[*]", "$.n.*", "$.s.*", "$..*", "$..[*]", "$..[0]", "$..a", "$..a..a", "$..[\"a\"]", "$..[\"a\",\"x\"]", "$..a.*", "$..[?(@.x)]", "$..[?(@ = 1)]", "$..[?(@.a)]..a", "$..length()", "$..[length()]", "$..keys()", "$.n[length()]", "$.n[$.i]", "$.n[@[1]]", "$.a[$.k]", "$.a[$.k,$.s]", "$.n[$.n[*]]", "$.n[$.t]", "$.n[$.a]", "$[$..y]", "$.a[@.keys()]", "$.m[*][*]", "$.m[*][1][0]", "$.m[1:][1][*]", "$.deep..a", "$.deep..*", "$ . a", "$\t.a\n", "$.a .b", " $.a", "$.a ", "$.a1", "$._", "$.andx", "$.zz", "$.zz..a", "$.e[*]", "$.o.*", "$.e.length()", "$.o.keys()", "$[\"\"]", "$[\"a b\"]", "$[\"\\\"\"]", "$[\"\\u0061\"]", "$[\"é\"]", "$.i[?(@ = 1)]", "$.i.a", "$.l[*].*", "$.l[*].keys()", "$.l[*][?(@.x)][?(@.y)].x", "$.l[*][?(@.x and @.y)].x", "$.l[*][?(@..x)].x", "$[?(@..x = 2)].i", "$..[?(@.x = $.i)].y",
    ]
    invalid = [
        "", " ", "a", "$.", "$..", "$...a", "$.a.", "$a", "$$", "$.a$", "$['a']", "$.a-b", "$.1", "$.é", "$.\"a\"", "$.true", "$.and", "$.not", "$.null", "$[a]", "$[]", "$[1,]", "$[,]", "$[,1]", "$[1.0]", "$[1e2]", "$[01]", "$[- 1]", "$[1:2:3:4]", "$[1.5:]", "$[:1e1]", "$[", "$[0", "$]", "$.a]", "$.a[?@.b]", "$.a[?(@.b == 1)]", "$.a[?(@.b =~ 1)]", "$.a[?(@.b && @.c)]", "$.a[?(!@.b)]", "$.a[?()]", "$.a[?(@.b]", "$.a[(@.length-1)]", "$.a[?(a)]", "$.a[?(@.b = )]", "$.a[?(@.b = 01)]", "$.a[?(@.b = .5)]", "$.a[?(@.b = +1)]", "$.a[?(@.b = 1.)]", "$.a[?(@.b = 'x')]", "$.a[?(@.b = 1 = 1)]", "$.a[?(@.b and)]", "$.a[?(and @.b)]", "$.a[?(@.b or or @.c)]", "$.foo()", "$[foo()]", "$.length(", "$.length(1,)", "$.length(a)", "$.a()", "$[\"a]", "$[\"a\nb\"]", "$[\"\\q\"]", "$[\"\\u12\"]", "$[\"\t\"]", "$.a b", "$.a#", "$.a ~ b", "foo.bar", "@.a", "@", "*", "${path}", "${s}", "$.${s}", "$[?(@.a = {a:1})]", "$[?(@.a = {\"a\" 1})]", "$[?(@.a = [1,])]", "$[?(@.a = {\"a\":@.b})]", "$\u00a0.a", "$\x0b.a", "$.a\x0c", "\u00a0$.a", "$.a\u2003", "$.a\x0b", "$.a\x1c", "$[?(@.x = 1", "$[?(not)]", "$.length()()", "$[\"a\":]", "$[*:]",
    ]
    rfc = ["$['a']['b']", "$.l[?@.x == 1].y", "$.l[?(@.x == 1)].y", "$..['x']", "$.n[?@ > 1]", "$.l[?@.y == 's'].x", "$.l[?!@.x]", "$.l[?@.x && @.y].x", "$.l[?length(@.y) == 1].x", "$.é", "$.l[?match(@.y, 's.*')].x", "$.n[?@ >= 2]"]
    for path in valid + invalid + rfc:
        yield {"type": "jsonpath", "path": path}, DOCUMENT, None
    for path in valid:
        # What it finds, exactly: from the reference itself.
        found = matches(path, DOCUMENT)
        if found is not None:
            yield {"type": "jsonpath", "path": path, "expect": found}, DOCUMENT, None
            yield {"type": "jsonpath", "path": path, "expect": found[::-1] + [0]}, DOCUMENT, None
            yield {"type": "jsonpath", "path": path, "count": len(found)}, json.dumps(DOCUMENT), None
            for nth, item in enumerate(found[:2]):
                yield {"type": "jsonpath", "path": path, "expect": item}, DOCUMENT, None
    for expect in [None, [], [None], 1, 1.0, True, [1], [1, 2], [1.0, 2], [2, 1], [[1, 2]], "", "s", {}, {"a": 1}, 0, False]:
        for path, value in [("$.x", {"x": expect}), ("$.l[*].x", DOCUMENT), ("$.zz", DOCUMENT), ("$.x[*]", {"x": [1, 2]}), ("$.x", {"x": [1, 2]})]:
            yield {"type": "jsonpath", "path": path, "expect": expect}, value, None
            yield {"type": "jsonpath", "path": path, "expect": expect, "count": 7}, value, None
    for count in [0, 1, 2, 2.0, True, False, None, "2", [2], {}]:
        for path in ["$.l[*].x", "$.zz", "$.i"]:
            yield {"type": "jsonpath", "path": path, "count": count}, DOCUMENT, None
    for target in ["body", "status", "missing", "", None, 0, [], ["a"], {"a": 1}]:
        for value in [{"status": 200, "body": '{"a": 1}'}, {"body": {"a": 1}}, {"a": 1}, '{"a": 1}', "a", [1], None, 5, {"body": "no json"}, {"body": None}]:
            yield {"type": "jsonpath", "path": "$.a", "target": target}, value, None
            yield {"type": "jsonpath", "path": "$", "target": target}, value, None
    for text in ["{}", " {\"a\": 1} ", "{\"a\": 1", "[1]", "\"{\\\"a\\\": 1}\"", "1", "null", "", "{'a': 1}", "{\"a\": 1, \"a\": 2}", "{\"a\": 1e5}", "{\"a\": 01}", "\ufeff{\"a\": 1}", "{\"a\": 1,}", "{\"a\": \"\\ud83d\\ude00\"}", "true", "{\"a\": -0}", "{\"a\":\"\t\"}", "[" * 100 + "]" * 100, "{\"a\": NaN}", "{\"a\": Infinity}", "[" * 500 + "]" * 500]:
        for path in ["$", "$.a", "$[0]", "$.length()", "$..a"]:
            yield {"type": "jsonpath", "path": path}, text, None
    for path in [None, 1, [], {}, True, ["$"]]:
        yield {"type": "jsonpath", "path": path}, {"a": 1}, None
    yield {"type": "jsonpath"}, {"a": 1}, None
    for path in ["$.${name}", "$[\"${name}\"]", "$.${missing}", "${path}", "$.x[?(@ = ${n})]", "$.l[*][?(@.y = \"${name}\")]", "$[\"${n}\"]", "$.$name", "$$.x", "$[${n}]", "$.x[\"$name\"]"]:
        for value in [{"x": 8, "a": 1, "8": 1}, {"x": {"x": 1}}, {"l": [{"y": "x"}]}]:
            yield {"type": "jsonpath", "path": path}, value, CONFIGURATION
            yield {"type": "jsonpath", "path": path}, value, None
    for expect in ["${n}", "${two}", ["${n}"], "${none}", {"a": "${n}"}, [["${s}"]], "x${n}", "${missing}", "${empty}"]:
        for found in [8, [1, 10], 1, None, {"a": 8}, ["str"], "x8", "${missing}", ""]:
            yield {"type": "jsonpath", "path": "$.x", "expect": expect}, {"x": found}, CONFIGURATION


def matches(path, document):
    from jsonpath2.path import Path as JSONPath

    with contextlib.redirect_stderr(io.StringIO()):
        try:
            return [m.current_value for m in JSONPath.parse_str(path).match(document)]
        except Exception:
            return None


# --- by chance -------------------------------------------------------------------------------

class Chance:
    """Tolerances and values from a grammar."""

    def __init__(self, seed):
        self.r = random.Random(seed)

    def value(self, depth=3):
        kind = self.r.randrange(9 if depth else 6)
        if kind == 0:
            return self.r.choice([None, True, False])
        if kind in (1, 2):
            return self.r.choice([0, 1, 2, 3, -1, 10, 200])
        if kind == 3:
            return self.r.choice([0.5, 1.0, 2.0, -0.5, 200.0, 1e20])
        if kind in (4, 5):
            return self.r.choice(["", "a", "b", "ab", "1", "2.5", "x y", "200", "é"])
        if kind == 6:
            return [self.value(depth - 1) for _ in range(self.r.randrange(4))]
        keys = self.r.sample(["a", "b", "c", "status", "x"], self.r.randrange(5))
        return {key: self.value(depth - 1) for key in keys}

    def near(self, value):
        """A value that is equal, or nearly."""
        if isinstance(value, list):
            return [self.near(item) for item in value]
        if isinstance(value, dict):
            return {key: self.near(item) for key, item in reversed(list(value.items()))}
        if isinstance(value, (int, float)) and self.r.random() < 0.5:
            return {0: False, 1: True}.get(value, float(value))
        return value if self.r.random() < 0.9 else self.value(0)

    def plain(self):
        value = self.value()
        kind = self.r.randrange(4)
        if kind == 0:
            return self.near(value), value
        if kind == 1:
            return self.value(), value
        items = [self.value(1) for _ in range(self.r.choice([0, 1, 2, 2, 2, 2, 3]))]
        if kind == 2 and items:
            items[self.r.randrange(len(items))] = self.near(value)
        return items, value

    def range(self):
        bounds = [self.r.choice([0, 1, 2, 10, 0.1, 0.3, 1.5, -1, True, 200, 1e3]) for _ in range(2)]
        if self.r.random() < 0.8:
            bounds.sort()
        tolerance = {"type": "range", "range": bounds}
        value = self.r.choice([self.value(0), self.r.uniform(-2, 12), str(round(self.r.uniform(-2, 12), 2)), bounds[0], str(bounds[1]), float(bounds[1])])
        if self.r.random() < 0.3:
            tolerance["target"] = self.r.choice(["a", "status"])
            value = {"a": value, "b": 1}
        return tolerance, value

    def jsonpath(self):
        value = {key: self.value(4) for key in self.r.sample("abcx", self.r.randrange(1, 5))}
        if self.r.random() < 0.2:
            value = [self.value(3) for _ in range(4)]
        tolerance = {"type": "jsonpath", "path": self.path("$", 2)}
        found = matches(tolerance["path"], value)
        chance = self.r.random()
        if found is not None and len(found) < 20 and chance < 0.6:
            tolerance["expect"] = self.near(found) if chance < 0.5 else self.near(found[:1])
        elif chance < 0.75:
            tolerance["count"] = len(found or []) + self.r.choice([0, 0, 1])
        return tolerance, (json.dumps(value) if chance < 0.05 else value)

    def path(self, origin, depth):
        return origin + "".join(self.step(depth) for _ in range(self.r.randrange(4)))

    def step(self, depth):
        name = self.r.choice(["a", "b", "c", "x", "status"])
        kind = self.r.randrange(9)
        if kind < 3:
            return "." + name
        if kind == 3:
            return self.r.choice([".*", "[*]"])
        if kind == 4:
            return ".." + self.r.choice([name, "*", "[%s]" % self.subscripts(depth), "length()"])
        if kind == 5:
            return "." + self.r.choice(["length()", "keys()", "values()", "entries()", "charAt(%d)" % self.r.randrange(-2, 3), "substring(%d)" % self.r.randrange(-2, 3), "substring(%d,%d)" % (self.r.randrange(-2, 3), self.r.randrange(-2, 3))])
        return "[%s]" % self.subscripts(depth)

    def subscripts(self, depth):
        return ",".join(self.subscript(depth) for _ in range(self.r.choice([1, 1, 1, 2])))

    def subscript(self, depth):
        kind = self.r.randrange(8 if depth else 5)
        number = lambda: str(self.r.randrange(-4, 5))
        if kind == 0:
            return '"%s"' % self.r.choice(["a", "b", "c", "x"])
        if kind == 1:
            return number()
        if kind == 2:
            return ":".join(self.r.choice(["", number()]) for _ in range(self.r.choice([2, 3])))
        if kind == 3:
            return "*"
        if kind == 4:
            return self.r.choice(["length()", "keys()", "values()"])
        if kind == 5:
            return self.path(self.r.choice("$@"), depth - 1)
        return "?(%s)" % self.expression(depth)

    def expression(self, depth):
        kind = self.r.randrange(8)
        if kind == 0:
            return "not " + self.expression(depth)
        if kind == 1:
            return "(%s)" % self.expression(depth)
        if kind in (2, 3):
            return "%s %s %s" % (self.expression(depth), self.r.choice(["and", "or"]), self.expression(depth))
        if kind == 4:
            return self.operand(depth)
        return "%s %s %s" % (self.operand(depth), self.r.choice(["=", "!=", "<", "<=", ">", ">="]), self.operand(depth))

    def operand(self, depth):
        if self.r.random() < 0.6:
            return self.path(self.r.choice("$@@@"), depth - 1)
        return json.dumps(self.value(1), ensure_ascii=False)

    def regex(self):
        pattern = self.fragment(3)
        if self.r.random() < 0.2:
            pattern = self.r.choice(["^", "(?i)", "(?m)", "(?s)", "(?a)", "(?x)", "\\A"]) + pattern
        if self.r.random() < 0.2:
            pattern += self.r.choice(["$", "\\Z", "\\b", "*", "(", "\\", ")", "{2}"])
        alphabet = ["a", "b", "ab", "A", "B", "1", " ", "\n", "é", "_", "-", "aa", "ba"]
        return ({"type": "regex", "pattern": pattern}, "".join(self.r.choice(alphabet) for _ in range(self.r.randrange(7))))

    def fragment(self, depth):
        kind = self.r.randrange(20 if depth else 8)
        if kind < 4:
            return self.r.choice(["a", "b", "A", "1", "é", "-", "_"])
        if kind == 4:
            return self.r.choice(["\\d", "\\w", "\\s", "\\D", "\\W", "\\S", "\\n", "\\x61", "\\141", "\\."])
        if kind == 5:
            return self.r.choice([".", "[ab]", "[^a]", "[a-z]", "[\\w-]", "[]a]", "[^\\d]", "[A-Z1]"])
        if kind == 6:
            return self.r.choice(["^", "$", "\\b", "\\B", "\\Z", "\\A", "\\1", "\\2", "(?P=n)"])
        if kind == 7:
            return ""
        if kind < 12:
            return self.fragment(depth - 1) + self.fragment(depth - 1)
        if kind == 12:
            return "%s|%s" % (self.fragment(depth - 1), self.fragment(depth - 1))
        if kind < 16:
            inner = self.fragment(depth - 1)
            if len(inner) != 1:
                inner = self.r.choice(["(%s)", "(?:%s)"]) % inner
            return inner + self.r.choice(["*", "+", "?", "{2}", "{1,2}", "{,1}", "*?", "+?", "??", "*+", "?+", "++"])
        if kind == 16:
            return self.r.choice(["(?=%s)", "(?!%s)", "(?<=%s)", "(?<!%s)"]) % self.fragment(depth - 1)
        if kind == 17:
            return self.r.choice(["(?>%s)", "(?P<n>%s)", "(?i:%s)", "(?-i:%s)", "(?m:%s)", "(?s:%s)"]) % self.fragment(depth - 1)
        if kind == 18:
            return "(?(1)%s|%s)" % (self.fragment(depth - 1), self.fragment(depth - 1))
        return "(%s)" % self.fragment(depth - 1)


def by_chance():
    chance = Chance(SEED)
    for make, number in [(chance.plain, 500), (chance.range, 300), (chance.jsonpath, 1500), (chance.regex, 1500)]:
        for _ in range(number):
            tolerance, value = make()
            yield tolerance, value, None


def cases():
    seen = set()
    for tolerance, value, configuration in [*by_hand(), *by_chance()]:
        case = {"tolerance": tolerance, "value": value}
        if configuration is not None:
            wanted = {name: configuration[name] for name in configuration if name in json.dumps(tolerance)}
            if wanted:
                case["configuration"] = wanted
        key = json.dumps(case)
        # What is no JSON outside of Python is no case.
        if key not in seen and "Infinity\"" not in json.dumps(tolerance):
            seen.add(key)
            yield case


class TooSlow(BaseException):
    """A case took too long (a search may never end). No ordinary exception, so nothing catches it."""


def give_up(signum, frame):
    raise TooSlow


def within_time(case):
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(SECONDS_PER_CASE)
    try:
        return judge(case)
    except TooSlow:
        print("no answer in time:", json.dumps(case), file=sys.stderr)
        return None
    finally:
        signal.alarm(0)


def main():
    logging.disable(logging.CRITICAL)
    target = Path(__file__).with_name("cases.json")
    with multiprocessing.get_context("fork").Pool(2) as pool:
        recorded = [case for case in pool.imap(within_time, cases(), chunksize=20) if case]
    lines = []
    for case in recorded:
        text = json.dumps(case, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
        lines.append(text)
    target.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="ascii")
    met = [str(case["met"]) for case in recorded]
    print(f"{len(recorded)} cases, {target.stat().st_size} bytes:",
          {answer: met.count(answer) for answer in sorted(set(met))})


if __name__ == "__main__":
    main()
