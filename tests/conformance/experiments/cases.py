#!/usr/bin/env python3
"""Writes cases/*.json. Run it after changing it, then record the new cases (see README.md)."""
import json
import pathlib

HERE = pathlib.Path(__file__).parent
SUITES = {}


def case(suite, name, about, experiment=None, **rest):
    entry = {"name": name, "about": about}
    if experiment is not None:
        entry["experiment"] = experiment
    entry.update(rest)
    SUITES.setdefault(suite, []).append(entry)


def http(path, **rest):
    url = path if "://" in path or path.startswith("$") else "{{service}}" + path
    return {"type": "http", "url": url, **rest}


def process(path, *arguments, **rest):
    provider = {"type": "process", "path": path, **rest}
    if arguments:
        provider["arguments"] = list(arguments)
    return provider


def shell(script, **rest):
    return process("sh", "-c", script, **rest)


def python(module, func, arguments=None, **rest):
    provider = {"type": "python", "module": module, "func": func, **rest}
    if arguments is not None:
        provider["arguments"] = arguments
    return provider


def probe(name, provider, **rest):
    return {"type": "probe", "name": name, "provider": provider, **rest}


def action(name, provider, **rest):
    return {"type": "action", "name": name, "provider": provider, **rest}


def hypothesis(*probes):
    return {"title": "steady", "probes": list(probes)}


def experiment(method=(), ssh=None, rollbacks=None, **rest):
    out = {"title": "experiment", "description": "a case", **rest}
    if ssh is not None:
        out["steady-state-hypothesis"] = ssh
    out["method"] = list(method)
    if rollbacks is not None:
        out["rollbacks"] = list(rollbacks)
    return out


HEALTHY = hypothesis(probe("health", http("/health"), tolerance=200))
UNDO = [action("undo", http("/set/on"))]
OFF = action("turn-off", http("/set/off"))
OK = action("act", http("/ok"))
BADJSON = probe("badjson", http("/badjson"))
FAILING = action("fails", http("http://127.0.0.1:1/nobody"))
SETTLE = action("settle", process("sleep", "0.3"))
STRATEGIES = ["default", "before-method-only", "after-method-only", "during-method-only", "continuously"]
ROLLBACKS = ["default", "always", "never", "deviated"]


def matrix():
    during = ("during-method-only", "continuously")
    situations = {
        "dead": ("the hypothesis never holds", hypothesis(probe("dead", http("/status/500"), tolerance=200)), [OK]),
        "act-fail": ("an action of the method fails", HEALTHY, [FAILING, OK]),
        "dev": ("the method breaks the service", HEALTHY, [OFF]),
        "well": ("everything holds", HEALTHY, [OK]),
    }
    for situation, (about, ssh, method) in situations.items():
        for strategy in STRATEGIES:
            for rollback in ROLLBACKS:
                if situation == "well" and rollback not in ("default", "deviated"):
                    continue
                rest = {"timing": True} if strategy in during else {}
                # The first check during the method must not race with the break.
                first = [SETTLE] if strategy in during else []
                case("matrix", f"{situation}-{strategy}-{rollback}", f"2.3: {about}",
                     experiment(first + method, ssh, UNDO),
                     args=["--hypothesis-strategy", strategy, "--rollback-strategy", rollback], **rest)
    gone = hypothesis(probe("gone", http("http://127.0.0.1:1/"), tolerance=200))
    goes = [action("goes", http("/set/gone"))]
    for rollback in ROLLBACKS:
        args = ["--rollback-strategy", rollback]
        case("matrix", f"gate-errors-{rollback}", "2.3: a probe of the gate errs", experiment([OK], gone, UNDO), args=args)
        case("matrix", f"after-errors-{rollback}", "2.3: a probe errs after the method", experiment(goes, HEALTHY, UNDO), args=args)
        case("matrix", f"method-crashes-{rollback}", "2.3: something unexpected in the method",
             experiment([BADJSON, OK], HEALTHY, UNDO), args=args)
        case("matrix", f"after-crashes-{rollback}", "2.3: something unexpected after the method",
             experiment([action("breaks", http("/set/broken"))], HEALTHY, UNDO), args=args)
    case("matrix", "gate-crashes", "2.3: something unexpected in the gate",
         experiment([OK], hypothesis(probe("broken", http("/badjson"), tolerance=200)), UNDO))
    case("matrix", "rollback-crashes", "2.3: something unexpected in a rollback",
         experiment([OK], HEALTHY, [BADJSON] + UNDO))
    heals = [SETTLE, OFF, action("wait", process("sleep", "0.4")), action("heals", http("/set/on")), action("wait-more", process("sleep", "0.3"))]
    for strategy in during:
        for fast in ([], ["--fail-fast"]):
            name = f"heals-{strategy}" + ("-fail-fast" if fast else "")
            case("matrix", name, "2.3: breaks during the method and heals", experiment(heals, HEALTHY, UNDO),
                 args=["--hypothesis-strategy", strategy, "--hypothesis-frequency", "0.1", *fast], timing=True)
    # Without a frequency that lets a second check happen, the check sees the service down once.
    long = [action("wait", process("sleep", "0.5")), OK]
    dead = hypothesis(probe("dead", http("/status/500"), tolerance=200))
    for strategy in during:
        case("matrix", f"dead-{strategy}-fail-fast", "2.2: fail-fast at the first check", experiment(long, dead, UNDO),
             args=["--hypothesis-strategy", strategy, "--fail-fast"], timing=True)
    case("matrix", "during-crashes", "2.3: something unexpected in a check during the method",
         experiment(long, hypothesis(probe("broken", http("/badjson"), tolerance=200)), UNDO),
         args=["--hypothesis-strategy", "during-method-only"], timing=True)
    case("matrix", "during-errors", "2.2: an error counts as not met",
         experiment(long, hypothesis(probe("gone", http("http://127.0.0.1:1/"), tolerance=200)), UNDO),
         args=["--hypothesis-strategy", "during-method-only"], timing=True)
    case("matrix", "during-errors-fail-fast", "2.2: an error counts as not met",
         experiment(long, hypothesis(probe("gone", http("http://127.0.0.1:1/"), tolerance=200)), UNDO),
         args=["--hypothesis-strategy", "during-method-only", "--fail-fast"], timing=True)
    case("matrix", "misspelt-continously", "2.1: the old spelling, with a warning", experiment([SETTLE, OK], HEALTHY, UNDO),
         args=["--hypothesis-strategy", "continously"], timing=True)
    case("matrix", "continuously-slow-frequency", "2.2: the end does not wait for the frequency's next check",
         experiment([OK], HEALTHY), args=["--hypothesis-strategy", "continuously", "--hypothesis-frequency", "0.2"], timing=True)


