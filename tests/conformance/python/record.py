"""Records how Python compares, prints and reads values, as cases.json beside this file.

    python record.py        # Python 3.11
"""

import json
import pathlib
import random
import struct
import sys
import unicodedata

HERE = pathlib.Path(__file__).parent

ATOMS = [
    None, True, False, 0, 1, -1, 2, 6, 255, 2**53, 2**53 + 1, -(2**63), 2**63 - 1, 2**63, 2**64 - 1,
    0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 6.0, 0.1, 0.1 + 0.2, 1e15, 1e16, 1.5e16, 123456789012345680.0, 1e17, 1e22, 1e100, -1e100,
    1e-3, 1e-4, 0.00012, 1e-5, 1.5e-5, 1e-7, 1e-100, 5e-324, 1.7976931348623157e308, 9007199254740992.0, 9007199254740994.0,
    9223372036854775807.0, 18446744073709551615.0, 9999999999999998.0, 99999999999999990.0,
    "", "a", "1", "True", "None", "it's", 'say "hi"', "it's \"both\"", "back\\slash", "tab\tnew\nline\rend", "\x00\x01\x1f\x7f",
    "é", "日本", "😀", "\u00a0", "\u00ad", "\u200b", "\u2028", "\ue000", "\ufeff", "\u0301", "a\u0301", "\U000e0001", "\U0010ffff", "\ufffd", "\x85",
    [], {}, [None], {"a": None},
]


def floats(source, count):
    for _ in range(count):
        value = struct.unpack("<d", struct.pack("<Q", source.getrandbits(64)))[0]
        if value == value and abs(value) != float("inf"):
            yield value
    for _ in range(count):
        yield round(source.uniform(-1000, 1000), source.randint(0, 6))
        yield source.uniform(1, 10) * 10.0 ** source.randint(-8, 20)


def nested(source, depth):
    kind = source.random()
    if depth == 0 or kind < 0.4:
        return source.choice(ATOMS)
    if kind < 0.7:
        return [nested(source, depth - 1) for _ in range(source.randint(0, 3))]
    return {source.choice(["a", "b c", "it's", "é", "\n", '"']): nested(source, depth - 1) for _ in range(source.randint(0, 3))}


NUMBERS = [
    "", " ", "0", "1", "-1", "+1", "--1", "+-1", "- 1", "1 ", " 1", "\t1\n", "\u00a01\u2003", "\x1c1", "\ufeff1", "\u200b1", "1_000", "1__0", "_1", "1_", "-_1",
    "01", "-00", "007", "0x10", "0b1", "0o7", "1.0", "1.", ".5", "-.5", ".", "-", "+", "1e3", "1E3", "1e+3", "1e-3", "1e", "1e+", "e3", "1e3.5", "1_0.5_0", "1_.5", "1._5",
    "1e1_0", "1_e5", "inf", "-inf", "+Inf", "INFINITY", "infinit", "nan", "-NaN", "nana", "in_f", "1,5", "1 2", "a", "True", "1f", "1j", "1L", "0.1", "1e400", "-1e400",
    "1e-400", "9223372036854775807", "9223372036854775808", "18446744073709551615", "-9223372036854775808", "0000000000000000000000000001", "5e-324", "0.30000000000000004",
    "179769313486231570000000000000000000000", "1e5_", "1\n2", "\n", "1\x00", "½", "1.5 ", " .5e1 ", "+.5", "-1.", "١",
]


def read(kind, text):
    try:
        value = kind(text)
    except ValueError:
        return None
    return repr(value)


def printable_ranges():
    """First and last code point of each run of characters that repr() leaves as they are, and of
    those that this Python's Unicode does not know yet."""
    printable, unassigned = [], []
    for code in range(0x80, sys.maxunicode + 1):
        c = chr(code)
        target = unassigned if unicodedata.category(c) == "Cn" else printable if c.isprintable() else None
        if target is None:
            continue
        if target and target[-1][1] == code - 1:
            target[-1][1] = code
        else:
            target.append([code, code])
    return {"printable": printable, "unassigned": unassigned}


def dump(items):
    return "[\n" + ",\n".join(json.dumps(item) for item in items) + "\n]"


def main():
    source = random.Random(7)
    values = ATOMS + list(floats(source, 150)) + [nested(source, 3) for _ in range(150)]
    texts = [{"value": v, "str": str(v), "repr": repr(v), "truthy": bool(v)} for v in values]
    pairs = [(a, b) for a in ATOMS for b in ATOMS if a == b or source.random() < 0.1]
    for _ in range(150):
        a = nested(source, 3)
        b = json.loads(json.dumps(a).replace("1.0", "1").replace("true", "1")) if source.random() < 0.7 else nested(source, 3)
        pairs.append((a, b))
    for _ in range(150):
        i = source.choice([2**53, 2**62, 2**63 - 1, 2**64 - 1, -(2**63), 0, 1]) + source.randint(-3, 3)
        if -(2**63) <= i < 2**64:
            pairs.append((i, float(i)))
    numeric = lambda v: isinstance(v, (bool, int, float))
    equal = [
        {"a": a, "b": b, "equal": a == b, "less": a < b if numeric(a) and numeric(b) else None}
        for a, b in pairs
    ]
    numbers = [{"text": t, "int": read(int, t), "float": read(float, t)} for t in NUMBERS]
    (HERE / "cases.json").write_text(
        "{\n"
        f'"texts": {dump(texts)},\n"pairs": {dump(equal)},\n"numbers": {dump(numbers)},\n'
        f'"characters": {json.dumps(printable_ranges())}\n'
        "}\n"
    )
    print(f"{len(texts)} texts, {len(equal)} pairs, {len(numbers)} numbers, Python {sys.version.split()[0]}")


main()
