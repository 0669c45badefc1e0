"""Records the requests that Chaos Toolkit sends for http activities into requests.json.

Needs an environment with chaostoolkit-lib installed; the tests need the recording alone:

    python record.py > requests.json
"""

import http.server
import json
import sys
import threading

from chaoslib.provider.http import run_http_activity

JSON = {"Content-Type": "application/json"}
FORM_LATER = {"content-type": "application/json"}
MIXED = {"a": 1, "b": [1, "two", None, True], "c": None, "d": True, "e": 1.5, "f": ""}
CONFIGURATION = {"host": "example", "count": 8, "flag": True, "pair": {"x": [1, "y"]}, "none": None}

CASES = [
    ({}, {}),
    ({"path": ""}, {}),
    ({"path": "/a b/c"}, {}),
    ({"path": "/%7Eme/%2f/%zz"}, {}),
    ({"path": "/%7Eme/%2f/%41"}, {}),
    ({"path": "/100%"}, {}),
    ({"path": "/é/日本"}, {}),
    ({"path": "/a/../b/./c"}, {}),
    ({"path": "/x;y=1/(z)!*'"}, {}),
    ({"path": '/"<>\\^`{|}'}, {}),
    ({"path": "/?q=a b&r=é"}, {}),
    ({"path": "/?q='x'&r=[1]&s=a|b"}, {}),
    ({"path": "/?"}, {}),
    ({"path": "/?", "arguments": {"a": 1}}, {}),
    ({"path": "/#fragment"}, {}),
    ({"path": "/?x=1#fragment", "arguments": {"a": 1}}, {}),
    ({"path": "/?x=1", "arguments": MIXED}, {}),
    ({"arguments": MIXED}, {}),
    ({"arguments": {"k é": "v é", "s": "a b+c&d=e~f*g"}}, {}),
    ({"arguments": {"m": {"x": 1, "y": 2}}}, {}),
    ({"arguments": {"n": [[1, 2], [True]]}}, {}),
    ({"arguments": "raw=1&x=a b"}, {}),
    ({"arguments": [["a", 1], ["a", 2], ["b", [3, 4]]]}, {}),
    ({"arguments": {}}, {}),
    ({"arguments": []}, {}),
    ({"arguments": ""}, {}),
    ({"arguments": {"a": 1}, "headers": JSON}, {}),
    ({"method": "get", "arguments": {"a": 1}}, {}),
    ({"method": "HEAD"}, {}),
    ({"method": "HEAD", "arguments": {"a": 1}}, {}),
    ({"method": "DELETE"}, {}),
    ({"method": "DELETE", "arguments": {"a": 1}}, {}),
    ({"method": "OPTIONS"}, {}),
    ({"method": "PURGE"}, {}),
    ({"method": "POST"}, {}),
    ({"method": "post", "arguments": MIXED}, {}),
    ({"method": "POST", "arguments": {}}, {}),
    ({"method": "POST", "arguments": "raw é body"}, {}),
    ({"method": "POST", "arguments": ""}, {}),
    ({"method": "POST", "arguments": [["a", 1], ["b", "c d"]]}, {}),
    ({"method": "POST", "headers": JSON}, {}),
    ({"method": "POST", "arguments": MIXED, "headers": JSON}, {}),
    ({"method": "POST", "arguments": {}, "headers": JSON}, {}),
    ({"method": "POST", "arguments": [], "headers": JSON}, {}),
    ({"method": "POST", "arguments": "text", "headers": JSON}, {}),
    ({"method": "POST", "arguments": "", "headers": JSON}, {}),
    ({"method": "POST", "arguments": {"é✅": "\u0001\"\\/\u007f\n\t😀"}, "headers": JSON}, {}),
    ({"method": "POST", "arguments": {"n": [0, -1, 1.0, 1e16, 1.5e-7, 12345678901234567890]}, "headers": JSON}, {}),
    ({"method": "POST", "arguments": {"deep": {"a": [{"b": None}], "c": False}}, "headers": JSON}, {}),
    ({"method": "POST", "arguments": {"a": 1}, "headers": FORM_LATER}, {}),
    ({"method": "POST", "arguments": {"a": 1}, "headers": {"Content-Type": "application/json; charset=utf-8"}}, {}),
    ({"method": "POST", "arguments": '{"a": 1}', "headers": {"Content-Type": "text/plain"}}, {}),
    ({"method": "PUT", "arguments": {"a": 1}, "headers": JSON}, {}),
    ({"method": "PATCH", "arguments": {"a": "b"}}, {}),
    ({"headers": {"X-Own": "v", "accept": "text/html"}}, {}),
    ({"headers": {"User-Agent": "me", "Accept-Encoding": None}}, {}),
    ({"headers": {}}, {}),
    ({"path": "/${host}/$count", "arguments": {"a": "${count}", "b": "${flag}!", "c": "${missing}"}}, CONFIGURATION),
    ({"arguments": {"p": "$$"}}, {}),
    ({"arguments": {"p": "$$"}}, CONFIGURATION),
    ({"arguments": "${pair}"}, CONFIGURATION),
    ({"method": "POST", "arguments": {"p": "${pair}", "n": "${none}", "t": "n=${none}"}, "headers": JSON}, CONFIGURATION),
    ({"method": "POST", "arguments": {"p": "${pair}"}}, CONFIGURATION),
    ({"method": "POST", "arguments": {"a": 1}, "headers": {"Content-Type": "application/${kind}"}}, {"kind": "json"}),
    ({"headers": {"X-Host": "${host}:${count}"}}, CONFIGURATION),
]

HEADERS = ["Content-Type", "Content-Length", "Accept", "Accept-Encoding", "Connection", "X-Own", "X-Host"]


class Recorder(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen = None

    def handle_one_request(self):
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline:
            self.close_connection = True
            return
        if not self.parse_request():
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        Recorder.seen = {
            "method": self.command,
            # BaseHTTPRequestHandler shortens leading slashes of `path`
            "target": self.raw_requestline.decode("latin-1").split(" ")[1],
            "headers": {name: self.headers[name] for name in HEADERS if name in self.headers},
            "body": body.decode("utf-8"),
        }
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def log_message(self, *_):
        pass


def main():
    server = http.server.HTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    recorded = []
    for case, configuration in CASES:
        case = dict(case)
        path = case.pop("path", "/")
        provider = {"type": "http", "url": f"http://127.0.0.1:{server.server_port}{path}", **case}
        Recorder.seen = None
        try:
            run_http_activity({"name": "case", "provider": provider}, configuration, {})
            sent = Recorder.seen
        except Exception as error:  # what the engine would call unexpected
            sent = {"error": type(error).__name__}
        recorded.append({"path": path, "provider": case, "configuration": configuration, "sent": sent})
    json.dump(recorded, sys.stdout, indent=1, ensure_ascii=False)
    print()


main()