def hypotheses():
    def run(name, about, ssh, method=(), **rest):
        case("hypothesis", name, about, experiment(method, ssh), **rest)
    run("no-hypothesis", "2: none", None, [OK])
    run("no-probes", "2: no probes key", {"title": "steady"}, [OK])
    run("empty-probes", "2: empty probes", {"title": "steady", "probes": []}, [OK])
    run("order", "2: in order", hypothesis(*[probe(f"p{n}", http(f"/ok?n={n}"), tolerance=200) for n in range(3)]), [OK])
    run("stops-at-first-miss", "2: later probes are not run",
        hypothesis(probe("a", http("/ok"), tolerance=200), probe("b", http("/status/404"), tolerance=200), probe("c", http("/ok"), tolerance=200)), [OK])
    run("stops-at-first-error", "2: later probes are not run",
        hypothesis(probe("a", http("http://127.0.0.1:1/"), tolerance=200), probe("c", http("/ok"), tolerance=200)), [OK])
    run("pauses", "2: pauses of probes apply", hypothesis(probe("a", http("/ok"), tolerance=200, pauses={"before": 0.01, "after": 0.01})), [OK])
    run("background", "1.4: background in the hypothesis only changes the log line", hypothesis(probe("a", http("/ok"), tolerance=200, background=True)), [OK])
    run("action", "1.3: an action in the hypothesis is accepted", hypothesis(action("a", http("/ok"), tolerance=200)), [OK])
    run("title-not-substituted", "1.9: the hypothesis' title is not substituted",
        {"title": "steady $x ${x}", "probes": [probe("a", http("/ok"), tolerance=200)]}, [OK])
    run("ref-to-method", "1.5: a ref in the hypothesis, with its own tolerance", hypothesis({"ref": "act", "tolerance": 200}), [OK])
    run("ref-own-tolerance-misses", "1.5: the ref's tolerance counts", hypothesis({"ref": "act", "tolerance": 404}), [OK])
    run("ref-to-nothing", "1.5: traceback", hypothesis({"ref": "nothing", "tolerance": 404}), [OK])
    run("method-tolerance-ignored", "fact 5: tolerance in the method is ignored", None, [probe("p", http("/status/500"), tolerance=200), OK])
    run("empty-method", "1.3: the method may be empty", HEALTHY, [])
    run("after-sees-change", "2: codes change between the checks",
        hypothesis(probe("a", http("/sequence?codes=200,503"), tolerance=200)), [OK])
    run("after-heals", "2: unmet before, so no after", hypothesis(probe("a", http("/sequence?codes=503,200"), tolerance=200)), [OK])
    runtime = lambda h=None, r=None: {**({"hypothesis": {"strategy": h}} if h else {}), **({"rollbacks": {"strategy": r}} if r else {})}
    for strategy in STRATEGIES + ["skip"]:
        case("hypothesis", f"runtime-{strategy}", "1.6: strategy from the experiment",
             experiment([SETTLE, OFF], HEALTHY, UNDO, runtime=runtime(strategy)),
             **({"timing": True} if strategy in ("during-method-only", "continuously") else {}))
    for rollback in ROLLBACKS + ["bogus"]:
        case("hypothesis", f"runtime-rollbacks-{rollback}", "1.6: rollbacks from the experiment",
             experiment([OFF], HEALTHY, UNDO, runtime=runtime(None, rollback)))
    case("hypothesis", "runtime-bogus-strategy", "1.6: unknown strategy", experiment([OFF], HEALTHY, UNDO, runtime=runtime("bogus")))
    case("hypothesis", "runtime-continuous", "1.6: `continuous` is no strategy", experiment([OFF], HEALTHY, UNDO, runtime=runtime("continuous")))
    case("hypothesis", "runtime-empty", "1.6: an empty runtime counts as none", experiment([OFF], HEALTHY, UNDO, runtime={}))
    case("hypothesis", "flag-beats-runtime", "1.6: flag > experiment", experiment([OFF], HEALTHY, UNDO, runtime=runtime("skip", "never")),
         args=["--hypothesis-strategy", "before-method-only", "--rollback-strategy", "always"])
    settings = "runtime:\n  hypothesis:\n    strategy: after-method-only\n  rollbacks:\n    strategy: always\n"
    files = {".chaostoolkit/settings.yaml": settings}
    case("hypothesis", "settings-runtime", "1.6: strategies from the settings file", experiment([OFF], HEALTHY, UNDO), files=files)
    case("hypothesis", "settings-given", "7: --settings", experiment([OFF], HEALTHY, UNDO), files={"mine.yaml": settings}, options=["--settings", "{{dir}}/mine.yaml"])
    case("hypothesis", "experiment-beats-settings", "1.6: the experiment's runtime replaces both values", experiment([OFF], HEALTHY, UNDO, runtime=runtime(None, "never")), files=files)
    case("hypothesis", "experiment-runtime-default-not-settings", "1.6: what it doesn't mention is default", experiment([OFF], HEALTHY, UNDO, runtime=runtime("skip")), files=files)
    case("hypothesis", "settings-skip", "1.6: skip from settings", experiment([OFF], HEALTHY, UNDO), files={".chaostoolkit/settings.yaml": "runtime:\n  hypothesis:\n    strategy: skip\n"})
    case("hypothesis", "flag-beats-settings", "1.6: flag > settings", experiment([OFF], HEALTHY, UNDO), files=files, args=["--hypothesis-strategy", "default"])


def activities():
    def run(name, about, method, rollbacks=None, ssh=None, keep=None, **rest):
        case("activities", name, about, experiment(method, ssh, rollbacks, **(keep or {})), **rest)
    run("succeeds", "3.1: succeeded", [OK])
    run("fails-and-goes-on", "fact 5: a failed action does not fail the run", [FAILING, OK])
    run("unexpected-aborts", "fact 7: aborted, the method stops", [OK, BADJSON, action("never", http("/ok"))], UNDO)
    run("unexpected-without-rollbacks", "5.1: none declared", [BADJSON])
    run("no-rollbacks-empty", "5.1: none declared", [OK], [])
    run("failing-rollback", "fact 6: the next rollback is played", [OK], [FAILING] + UNDO)
    run("pauses", "3.1: pauses", [action("a", http("/ok"), pauses={"before": 0.02, "after": 0.03}), OK])
    run("pauses-int-zero", "3.1: pauses of 0", [action("a", http("/ok"), pauses={"before": 0, "after": 0})])
    run("pauses-negative", "1.3: negative pauses pass validation", [action("a", http("/ok"), pauses={"before": -1})])
    run("pauses-after-failure", "3.1: pause after a failure", [{**FAILING, "pauses": {"after": 0.01}}, OK])
    run("pauses-variable", "1.9: pauses are substituted", [action("a", http("/ok"), pauses={"before": "${p}"})], keep={"configuration": {"p": 0.01}})
    run("pauses-string-variable", "1.4: a substituted string aborts", [action("a", http("/ok"), pauses={"before": "${p}"}), OK], UNDO, keep={"configuration": {"p": "0.01"}})
    run("pauses-in-rollbacks", "3.1: pauses in rollbacks", [OK], [action("u", http("/set/on"), pauses={"before": 0.01, "after": 0.01})])
    run("timeout-ignored", "fact 24: an activity's own timeout (large) changes nothing", [action("a", http("/ok"), timeout=30)])
    run("unknown-keys", "1.2: unknown keys are kept", [action("a", http("/ok", x=1), whatever={"b": [1]})], keep={"anything": [1, 2], "version": "1.0.0"})
    run("metadata", "1.2: tags, contributions, extensions", [OK], keep={"tags": ["a", "b"], "contributions": {"reliability": "high"}, "extensions": [{"name": "vendor", "x": 1}]})
    run("title-substituted", "1.9: the title is substituted", [OK], keep={"configuration": {"who": "world"}, "title": "hello ${who} $who $$"})
    run("title-typed", "1.2: typed title", [OK], keep={"configuration": {"n": 8}, "title": "${n}"})
    run("unicode", "6: non-ASCII", [action("açtion ✅", http("/ok"))], keep={"title": "ünï ✅"})
    # references
    run("ref", "1.5: resolved when executed", [OK, {"ref": "act"}])
    run("ref-forward", "1.5: to a later activity", [{"ref": "act"}, OK])
    run("ref-to-hypothesis", "1.5: to a probe of the hypothesis", [{"ref": "health"}], ssh=HEALTHY)
    run("ref-duplicate-last-wins", "1.5: duplicates", [action("d", http("/ok?1")), action("d", http("/ok?2")), {"ref": "d"}])
    run("ref-own-pauses-ignored", "1.5: the ref's own pauses are ignored", [OK, {"ref": "act", "pauses": {"before": 5}, "name": "mine"}])
    run("ref-takes-pauses", "1.5: the activity's pauses apply", [action("a", http("/ok"), pauses={"before": 0.01}), {"ref": "a"}])
    run("ref-in-rollbacks", "1.5: logs None", [OK], [{"ref": "act"}])
    run("ref-to-rollback", "1.5: rollbacks are not in the table", [OK], UNDO + [{"ref": "undo"}])
    run("ref-unknown-in-rollbacks", "1.5: traceback", [OK], [{"ref": "nothing"}])
    run("ref-unknown-in-method", "1.3: refused", [{"ref": "nothing"}])
    run("ref-unknown-no-validation", "1.5: aborted", [{"ref": "nothing"}, OK], UNDO, args=["--no-validation"])
    run("ref-background", "1.5: background of the ref", [probe("p", http("/slow?ms=150")), {"ref": "p", "background": True}, OK], timing=True)
    # background
    run("background", "3.3: waits at the end", [action("bg", http("/slow?ms=200"), background=True), OK], timing=True)
    run("background-several", "3.3", [action("bg1", http("/slow?ms=200"), background=True), action("bg2", http("/slow?ms=100"), background=True), OK], timing=True)
    run("background-fails", "3.3: a failure changes nothing", [{**FAILING, "background": True}, action("wait", process("sleep", "0.3"))], timing=True)
    run("background-unexpected", "fact 9: swallowed", [{**BADJSON, "background": True}, action("wait", process("sleep", "0.3"))], UNDO, timing=True)
    run("background-before-after-check", "3.3: before the after-check", [action("bg", shell("sleep 0.2; echo x"), background=True)], ssh=HEALTHY, timing=True)
    run("background-pause-before", "3.3: in its thread", [action("bg", http("/ok"), background=True, pauses={"before": 0.2}), action("a", http("/ok?now"))], timing=True)
    run("background-rollback", "3.3: rollbacks too", [OK], [action("bg", http("/slow?ms=100"), background=True), action("u", http("/set/on"))], timing=True)
    run("background-after-abort", "3.3: waited for after an abort", [action("bg", http("/slow?ms=200"), background=True), action("wait", process("sleep", "0.1")), BADJSON], UNDO, timing=True)
    # dry
    method = [OK, probe("p", http("/status/500")), action("paused", http("/ok"), pauses={"before": 0.2, "after": 0.2})]
    for dry in ("probes", "actions", "activities", "pause"):
        case("activities", f"dry-{dry}", "7.3: --dry", experiment(method, HEALTHY, UNDO), args=["--dry", dry])
    run("dry-hypothesis-none", "7.3: without hypothesis", method, args=["--dry", "activities"])
    run("dry-key-disables", "fact 23: a `dry` key", [action("a", http("/ok"), dry="x")], args=["--dry", "activities"])
    run("dry-key-names-mode", "7.3: a `dry` key alone", [action("a", http("/ok"), dry="actions"), probe("p", http("/ok"), dry="probes")])
    run("dry-background", "7.3: background when dry", [action("bg", http("/ok"), background=True), OK], args=["--dry", "activities"], timing=True)
    run("dry-dynamic-configuration", "fact 23: dynamic configuration is executed", [OK], keep={"configuration": {"d": {"type": "probe", "name": "d", "provider": http("/ok")}}}, args=["--dry", "activities"])
    run("dry-overwritten", "1.2: dry of the document is overwritten", [OK], keep={"dry": "actions"})
    run("dry-dead-hypothesis", "7.3: an unmeasured tolerance", [OK], ssh=hypothesis(probe("dead", http("/status/500"), tolerance=200)), args=["--dry", "probes"])
    # controls that cannot be imported
    control = {"name": "nowhere", "provider": {"type": "python", "module": "no_such_module_anywhere"}}
    run("control-missing", "8: a warning only", [OK], keep={"controls": [control]})
    run("control-on-activity", "8: on an activity", [{**OK, "controls": [control]}])
    run("control-not-python", "8: ignored", [OK], keep={"controls": [{"name": "c", "provider": {"type": "http", "url": "http://127.0.0.1:1"}}]})
    run("journal-path", "7: another journal", [OK], args=["--journal-path", "{{dir}}/other.json"], journal="other.json")
    run("change-dir", "7: --change-dir", [action("pwd", process("pwd"))], options=["--change-dir", "sub"], files={"sub/here": "x"}, source="{{dir}}/experiment.json", args=["--journal-path", "{{dir}}/journal.json"])


