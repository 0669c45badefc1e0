//! What `check` finds without running anything.

use super::{cause, checked, function, place};
use crate::plugin::script::bindings::{Cause, Script};

async fn syntax(source: &str) -> (String, String) {
    let found = checked(&Script::Inline(source.to_owned()))
        .await
        .unwrap_err();
    assert_eq!(cause(&found), "syntax", "{source}: {found:?}");
    (place(&found), found.message)
}

#[tokio::test]
async fn a_mistake_has_its_line_and_column() {
    for (source, at, message) in [
        (
            "\nconst a = ;",
            "script:2:11",
            "unexpected token in expression: ';'",
        ),
        ("\nif (a {", "script:2:7", "Unexpected token '{'"),
        (
            "let a; let a",
            "script:1:13",
            "invalid redefinition of lexical identifier",
        ),
        (
            "const a: number = 1",
            "script:1:8",
            "missing initializer for variable",
        ),
        (
            "const u = '\u{e9}\u{e9}'; const a = ;",
            "script:1:27",
            "unexpected token in expression: ';'",
        ),
    ] {
        let (place, text) = syntax(source).await;
        assert_eq!((place.as_str(), text.as_str()), (at, message), "{source}");
    }
}

#[tokio::test]
async fn an_end_that_is_missing_is_missing_at_the_end() {
    let (at, _) = syntax("if (true) {\n  log.info('x')\n").await;
    assert_eq!(at, "script:2:16");
}

#[tokio::test]
async fn a_text_that_ends_its_function_is_a_mistake() {
    syntax("}); (async () => { 1").await;
    syntax("}} class B { async m() { {").await;
    syntax("}").await;
    syntax("a\0b").await;
}

#[tokio::test]
async fn nothing_is_run() {
    for source in [
        "while (true) {}",
        "throw 1",
        "return await http.get('http://a/200')",
        "",
    ] {
        let found = checked(&Script::Inline(source.to_owned())).await;
        assert!(found.is_ok(), "{source}: {found:?}");
    }
    let files = [
        (
            "p/a.js",
            "import { b } from './b.js'; throw 1; export function f() { return b }",
        ),
        ("p/b.js", "export const b = 1; while (true) {}"),
    ];
    let found = checked(&function(&files, "f")).await;
    assert!(found.is_ok(), "{found:?}");
}

#[tokio::test]
async fn a_mistake_in_an_imported_file_is_found_there() {
    let files = [
        ("p/a.js", "import './lib/b.js'; export const f = () => 1"),
        ("p/lib/b.js", "\n\nexport const b = ;"),
    ];
    let found = checked(&function(&files, "f")).await.unwrap_err();
    assert_eq!(
        (cause(&found), place(&found).as_str()),
        ("syntax", "p/lib/b.js:3:18")
    );
}

#[tokio::test]
async fn a_name_that_is_not_exported_comes_with_those_that_are() {
    let files = [(
        "checkout.js",
        "export const recovers = () => 1; export default 2; const hidden = 3; export function boom() {}",
    )];
    let found = checked(&function(&files, "recover")).await.unwrap_err();
    let Cause::MissingFunction(names) = &found.cause else {
        panic!("{found:?}")
    };
    assert_eq!(names, &["boom", "default", "recovers"]);
    assert_eq!(found.message, "checkout.js exports no 'recover'");
    assert!(checked(&function(&files, "default")).await.is_ok());
    for name in [
        "hidden",
        "x } from './y.js'; //",
        "__proto__",
        "toString",
        "",
    ] {
        let found = checked(&function(&files, name)).await.unwrap_err();
        assert_eq!(cause(&found), "missing-function", "{name}");
    }
}

#[tokio::test]
async fn a_name_that_an_import_wants_and_nobody_exports_is_found() {
    let files = [
        (
            "a.js",
            "import { nothing } from './b.js'; export const f = () => nothing",
        ),
        ("b.js", "export const b = 1"),
    ];
    let found = checked(&function(&files, "f")).await.unwrap_err();
    assert_eq!(cause(&found), "syntax");
    assert!(
        found.message.contains("nothing") && found.message.contains("b.js"),
        "{found:?}"
    );
}

#[tokio::test]
async fn missing_files_are_named_as_they_would_be_found() {
    for (file, source, missing, at) in [
        (
            "p/a.js",
            "\nimport x from './lib.js'",
            Some("p/lib.js"),
            "p/a.js:2:15",
        ),
        (
            "p/a.js",
            "export * from '../q/./lib.js'",
            Some("q/lib.js"),
            "p/a.js:1:15",
        ),
        ("p/a.js", "import '../../etc/passwd'", None, "p/a.js:1:8"),
        ("a.js", "import \"fs\"", None, "a.js:1:8"),
        (
            "a.js",
            "import 'https://example.com/x.js'",
            None,
            "a.js:1:8",
        ),
        ("a.js", "import '/etc/passwd'", None, "a.js:1:8"),
        ("a.js", "import 'chaos:http'", None, "a.js:1:8"),
    ] {
        let found = checked(&function(&[(file, source)], "f"))
            .await
            .unwrap_err();
        let Cause::MissingFile(name) = &found.cause else {
            panic!("{source}: {found:?}")
        };
        assert_eq!(
            (name.as_deref(), place(&found).as_str()),
            (missing, at),
            "{source}"
        );
        assert!(found.message.starts_with("cannot import '"), "{found:?}");
    }
}
