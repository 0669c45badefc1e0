"""Records what Chaos Toolkit says of every document in this folder.

    python record.py

needs the packages chaostoolkit-lib[jsonpath] 1.44 and chaostoolkit-kubernetes 0.39. Each
case gets a `reference`: `valid`, `invalid` with the message, or `crash` with the exception. Add a
case by writing its `name` and `document`; then run this.
"""

import copy
import json
import logging
import os
import pathlib
import warnings

from chaoslib.exceptions import ChaosException
from chaoslib.experiment import ensure_experiment_is_valid


def record(document):
    try:
        ensure_experiment_is_valid(copy.deepcopy(document))
    except ChaosException as error:
        return {"verdict": "invalid", "message": str(error)}
    except Exception as error:  # whatever the command line would show as a traceback
        return {"verdict": "crash", "error": f"{type(error).__name__}: {error}"}
    return {"verdict": "valid"}


def dump(cases):
    """One case a block, its document on one line: long, but a diff names the case."""
    blocks = []
    for case in cases:
        lines = [
            f'    {json.dumps(key)}: {json.dumps(case[key], ensure_ascii=False)}'
            for key in ("name", "document", "reference")
        ]
        blocks.append("  {\n" + ",\n".join(lines) + "\n  }")
    return "[\n" + ",\n".join(blocks) + "\n]\n"


def main():
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    os.environ["CHAOS_WASM_CASE_SET"] = "12"
    here = pathlib.Path(__file__).parent
    names = set()
    for path in sorted(here.glob("*.json")):
        if path.name == "differences.json":
            continue
        cases = json.loads(path.read_text())
        for case in cases:
            assert case["name"] not in names, f"two cases are called {case['name']!r}"
            names.add(case["name"])
            case["reference"] = record(case["document"])
        path.write_text(dump(cases))
    print(f"{len(names)} cases")


if __name__ == "__main__":
    main()