def http_provider():
    def run(name, about, provider, keep=None, **rest):
        kind = probe if str(provider.get("method", "GET")).upper() in ("GET", "HEAD", "OPTIONS") else action
        case("http", name, "3.4: " + about, experiment([kind("p", provider)], **(keep or {})), **rest)
    case("http", "probe-that-posts", "3.4: a probe may use any method", experiment([probe("p", http("/echo", method="POST", arguments={"query": "{ up }"}))]))
    run("get", "plain", http("/ok"))
    run("json", "parsed", http("/json"))
    run("json-charset", "fact 27: stays text", http("/json-charset"))
    run("badjson", "unexpected", http("/badjson"))
    run("empty-json", "unexpected", http("/empty"))
    run("empty-text", "empty", http("/body?type=text/plain&text="))
    run("no-type", "no content type", http("/body?text=plain"))
    run("html-latin1", "ISO-8859-1 for text without charset", http("/body?type=text/html&hex=e9"))
    run("charset-utf8", "charset", http("/body?type=text/plain;charset=utf-8&hex=c3a9"))
    run("charset-latin1", "charset", http("/body?type=text/plain;charset=iso-8859-1&hex=e9"))
    run("charset-cp1252", "charset", http("/body?type=text/plain;charset=windows-1252&hex=80"))
    run("json-unicode", "JSON in UTF-8", http("/body?type=application/json&hex=7b2261223a22c3a9227d"))
    run("json-scalar", "JSON number", http("/body?type=application/json&text=12"))
    run("json-float", "JSON float", http("/body?type=application/json&text=1.50"))
    run("json-null", "JSON null", http("/body?type=application/json&text=null"))
    run("json-500", "JSON body of a failed status", http("/body?type=application/json&text={}&status=500"))
    run("problem-json", "not exactly application/json", http("/body?type=application/problem%2Bjson&text={}"))
    run("status-404", "no failure, a warning", http("/status/404"))
    run("status-399", "no warning", http("/status/399"))
    run("status-400", "the limit", http("/status/400"))
    run("status-401", "a warning", http("/status/401"))
    run("status-503", "no failure, a warning", http("/status/503"))
    run("status-204", "no content", http("/body?status=204"))
    run("headers-repeated", "joined", http("/headers"))
    run("refused", "connection error", http("http://127.0.0.1:1/x"))
    run("hangup", "connection error", http("/hangup"))
    run("bad-scheme", "unexpected", http("nonsense://x/"))
    run("no-scheme", "unexpected", {"type": "http", "url": "127.0.0.1/x"})
    run("read-timeout", "took too long", http("/silent", timeout=0.2))
    run("read-timeout-pair", "took too long", http("/silent", timeout=[1, 0.2]))
    run("timeout-not-reached", "number", http("/ok", timeout=5))
    run("timeout-pair", "pair", http("/ok", timeout=[5, 5]))
    run("timeout-substituted", "substituted", http("/silent", timeout="${t}"), {"configuration": {"t": 0.2}})
    run("timeout-string", "a bad type is unexpected", http("/ok", timeout="abc"))
    run("method-lower", "upper-cased", http("/echo", method="put"))
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        run(f"arguments-{method.lower()}", "a map", http("/echo", method=method, arguments={"a": 1, "b": [1, 2], "c": None, "d": "x y&é", "e": True, "f": 1.0}))
        run(f"arguments-string-{method.lower()}", "a string", http("/echo", method=method, arguments="raw=1&x"))
    run("head", "HEAD", http("/ok", method="HEAD"))
    run("head-arguments", "HEAD counts as other", http("/ok", method="HEAD", arguments={"a": 1}))
    run("get-existing-query", "appended to the query", http("/echo?z=1", arguments={"a": 1}))
    run("get-nested-arguments", "nested map", http("/echo", arguments={"a": {"b": 1}}))
    run("get-empty-arguments", "empty map", http("/echo", arguments={}))
    run("post-json", "fact 28", http("/echo", method="POST", headers={"Content-Type": "application/json"}, arguments={"a": "1", "b": [1, 2], "c": None, "é": "✅"}))
    run("post-json-string", "JSON of a string", http("/echo", method="POST", headers={"Content-Type": "application/json"}, arguments="text"))
    run("post-json-lower-header", "fact 28: the key in other case", http("/echo", method="POST", headers={"content-type": "application/json"}, arguments={"a": 1}))
    run("post-json-charset", "fact 28: another value", http("/echo", method="POST", headers={"Content-Type": "application/json; charset=utf-8"}, arguments={"a": 1}))
    run("post-nothing", "no arguments", http("/echo", method="POST"))
    run("post-list", "a list of pairs", http("/echo", method="POST", arguments=[["a", "1"], ["b", "2"]]))
    run("delete-json", "DELETE with JSON", http("/echo", method="DELETE", headers={"Content-Type": "application/json"}, arguments={"a": 1}))
    run("headers", "sent", http("/echo", headers={"X-One": "1", "Accept": "text/plain"}))
    run("header-number", "unexpected", http("/echo", headers={"X-One": 1}))
    run("header-variable", "substituted", http("/echo", headers={"X-One": "a ${v}"}), {"configuration": {"v": "b"}})
    run("header-typed-variable", "a number is unexpected", http("/echo", headers={"X-One": "${v}"}), {"configuration": {"v": 3}})
    run("user-agent-own", "own agent", http("/ok", headers={"User-Agent": "mine"}))
    run("url-variable", "substituted", http("${base}/ok"), {"configuration": {"base": "{{service}}"}})
    run("url-dollar-name", "unbraced", http("/ok?$v"), {"configuration": {"v": "b"}})
    run("url-unicode", "escaped", http("/echo?é=ü b"))
    run("url-fragment", "fragment dropped", http("/echo#part"))
    run("url-credentials", "basic auth of the URL", {"type": "http", "url": "http://user:pass@{{authority}}/echo"})
    run("redirect", "followed", http("/redirect?to=/ok"))
    run("redirect-post", "POST becomes GET", http("/redirect?to=/echo", method="POST", arguments={"a": 1}))
    run("redirect-307", "the method stays", http("/redirect?to=/echo&code=307", method="POST", arguments={"a": 1}))
    run("redirect-head", "HEAD too", http("/redirect?to=/ok", method="HEAD"))
    run("redirect-loop", "unexpected", http("/redirect?to=/redirect?to=/redirect"))
    run("max-retries", "no status retries", http("/status/503", max_retries=3))
    run("max-retries-refused", "connection retries", http("http://127.0.0.1:1/", max_retries=1))
    run("verify-tls-false", "no effect on http", http("/ok", verify_tls=False))
    run("expected-status-ignored", "ignored", http("/status/404", expected_status=404))
    run("secrets-ignored", "accepted", http("/ok", secrets=["a"]), {"secrets": {"a": {"b": "c"}}})
    run("gzip-accepted", "accept headers", http("/echo"))


