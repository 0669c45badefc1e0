//! JavaScript beyond the interpreter's own: URLs, texts, copies.

use super::{failure, value};
use serde_json::json;

#[tokio::test]
async fn urls_are_those_of_browsers() {
    let source = "const u = new URL('../c?x=1#h', 'https://me:pw@Ex\u{e4}mple.com:8443/a/b/');\n\
        const parts = [u.href, u.origin, u.protocol, u.username, u.host, u.port, u.pathname, u.search, u.hash];\n\
        u.searchParams.append('y', 'a b'); u.port = ''; u.hash = ''; u.pathname = '/z';\n\
        u.searchParams.delete('x');\n\
        const changed = u.href; u.search = '?q=1'; const seen = u.searchParams.get('q');\n\
        return [parts, changed, seen, `${u}`, JSON.stringify({u}), URL.canParse('nope'), URL.parse('nope'), u instanceof URL]";
    assert_eq!(
        value(source).await,
        json!([
            [
                "https://me:pw@xn--exmple-cua.com:8443/a/c?x=1#h",
                "https://xn--exmple-cua.com:8443",
                "https:",
                "me",
                "xn--exmple-cua.com:8443",
                "8443",
                "/a/c",
                "?x=1",
                "#h"
            ],
            "https://me:pw@xn--exmple-cua.com/z?y=a+b",
            "1",
            "https://me:pw@xn--exmple-cua.com/z?q=1",
            "{\"u\":\"https://me:pw@xn--exmple-cua.com/z?q=1\"}",
            false,
            null,
            true,
        ])
    );
    assert_eq!(
        failure("new URL('nope')").await.message,
        "'nope' is not a URL"
    );
}

#[tokio::test]
async fn parameters_are_a_list_of_pairs() {
    let source = "const p = new URLSearchParams('?b=2&a=1&b=3&c=%26+');\n\
        const first = [p.get('b'), p.getAll('b'), p.has('a'), p.has('a', '2'), p.get('x'), p.size, p.get('c')];\n\
        p.set('b', 'n'); p.append('d', '\u{e9}'); p.sort(); p.delete('a');\n\
        return [first, p.toString(), [...p.keys()], new URLSearchParams([['a', 1], ['a', 2]]).toString(), new URLSearchParams({x: 'y z'}).toString()]";
    assert_eq!(
        value(source).await,
        json!([
            ["2", ["2", "3"], true, false, null, 4, "& "],
            "b=n&c=%26+&d=%C3%A9",
            ["b", "c", "d"],
            "a=1&a=2",
            "x=y+z",
        ])
    );
}

#[tokio::test]
async fn texts_are_bytes_in_utf_8() {
    let source = "const bytes = new TextEncoder().encode('\u{e9}\u{1f600}\\ud800');\n\
        const d = new TextDecoder();\n\
        const into = new Uint8Array(4); const did = new TextEncoder().encodeInto('a\u{20ac}b', into);\n\
        return [[...bytes], d.decode(bytes), d.decode(new Uint8Array([0xef, 0xbb, 0xbf, 97, 0xff])), d.decode(bytes.buffer), did, [...into], d.encoding]";
    assert_eq!(
        value(source).await,
        json!([
            [195, 169, 240, 159, 152, 128, 239, 191, 189],
            "\u{e9}\u{1f600}\u{fffd}",
            "a\u{fffd}",
            "\u{e9}\u{1f600}\u{fffd}",
            {"read": 2, "written": 4},
            [97, 226, 130, 172],
            "utf-8",
        ])
    );
    let strict =
        failure("new TextDecoder('utf-8', {fatal: true}).decode(new Uint8Array([255]))").await;
    assert_eq!(strict.message, "the bytes are not UTF-8");
    let other = failure("new TextDecoder('latin1')").await;
    assert_eq!(
        other.message,
        "the encoding latin1 is not supported; utf-8 is"
    );
}

#[tokio::test]
async fn copies_are_deep() {
    let source = "const a = {d: new Date(5), r: /x/gi, m: new Map([[{k: 1}, new Set([1])]]), l: [1, , 3], u: undefined, b: new Uint8Array([1, 2]), e: new RangeError('e')};\n\
        a.self = a; const c = structuredClone(a);\n\
        return [c !== a, c.self === c, c.d.getTime(), String(c.r), [...c.m.keys()][0].k, [...c.m.values()][0].has(1), c.l.length, 1 in c.l, 'u' in c, [...c.b], c.b.buffer !== a.b.buffer, c.e.name, c.e instanceof RangeError]";
    assert_eq!(
        value(source).await,
        json!([
            true,
            true,
            5,
            "/x/gi",
            1,
            true,
            3,
            false,
            true,
            [1, 2],
            true,
            "RangeError",
            true
        ])
    );
    for source in [
        "structuredClone(() => 1)",
        "structuredClone({p: Promise.resolve()})",
        "structuredClone(Symbol('x'))",
    ] {
        let ended = failure(source).await;
        assert!(ended.message.ends_with("could not be cloned"), "{ended:?}");
    }
}

#[tokio::test]
async fn the_language_is_a_recent_one() {
    let source = "class A { #x = 1; static s = 2; get x() { return this.#x } }\n\
        const o = {a: {b: null}};\n\
        return [new A().x, A.s, o?.a?.b ?? 'none', [3, 1, 2].toSorted(), Object.groupBy([1, 2, 3], (n) => n % 2 ? 'odd' : 'even'),\n\
          'aXbX'.replaceAll('X', '-'), [1, [2, [3]]].flat(Infinity), 'x'.at(-1), 2n ** 64n > 1, /(?<year>\\d{4})/.exec('in 2026').groups.year,\n\
          await Promise.any([Promise.reject(1), 2]), new Set([1, 2]).union(new Set([3])).size, btoa('a'), atob('YQ==')]";
    assert_eq!(
        value(source).await,
        json!([1, 2, "none", [1, 2, 3], {"odd": [1, 3], "even": [2]}, "a-b-", [1, 2, 3], "x", true, "2026", 2, 3, "YQ==", "a"])
    );
}