def process_provider():
    def run(name, about, provider, keep=None, **rest):
        case("process", name, "3.5: " + about, experiment([probe("p", provider)], **(keep or {})), **rest)
    run("echo", "list", process("echo", "hello", "world"))
    run("no-arguments", "none", process("true"))
    run("empty-list", "empty list", process("echo", arguments=[]))
    run("list-empties", "null and empty dropped", process("echo", arguments=["a", None, "", "b"]))
    run("list-types", "str()", process("echo", arguments=[1, 1.5, True, False, 0, {"x": 1}, ["a", 2]]))
    run("list-no-shell", "no shell", process("echo", "$HOME", "a;b", "*"))
    run("string-shell", "a string goes through the shell", process("echo", arguments="one; echo two | tr t T"))
    run("string-variable", "shell variables", process("echo", arguments="$MARK"), env={"MARK": "seen"})
    run("string-empty", "an empty string selects the shell", process("echo", arguments=""))
    run("map", "flattened, deprecated", process("echo", arguments={"--a": "1", "--b": None, "--c": ""}))
    run("map-types", "flattened", process("echo", arguments={"--a": 1, "-b": True}))
    run("status-1", "no failure, a warning", process("false"))
    run("status-3", "status", shell("exit 3"))
    run("signal", "negative, no warning", shell("kill -9 $$"))
    run("signal-term", "negative", shell("kill -TERM $$"))
    run("stderr", "captured", shell("echo out; echo err >&2"))
    run("no-newline", "as it is", process("printf", "abc"))
    run("crlf", "kept", process("printf", "a\\r\\nb"))
    run("utf8-short", "decoded (ASCII)", process("printf", "plain text"))
    run("utf8-check", "fact 26: guessing", process("printf", "ok ✅"))
    run("utf8-accents", "guessing", process("printf", "é è à ü"))
    run("utf8-sentence", "guessing", process("printf", "Ceci est une phrase française avec des accents: é, è, à, ç et ô, voilà."))
    run("utf8-bom", "BOM removed", process("printf", "\\357\\273\\277text"))
    run("latin1", "guessing", process("printf", "caf\\351"))
    run("nul", "a NUL", process("printf", "a\\000b"))
    run("binary", "guessing", process("printf", "\\377\\376\\375\\374\\200\\201\\000\\001"))
    run("timeout", "took too long", process("sleep", "5", timeout=0.2))
    run("timeout-not-reached", "enough", process("echo", "x", timeout=5))
    run("timeout-int", "integer", process("sleep", "5", timeout=1))
    run("timeout-string", "unexpected", process("echo", "x", timeout="1"))
    run("timeout-variable", "not substituted: unexpected", process("echo", "x", timeout="${t}"), {"configuration": {"t": 1}})
    run("timeout-shell", "the shell's child", process("sleep", arguments="5", timeout=0.2))
    run("environment", "inherited", shell("echo $MARK"), env={"MARK": "seen"})
    run("cwd", "inherited", process("pwd"))
    run("stdin", "inherited", process("cat"))
    run("arguments-substituted", "substituted", process("echo", "a ${x} $x", "${n}", "$$"), {"configuration": {"x": "y", "n": 3}})
    run("arguments-no-configuration", "fact 18: not without configuration", process("echo", "$$", "${x}"))
    run("string-substituted", "substituted", process("echo", arguments="${x} and $x"), {"configuration": {"x": "y"}})
    run("relative-path", "from the working directory", process("./tool.sh"), files={"tool.sh": "#!/bin/sh\necho tool\n"})
    run("tilde", "not expanded by validation", process("~/tool"))
    run("missing", "refused", process("no-such-program-anywhere"))
    run("missing-no-validation", "unexpected", process("no-such-program-anywhere"), args=["--no-validation"])
    run("missing-string-no-validation", "the shell says 127", process("no-such-program-anywhere", arguments="x"), args=["--no-validation"])
    run("path-variable-no-validation", "the path is not substituted", process("${p}"), {"configuration": {"p": "echo"}}, args=["--no-validation"])
    run("many-lines", "all of it", shell("for i in 1 2 3 4 5; do echo line $i; done"))
    run("tolerance-silences", "no warning", process("true"))
    case("process", "warning-silenced", "3.5: a tolerance key silences the warning", experiment([probe("p", process("false"), tolerance=0)]))
    case("process", "http-warning-silenced", "3.4: a tolerance key silences the warning", experiment([probe("p", http("/status/500"), tolerance=200)]))


def configuration():
    def run(name, about, config, arguments, secrets=None, args=(), env=None, files=None, **rest):
        keep = {"configuration": config}
        if secrets is not None:
            keep["secrets"] = secrets
        more = {k: v for k, v in (("args", list(args)), ("env", env), ("files", files)) if v}
        case("configuration", name, about, experiment([probe("p", process("printf", "%s|", *arguments))], **keep), **more, **rest)
    everything = {"s": "str", "i": 8, "f": 1.5, "b": True, "n": None, "d": {"a": 1, "l": [1, "x"]}, "l": ["a", 2, None, True], "dollar": "$s", "e": "", "big": 1e20, "small": 1e-7, "neg": -0.0}
    run("typed", "1.9: whole strings", everything, ["${s}", "${i}", "${f}", "${b}", "${d}", "${l}"])
    run("mixed", "1.9: mixed text", everything, ["x ${i} y", "x ${f}", "x ${b}", "x ${n}", "x ${d}", "x ${l}", "x ${big}", "x ${small}", "x ${neg}"])
    run("unbraced", "1.9: $name", everything, ["$s", "a$s-b", "$i", "$d"])
    run("missing", "1.9: unknown names stay", everything, ["${missing}", "a ${missing} b", "$missing"])
    run("dollars", "1.9: $$ and friends", everything, ["$$", "$${s}", "$", "$5", "a$", "$$$s"])
    run("not-names", "1.9: what is no name", everything, ["${}", "${ s }", "${my-key}", "${x.y}", "${é}", "${s:-def}", "${S}"])
    run("single-pass", "1.9: not recursive", everything, ["${dollar}", "a ${dollar}"])
    run("not-in-configuration", "1.9: no substitution within configuration", {"a": "x", "b": "${a}"}, ["${b}"])
    run("empty-value", "1.9: empty string", everything, ["a${e}b", "${e}"])
    run("quotes", "1.9: Python repr of strings", {"d": {"a": "it's", "b": "say \"x\"", "c": "both ' and \"", "n": "line\nbreak", "u": "é✅", "t": True, "f": 1.0, "x": None}}, ["x ${d}"])
    run("secrets", "1.9: secrets after configuration", {"a": "conf"}, ["${a}", "${tok}"], {"g": {"a": "sec", "tok": "t"}})
    run("secrets-second-level", "1.9: only the second level is visible", {"a": 1}, ["${g}", "${tok}", "${deep}"], {"g": {"tok": {"deep": "x"}}})
    run("secrets-first-group-wins", "1.9: groups in order", {"x": 1}, ["${k}"], {"g1": {"k": "one"}, "g2": {"k": "two"}})
    # environment
    env = {"TOOL": "hammer", "NUM": "12", "EMPTY": "", "FL": "1.5", "JS": "{\"a\": [1]}", "NO": "no", "OFF": "off"}
    e = lambda key, **rest: {"type": "env", "key": key, **rest}
    run("env", "1.7: env", {"a": e("TOOL")}, ["${a}"], env=env)
    run("env-default", "1.7: default", {"a": e("UNSET_THING", default="dflt")}, ["${a}"], env=env)
    run("env-default-null", "1.7: a null default", {"a": e("UNSET_THING", default=None)}, ["x ${a}"], env=env)
    run("env-default-empty", "1.7: an empty default", {"a": e("UNSET_THING", default="")}, ["x ${a}"], env=env)
    run("env-unset", "1.3: refused", {"a": e("UNSET_THING")}, ["${a}"], env=env)
    run("env-empty-is-set", "1.7: empty is set", {"a": e("EMPTY", default="d")}, ["x${a}"], env=env)
    for kind in ("str", "string", "int", "integer", "float", "number", "bytes"):
        run(f"env-type-{kind}", "1.7: env_var_type", {"a": e("NUM", env_var_type=kind)}, ["${a}", "x ${a}"], env=env)
    run("env-type-bool", "1.7: bool", {"a": e("NO", env_var_type="bool"), "b": e("OFF", env_var_type="bool"), "c": e("EMPTY", env_var_type="bool"), "d": e("TOOL", env_var_type="bool")}, ["x ${a} ${b} ${c} ${d}"], env=env)
    run("env-type-json", "1.7: json", {"a": e("JS", env_var_type="json")}, ["${a}"], env=env)
    run("env-type-default", "1.7: the default is converted too", {"a": e("UNSET_THING", default="5", env_var_type="int")}, ["${a}"], env=env)
    run("env-type-wrong", "1.3: does not convert", {"a": e("TOOL", env_var_type="int")}, ["${a}"], env=env)
    run("env-type-unknown", "1.3: unknown type", {"a": e("TOOL", env_var_type="uuid")}, ["${a}"], env=env)
    run("type-unknown", "1.7: other types are left", {"a": {"type": "file", "x": 1}}, ["x ${a}"])
    run("secret-env", "1.8: env", {"x": 1}, ["${t}"], {"g": {"t": e("TOOL")}}, env=env)
    run("secret-env-unset", "1.3: refused, default ignored", {"x": 1}, ["${t}"], {"g": {"t": e("UNSET_THING", default="d")}}, env=env)
    # dynamic
    d = lambda provider: {"type": "probe", "name": "dyn", "provider": provider}
    run("dynamic-process", "1.7: stripped output", {"a": d(process("echo", "  out  "))}, ["${a}"])
    run("dynamic-http", "1.7: body", {"a": d(http("/ok"))}, ["${a}"])
    run("dynamic-http-json", "1.7: JSON body", {"a": d(http("/json"))}, ["${a}"])
    run("dynamic-http-404", "1.7: status does not matter", {"a": d(http("/status/404"))}, ["${a}"])
    run("dynamic-process-fails", "1.7: absent", {"a": d(process("false"))}, ["${a}"])
    run("dynamic-http-refused", "1.7: absent", {"a": d(http("http://127.0.0.1:1/"))}, ["${a}"])
    run("dynamic-sees-earlier", "1.7: what came before", {"one": "1", "a": d(process("echo", "${one} ${two}")), "two": "2"}, ["${a}"])
    run("dynamic-chain", "1.7: in order", {"a": d(process("echo", "x")), "b": d(process("echo", "${a}y"))}, ["${b}"])
    run("dynamic-no-provider", "1.7: traceback", {"a": {"type": "probe", "name": "dyn"}}, ["${a}"])
    run("dynamic-with-secrets", "fact 22: secrets reach the journal (not here)", {"a": d(process("echo", "x"))}, ["${a}"], {"g": {"t": "value"}})
    # --var
    run("var", "1.10: --var", {"a": "old"}, ["${a}"], args=["--var", "a=new"])
    run("var-undeclared", "fact 20: ignored", {"a": "old"}, ["${a} ${b}"], args=["--var", "b=new"])
    for kind, value in (("int", "3"), ("float", "2.5"), ("bool", "yes"), ("json", "{\"k\": 1}"), ("str", "3"), ("bytes", "abc")):
        run(f"var-{kind}", "1.10: typed", {"a": "old"}, ["${a}", "x ${a}"], args=["--var", f"a:{kind}={value}"])
    run("var-equals", "1.10: split at the first =", {"a": "old"}, ["${a}"], args=["--var", "a=b=c"])
    run("var-no-equals", "1.10: usage error", {"a": "old"}, ["${a}"], args=["--var", "a"])
    run("var-bad-int", "1.10: usage error", {"a": "old"}, ["${a}"], args=["--var", "a:int=x"])
    run("var-bad-type", "1.10: usage error", {"a": "old"}, ["${a}"], args=["--var", "a:uuid=x"])
    run("var-twice", "1.10: the last wins", {"a": "old"}, ["${a}"], args=["--var", "a=1", "--var", "a=2"])
    run("var-for-env", "1.10: replaces an env definition", {"a": e("TOOL")}, ["${a}"], args=["--var", "a=new"], env=env)
    # --var-file
    var = lambda name: ["--var-file", "{{dir}}/" + name]
    run("var-file-json", "1.10", {"a": "old"}, ["${a}"], args=var("v.json"), files={"v.json": "{\"configuration\": {\"a\": [1, 2]}}"})
    run("var-file-yaml", "1.10", {"a": "old"}, ["${a}"], args=var("v.yaml"), files={"v.yaml": "configuration:\n  a: 010\n"})
    run("var-file-env-definition", "1.7: may supply definitions", {"a": "old"}, ["${a}"], args=var("v.json"), files={"v.json": "{\"configuration\": {\"a\": {\"type\": \"env\", \"key\": \"TOOL\"}}}"}, env=env)
    run("var-file-dotenv", "1.10: into the environment", {"a": e("FROM_FILE", default="d")}, ["${a}"], args=var("v.env"), files={"v.env": "# c\nFROM_FILE=value\nQ=\"q\"\n"})
    run("var-file-secrets", "fact 21: the whole group", {"x": 1}, ["${t} ${u}"], {"g": {"t": "old", "u": "gone"}}, args=var("v.json"), files={"v.json": "{\"secrets\": {\"g\": {\"t\": \"new\"}}}"})
    run("var-file-order", "1.10: later wins", {"a": "old"}, ["${a}"], args=var("1.json") + var("2.json"), files={"1.json": "{\"configuration\": {\"a\": 1}}", "2.json": "{\"configuration\": {\"a\": 2}}"})
    run("var-beats-file", "1.10: --var wins", {"a": "old"}, ["${a}"], args=["--var", "a=var"] + var("1.json"), files={"1.json": "{\"configuration\": {\"a\": 1}}"})
    run("var-file-missing", "1.10: usage error", {"a": "old"}, ["${a}"], args=["--var-file", "nowhere.json"])
    run("var-file-broken", "1.10: the run continues", {"a": "old"}, ["${a}"], args=var("v.json"), files={"v.json": "{broken"})
    # vault
    vault = {"vault_addr": "{{service}}", "vault_token": "root"}
    answer = lambda data: {"body": json.dumps({"data": data})}
    v = lambda **rest: {"type": "vault", **rest}
    run("vault-kv2", "1.8", vault, ["${t}"], {"g": {"t": v(path="app", key="tok")}}, answers={"/v1/secret/data/app": answer({"data": {"tok": "vaulted"}, "metadata": {}})})
    run("vault-kv2-whole", "1.8: without key", vault, ["${t}"], {"g": {"t": v(path="app")}}, answers={"/v1/secret/data/app": answer({"data": {"tok": "vaulted"}, "metadata": {}})})
    run("vault-kv1", "1.8", {**vault, "vault_kv_version": "1"}, ["${t}"], {"g": {"t": v(path="app", key="tok")}}, answers={"/v1/secret/app": answer({"tok": "vaulted"})})
    run("vault-mount", "1.8: mount point", {**vault, "vault_secrets_mount_point": "kv"}, ["${t}"], {"g": {"t": v(path="app", key="tok")}}, answers={"/v1/kv/data/app": answer({"data": {"tok": "vaulted"}, "metadata": {}})})
    # AppRole and Kubernetes roles cannot be recorded: the reference calls what hvac 2 no longer has.
    run("vault-no-path", "1.8: warning", vault, ["x ${t}"], {"g": {"t": v(key="tok")}})


def tolerances():
    def run(name, about, tolerance, provider=None, keep=None, **rest):
        case("tolerance", name, "4: " + about, experiment([], hypothesis(probe("p", provider or http("/json"), tolerance=tolerance)), **(keep or {})), **rest)
    run("int-status", "status", 200)
    run("int-other-status", "status", 201)
    run("int-process", "process status", 0, process("true"))
    run("int-process-1", "process status", 1, process("false"))
    run("bool-true", "a map is not true", True)
    run("string-http", "never", "ok", http("/ok"))
    run("list-status", "one of", [200, 201])
    run("list-pair-not-range", "one of, not between", [199, 201])
    run("list-empty", "empty", [])
    run("float-refused", "refused", 1.5)
    run("null-refused", "refused", None)
    run("float-no-validation", "never met", 1.5, args=["--no-validation"])
    run("map-unknown", "refused", {"type": "magic"})
    run("variable", "substituted", "${code}", keep={"configuration": {"code": 200}})
    run("variable-list", "substituted", "${code}", keep={"configuration": {"code": [200]}})
    run("regex-stdout", "target", {"type": "regex", "pattern": "^hel+o$", "target": "stdout"}, process("echo", "hello"))
    run("regex-body", "target", {"type": "regex", "pattern": "o", "target": "body"}, http("/ok"))
    run("regex-body-no", "not met", {"type": "regex", "pattern": "^x", "target": "body"}, http("/ok"))
    run("regex-look-around", "Python's re", {"type": "regex", "pattern": "(?<=a)b(?=c)", "target": "stdout"}, process("echo", "abc"))
    run("regex-back-reference", "Python's re", {"type": "regex", "pattern": "(?P<x>.)(?P=x)", "target": "stdout"}, process("echo", "hello"))
    run("regex-json-body", "unexpected", {"type": "regex", "pattern": "x", "target": "body"})
    run("regex-no-target", "unexpected", {"type": "regex", "pattern": "x"})
    run("regex-variable", "substituted", {"type": "regex", "pattern": "^${w}$", "target": "stdout"}, process("echo", "hello"), keep={"configuration": {"w": "hello"}})
    run("regex-bad", "refused", {"type": "regex", "pattern": "["})
    run("regex-no-pattern", "refused", {"type": "regex"})
    run("jsonpath-exists", "exists", {"type": "jsonpath", "path": "$.items[*].n", "target": "body"})
    run("jsonpath-count", "count", {"type": "jsonpath", "path": "$.items[*]", "target": "body", "count": 2})
    run("jsonpath-count-no", "count", {"type": "jsonpath", "path": "$.items[*]", "target": "body", "count": 3})
    run("jsonpath-expect", "scalar", {"type": "jsonpath", "path": "$.count", "target": "body", "expect": 3})
    run("jsonpath-expect-float", "Python's equality", {"type": "jsonpath", "path": "$.count", "target": "body", "expect": 3.0})
    run("jsonpath-expect-list", "list in order", {"type": "jsonpath", "path": "$.items[*].n", "target": "body", "expect": [1, 2]})
    run("jsonpath-expect-order", "in order", {"type": "jsonpath", "path": "$.items[*].n", "target": "body", "expect": [2, 1]})
    run("jsonpath-expect-overrides-count", "overrides", {"type": "jsonpath", "path": "$.items[*].n", "target": "body", "expect": [1, 2], "count": 7})
    run("jsonpath-filter", "4.1: filter on the node", {"type": "jsonpath", "path": "$.items[*][?(@.n = 1)].name", "target": "body", "expect": "a"})
    run("jsonpath-filter-array", "4.1: on the array: nothing", {"type": "jsonpath", "path": "$.items[?(@.n = 1)]", "target": "body"})
    run("jsonpath-string", "stdout parsed", {"type": "jsonpath", "path": "$.a", "target": "stdout", "expect": 1}, process("echo", "{\"a\": 1}"))
    run("jsonpath-text", "not JSON", {"type": "jsonpath", "path": "$.a", "target": "stdout"}, process("echo", "text"))
    run("jsonpath-length", "4.1: function", {"type": "jsonpath", "path": "$.items.length()", "target": "body", "expect": 2})
    run("jsonpath-whole", "no target", {"type": "jsonpath", "path": "$.body.status", "expect": "up"})
    run("jsonpath-variable", "expect substituted", {"type": "jsonpath", "path": "$.status", "target": "body", "expect": "${e}"}, keep={"configuration": {"e": "up"}})
    run("jsonpath-double-equals", "refused", {"type": "jsonpath", "path": "$.items[*][?(@.n == 1)]"})
    run("jsonpath-blank", "refused", {"type": "jsonpath", "path": " "})
    run("jsonpath-no-path", "refused", {"type": "jsonpath"})
    run("range-target", "target", {"type": "range", "range": [200, 299], "target": "status"})
    run("range-stdout", "numeric text", {"type": "range", "range": [1, 50], "target": "stdout"}, process("echo", "42.5"))
    run("range-outside", "outside", {"type": "range", "range": [1, 42], "target": "stdout"}, process("echo", "42.5"))
    run("range-edge", "inclusive", {"type": "range", "range": [1, 42.5], "target": "stdout"}, process("echo", "42.5"))
    run("range-text", "not met", {"type": "range", "range": [1, 42], "target": "stdout"}, process("echo", "text"))
    run("range-map", "unexpected", {"type": "range", "range": [1, 42]})
    for name, bad in (("missing", None), ("scalar", 5), ("one", [1]), ("three", [1, 2, 3]), ("text", ["a", 2]), ("text-upper", [1, "b"])):
        run(f"range-refused-{name}", "refused", {"type": "range", **({} if bad is None else {"range": bad})})
    run("probe-process", "fact 29: always met", {"type": "probe", "name": "t", "provider": process("false", arguments={})})
    run("probe-http", "fact 29: always met", {"type": "probe", "name": "t", "provider": http("/echo", arguments={})}, http("/ok"))
    run("probe-refused-connection", "ActivityFailed is not met", {"type": "probe", "name": "t", "provider": http("http://127.0.0.1:1/", arguments={})}, http("/ok"))
    run("probe-no-arguments", "KeyError", {"type": "probe", "name": "t", "provider": process("true")}, http("/ok"))
    run("probe-no-name", "refused", {"type": "probe", "provider": process("true", arguments={})}, http("/ok"))
    # values of Python probes, those that run natively too
    exists = python("os.path", "exists", {"path": "{{dir}}/experiment.json"})
    run("python-true", "true", True, exists)
    run("python-one", "1 == True", 1, exists)
    run("python-string", "text", "True", exists)
    run("python-list", "one of three", [True, 1, 2], exists)
    run("python-pair", "a range", [0, 1], exists)
    run("python-false", "false", False, python("os.path", "exists", {"path": "{{dir}}/nothing"}))
    run("python-range", "true counts as 1", {"type": "range", "range": [1, 1]}, exists)


def validation():
    def run(name, document, about="1.3", env=None, **rest):
        for command in ("validate",):
            case("validation", name, about, document, command=command, **({"env": env} if env else {}), **rest)
    good = experiment([OK], HEALTHY, UNDO)
    drop = lambda key: {k: v for k, v in good.items() if k != key}
    put = lambda **keys: {**good, **keys}
    method = lambda activity: experiment([activity])
    run("valid", good)
    run("empty-document", {})
    run("list-document", [1])
    run("no-title", drop("title"))
    run("empty-title", put(title=""))
    run("number-title", put(title=5))
    run("no-description", drop("description"))
    run("bad-tags", put(tags=["a", ""]))
    run("string-tags", put(tags="abc"))
    run("extension-no-name", put(extensions=[{"x": 1}]))
    run("extension-blank-name", put(extensions=[{"name": " "}]))
    run("hypothesis-no-title", put(**{"steady-state-hypothesis": {"probes": []}}))
    run("hypothesis-empty", put(**{"steady-state-hypothesis": {}}))
    run("hypothesis-null", put(**{"steady-state-hypothesis": None}))
    run("no-tolerance", put(**{"steady-state-hypothesis": hypothesis(probe("a", http("/ok")))}))
    run("ref-no-tolerance", put(**{"steady-state-hypothesis": hypothesis({"ref": "act"})}))
    run("no-method", drop("method"))
    for name, value in (("null", None), ("object", {"a": 1}), ("string", "x")):
        run(f"method-{name}", put(method=value))
    run("rollbacks-null", put(rollbacks=None))
    run("configuration-null", put(configuration=None))
    run("configuration-list", put(configuration=[1]))
    run("secret-group-string", put(secrets={"g": "x"}))
    run("extensions-object", put(extensions={"name": "x"}))
    run("activity-null", method(None))
    run("activity-string", method("x"))
    run("activity-empty", method({}))
    run("activity-no-type", method({"name": "a", "provider": http("/ok")}))
    run("activity-bad-type", method({"type": "magic", "name": "a", "provider": http("/ok")}))
    run("activity-no-name", method({"type": "probe", "provider": http("/ok")}))
    run("activity-no-provider", method({"type": "probe", "name": "a"}))
    run("provider-no-type", method(probe("a", {"url": "x"})))
    run("provider-bad-type", method(probe("a", {"type": "magic"})))
    run("timeout-text", method(probe("a", http("/ok"), timeout="1")))
    run("timeout-bool", method(probe("a", http("/ok"), timeout=True)))
    run("pause-before-text", method(probe("a", http("/ok"), pauses={"before": "1"})))
    run("pause-after-text", method(probe("a", http("/ok"), pauses={"after": "1"})))
    run("pauses-number", method(probe("a", http("/ok"), pauses=3)))
    run("background-text", method(probe("a", http("/ok"), background="yes")))
    run("process-no-path", method(probe("a", {"type": "process"})))
    run("process-missing", method(probe("a", process("no-such-program-anywhere"))))
    run("process-not-executable", method(probe("a", process("{{dir}}/experiment.json"))))
    run("http-no-url", method(probe("a", {"type": "http"})))
    run("http-headers-list", method(probe("a", http("/ok", headers=["a"]))))
    run("http-numeric-method", method(probe("a", http("/ok", method=5))))
    run("http-garbage-url", method(probe("a", {"type": "http", "url": "garbage"})))
    run("python-no-module", method(probe("a", {"type": "python", "func": "f"})))
    run("python-no-func", method(probe("a", {"type": "python", "module": "os"})))
    run("python-no-such-func", method(probe("a", python("os.path", "no_such_function"))))
    run("python-missing-argument", method(probe("a", python("os.path", "exists"))))
    run("python-extra-argument", method(probe("a", python("os.path", "exists", {"path": "x", "y": 1}))))
    run("python-unknown-module", method(probe("a", python("no_such_module_anywhere", "f"))))
    run("k8s-missing-argument", method(probe("a", python("chaosk8s.pod.probes", "pods_in_phase"))))
    run("k8s-extra-argument", method(probe("a", python("chaosk8s.pod.probes", "pods_in_phase", {"label_selector": "a=b", "nope": 1}))))
    run("k8s-unknown-function", method(probe("a", python("chaosk8s.pod.probes", "no_such_function"))))
    run("k8s-valid", method(probe("a", python("chaosk8s.pod.probes", "pods_in_phase", {"label_selector": "a=b"}))))
    run("ref-empty", method({"ref": ""}))
    run("ref-number", method({"ref": 5}))
    run("ref-unknown", method({"ref": "nothing"}))
    run("rollback-ref-unknown", put(rollbacks=[{"ref": "nothing"}]))
    run("rollback-invalid", put(rollbacks=[{"type": "action", "name": "x"}]))
    run("duplicate-names", put(method=[OK, OK]))
    run("bogus-runtime", put(runtime={"hypothesis": {"strategy": "bogus"}}))
    run("env-unset", put(configuration={"a": {"type": "env", "key": "UNSET_THING"}}))
    run("env-no-key", put(configuration={"a": {"type": "env"}}))
    run("secret-env-unset", put(secrets={"g": {"a": {"type": "env", "key": "UNSET_THING"}}}))
    run("tolerance-null", put(**{"steady-state-hypothesis": hypothesis(probe("a", http("/ok"), tolerance=None))}))
    run("control-no-name", put(controls=[{"provider": {"type": "python", "module": "x"}}]))
    run("control-no-provider", put(controls=[{"name": "c"}]))
    run("control-bad-scope", put(controls=[{"name": "c", "scope": "during", "provider": {"type": "python", "module": "os"}}]))
    run("control-no-module", put(controls=[{"name": "c", "provider": {"type": "python"}}]))
    run("control-unknown-module", put(controls=[{"name": "c", "provider": {"type": "python", "module": "no_such_module_anywhere"}}]))
    run("deprecated-arguments", method(probe("a", process("echo", arguments={"a": "b"}))), "1.3: deprecation")
    run("several-errors", {"title": "", "method": [{}]}, "1.3: at least the first is said")
    run("null-ref", method({"ref": None, **OK}))
    case("validation", "run-refuses", "1.3: run validates too", put(title=""))
    case("validation", "no-validation-no-type", "3.2: aborts", method({"name": "a", "provider": http("/ok")}), args=["--no-validation"])
    case("validation", "no-validation-unknown-provider", "3.2: succeeds with null", method(probe("a", {"type": "magic"})), args=["--no-validation"])


def documents():
    yaml = """\
title: from yaml
description: d
configuration:
  yes_: yes
  octal: 010
  sexagesimal: 12:30
  date: 2024-01-02
  moment: 2024-01-02T03:04:05Z
  exponent: 1e3
  float: 1.0
  nothing: ~
  text: "yes"
  hex: 0x10
  binary: 0b11
  underscore: 1_000
  infinity: .inf
  on: off
  merged: &m {a: 1, b: 2}
  merging:
    <<: *m
    b: 3
  folded: >
    two
    lines
  literal: |
    two
    lines
method:
- type: probe
  name: p
  provider:
    type: process
    path: printf
    arguments: ["%s|", "${yes_}", "${octal}", "${sexagesimal}", "x ${date}", "x ${moment}", "${exponent}", "${float}", "${text}", "${hex}", "${binary}", "${underscore}", "x ${merging}", "${folded}", "${literal}"]
rollbacks: []
"""
    simple = "title: t\ndescription: d\nmethod: []\n"

    def run(name, about, source, text, **rest):
        case("documents", name, "1.1: " + about, source=source, files={source: text}, **rest)
    run("yaml", "YAML 1.1", "experiment.yaml", yaml.replace("  infinity: .inf\n", ""))
    run("yml", "the other extension", "experiment.yml", simple)
    run("yaml-broken", "syntax error", "experiment.yaml", "title: [unclosed\n")
    run("yaml-tab", "a tab", "experiment.yaml", "title: t\n\tdescription: d\n")
    run("yaml-tag", "custom tags are refused", "experiment.yaml", "title: !!python/object:os.system t\ndescription: d\nmethod: []\n")
    run("yaml-two", "exactly one document", "experiment.yaml", simple + "---\n" + simple)
    run("yaml-empty", "empty", "experiment.yaml", "")
    run("yaml-duplicate", "duplicate keys", "experiment.yaml", simple + "title: last\n")
    run("yaml-comment", "comments", "experiment.yaml", "# c\n" + simple)
    run("yaml-json", "JSON is YAML", "experiment.yaml", "{\"title\": \"t\", \"description\": \"d\", \"method\": []}")
    run("yaml-on-key", "on as a key", "experiment.yaml", simple + "on: 1\n2: two\n")
    run("json-broken", "syntax error", "experiment.json", "{\"title\": ")
    run("json-comment", "no comments", "experiment.json", "// x\n{}")
    run("json-trailing-comma", "no trailing comma", "experiment.json", "{\"title\": \"t\", \"description\": \"d\", \"method\": [],}")
    run("json-duplicate", "the last wins", "experiment.json", "{\"title\": \"a\", \"title\": \"t\", \"description\": \"d\", \"method\": []}")
    run("json-bom", "BOM refused", "experiment.json", "\ufeff{\"title\": \"t\", \"description\": \"d\", \"method\": []}")
    run("json-nan", "NaN accepted", "experiment.json", "{\"title\": \"t\", \"description\": \"d\", \"method\": [], \"x\": 1e5}")
    run("json-empty", "empty", "experiment.json", "")
    run("extension-txt", "other extension", "experiment.txt", simple)
    run("extension-none", "no extension", "experiment", simple)
    case("documents", "missing", "1.1: does not exist", source="nowhere.json")
    case("documents", "directory", "1.1: a directory", source="sub.json", files={"sub.json/x": "1"})
    case("documents", "scheme", "1.1: other scheme", source="ftp://127.0.0.1/x.json")
    body = json.dumps({"title": "t", "description": "d", "method": []})

    def url(name, about, kind, text, status=200, **rest):
        case("documents", name, "1.1: " + about, source="{{service}}/exp",
             answers={"/exp": {"type": kind, "body": text, "status": status}}, **rest)
    url("url-json", "JSON", "application/json", body)
    url("url-json-charset", "contains application/json", "application/json; charset=utf-8", body)
    url("url-yaml", "YAML", "application/x-yaml", simple)
    url("url-text-yaml", "text/yaml", "text/yaml", simple)
    url("url-text-plain-json", "text/plain: JSON", "text/plain", body)
    url("url-text-plain-yaml", "text/plain: YAML", "text/plain", simple)
    url("url-other-type", "application/yaml is refused", "application/yaml", simple)
    url("url-404", "failed to fetch", "text/plain", "nobody here", 404)
    url("url-bearer", "token", "application/json", body, env={"CHAOSTOOLKIT_LOADER_AUTH_BEARER_TOKEN": " tok "})
    case("documents", "url-refused", "1.1: unreachable", source="http://127.0.0.1:1/x.json")


def signals():
    method = [action("before", http("/ok")), action("sleeper", shell("echo x > started; exec sleep 30")), action("next", http("/ok?never"))]
    waiting = [action("waits", http("/silent")), action("next", http("/ok?never"))]
    pausing = [action("a", http("/ok")), action("paused", http("/ok?never"), pauses={"before": 30})]
    pausing_after = [action("paused", http("/ok"), pauses={"after": 30}), action("next", http("/ok?never"))]
    on = lambda signal, **when: {"signal": signal, **when}
    for signal in ("INT", "TERM", "USR1", "USR2"):
        for rollback in ("default", "always"):
            case("signals", f"process-{signal.lower()}-{rollback}", f"5.2: SIG{signal} during a process", experiment(method, HEALTHY, UNDO),
                 signals=[on(signal, on_file="started")], args=["--rollback-strategy", rollback])
        case("signals", f"http-{signal.lower()}", f"5.2: SIG{signal} during a request", experiment(waiting, HEALTHY, UNDO), signals=[on(signal, on_request="/silent")])
        case("signals", f"pause-{signal.lower()}", f"5.2: SIG{signal} during a pause: no record", experiment(pausing, None, UNDO), signals=[on(signal, on_request="/ok", after_ms=200)])
    case("signals", "pause-after-int", "5.2: SIGINT during the pause after", experiment(pausing_after, None, UNDO), signals=[on("INT", on_request="/ok", after_ms=200)])
    gate = hypothesis(probe("a", http("/silent"), tolerance=200))
    for signal in ("INT", "TERM"):
        case("signals", f"gate-{signal.lower()}", f"5.2: SIG{signal} in the gate", experiment([OK], gate, UNDO), signals=[on(signal, on_request="/silent")])
        rollbacks = [action("first", shell("echo x > started; exec sleep 30")), action("second", http("/ok?never"))]
        case("signals", f"rollback-{signal.lower()}", f"5.2: SIG{signal} in a rollback", experiment([OK], HEALTHY, rollbacks), signals=[on(signal, on_file="started")])
        background = [action("bg", shell("echo x > started; exec sleep 0.6"), background=True), action("fg", http("/silent")), action("next", http("/ok?never"))]
        case("signals", f"background-{signal.lower()}", f"5.2: SIG{signal} with a background activity: waited for", experiment(background, HEALTHY, UNDO), signals=[on(signal, on_file="started", after_ms=200)], timing=True)
        case("signals", f"after-{signal.lower()}", f"5.2: SIG{signal} in the check after", experiment([OK], gate, UNDO), signals=[on(signal, on_request="/silent")], args=["--hypothesis-strategy", "after-method-only"])
    for rollback in ("never", "deviated"):
        case("signals", f"process-int-{rollback}", "5.2: by strategy", experiment(method, HEALTHY, UNDO), signals=[on("INT", on_file="started")], args=["--rollback-strategy", rollback])


def native_functions():
    def run(name, about, provider, kind=action, files=None):
        case("python", name, "3.6: " + about, experiment([kind("p", provider)]), **({"files": files} if files else {}))
    run("exists", "os.path.exists", python("os.path", "exists", {"path": "{{dir}}/f"}), probe, {"f": "x"})
    run("exists-not", "os.path.exists", python("os.path", "exists", {"path": "{{dir}}/f"}), probe)
    run("isfile", "os.path.isfile", python("os.path", "isfile", {"path": "{{dir}}/f"}), probe, {"f": "x"})
    run("isdir", "os.path.isdir", python("os.path", "isdir", {"s": "{{dir}}"}), probe)
    run("remove", "os.remove", python("os", "remove", {"path": "{{dir}}/f"}), action, {"f": "x"})
    run("remove-missing", "os.remove fails", python("os", "remove", {"path": "{{dir}}/f"}))
    run("rename", "os.rename", python("os", "rename", {"src": "{{dir}}/f", "dst": "{{dir}}/g"}), action, {"f": "x"})
    run("rename-missing", "os.rename fails", python("os", "rename", {"src": "{{dir}}/f", "dst": "{{dir}}/g"}))
    run("move", "shutil.move", python("shutil", "move", {"src": "{{dir}}/f", "dst": "{{dir}}/g"}), action, {"f": "x"})
    run("copy", "shutil.copy", python("shutil", "copy", {"src": "{{dir}}/f", "dst": "{{dir}}/g"}), action, {"f": "x"})
    run("rmtree", "shutil.rmtree", python("shutil", "rmtree", {"path": "{{dir}}/d"}), action, {"d/f": "x"})
    run("mkdir", "os.mkdir", python("os", "mkdir", {"path": "{{dir}}/d"}))
    run("makedirs", "os.makedirs", python("os", "makedirs", {"name": "{{dir}}/d/e"}))
    run("unlink", "os.unlink", python("os", "unlink", {"path": "{{dir}}/f"}), action, {"f": "x"})
    run("listdir", "os.listdir", python("os", "listdir", {"path": "{{dir}}/d"}), probe, {"d/f": "x"})
    run("getsize", "os.path.getsize", python("os.path", "getsize", {"filename": "{{dir}}/f"}), probe, {"f": "xyz"})
    sleep = experiment([action("p", python("time", "sleep", {"secs": 0.01}))])
    case("python", "sleep", "1.3: time.sleep has no signature on Python 3.11: refused with a traceback", sleep)


def notifications():
    def run(name, events, document, args=(), forward=None):
        lines = "notifications:\n- type: http\n  url: \"{{service}}/notify\"\n"
        if events:
            lines += "  events:\n" + "".join(f"  - {event}\n" for event in events)
        case("notifications", name, "7: notifications", document, files={".chaostoolkit/settings.yaml": lines}, timing=True, **({"args": list(args)} if args else {}))
    run("completed", None, experiment([OK], HEALTHY))
    run("unreachable", ["run-failed"], experiment([OK], HEALTHY))


for build in (matrix, hypotheses, activities, http_provider, process_provider, configuration, tolerances, validation, documents, signals, native_functions, notifications):
    build()
(HERE / "cases").mkdir(exist_ok=True)
names = set()
for suite, cases in SUITES.items():
    for entry in cases:
        entry["name"] = f"{suite}/{entry['name']}"
        assert entry["name"] not in names, entry["name"]
        names.add(entry["name"])
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in cases)
    (HERE / "cases" / f"{suite}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
print(len(names), "cases")
