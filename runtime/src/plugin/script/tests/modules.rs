//! Functions in files, and what they import.

use super::{Given, calls, cause};
use crate::plugin::script::bindings::Cause;
use serde_json::json;

#[tokio::test]
async fn an_exported_function_is_called_with_arguments_and_value() {
    let files = [(
        "a.js",
        "export const f = async ({limit}, judged) => [limit, judged, args.limit, value]",
    )];
    let mut given = Given::function(&files, "f").arguments(r#"{"limit": 5}"#);
    given.scope.value = Some("[1]".to_owned());
    assert_eq!(given.run().await.value(), json!([5, [1], 5, [1]]));
}

#[tokio::test]
async fn files_import_files() {
    let files = [
        (
            "p/a.js",
            "import { twice } from './lib/b.js'; export default (x) => twice(x.n)",
        ),
        (
            "p/lib/b.js",
            "import * as c from '../../c.js'; export const twice = (n) => c.times(n, 2)",
        ),
        ("c.js", "export function times(a, b) { return a * b }"),
    ];
    let given = Given::function(&files, "default").arguments(r#"{"n": 21}"#);
    assert_eq!(given.run().await.value(), json!(42));
}

#[tokio::test]
async fn files_are_imported_while_running_too() {
    let files = [
        (
            "a.js",
            "const { b } = await import('./b.js'); export const f = async () => [b, (await import('./b.js')).b]",
        ),
        ("b.js", "export let b = 1; b += 1"),
    ];
    assert_eq!(
        Given::function(&files, "f").run().await.value(),
        json!([2, 2])
    );
    let ran = Given::inline("await import('./b.js')").run().await;
    assert_eq!(cause(ran.failure()), "missing-file");
    let caught = Given::inline("try { await import('./b.js') } catch (e) { return e.message }");
    let text = caught.run().await.value();
    assert_eq!(
        text,
        json!("cannot import './b.js' into script: there is no file b.js")
    );
}

#[tokio::test]
async fn an_error_in_an_imported_file_is_told_there() {
    let files = [
        (
            "checkout.js",
            "import { deep } from './lib.js';\n\nexport function boom() {\n  return deep();\n}",
        ),
        ("lib.js", "export const deep = () => {\n  null.x;\n}"),
    ];
    let ran = Given::function(&files, "boom").run().await;
    let ended = ran.failure();
    assert_eq!(
        calls(ended),
        "deep lib.js:2:3 / boom checkout.js:4:10",
        "{ended:?}"
    );
    let ran = Given::function(&[("a.js", "\nthrow new Error('top')")], "f")
        .run()
        .await;
    assert_eq!(calls(ran.failure()), "? a.js:2:11");
}

#[tokio::test]
async fn what_is_exported_must_be_a_function() {
    let files = [("a.js", "export const f = 1; export const g = () => 1")];
    let ran = Given::function(&files, "f").run().await;
    let ended = ran.failure();
    assert_eq!(ended.message, "'f' in a.js is not a function");
    let Cause::MissingFunction(names) = &ended.cause else {
        panic!("{ended:?}")
    };
    assert_eq!(names, &["f", "g"]);
    assert_eq!(
        cause(Given::function(&files, "h").run().await.failure()),
        "missing-function"
    );
}

#[tokio::test]
async fn mistakes_are_found_by_running_too() {
    let ran = Given::function(&[("a.js", "export const f = ;")], "f")
        .run()
        .await;
    assert_eq!(cause(ran.failure()), "syntax");
    let ran = Given::function(
        &[(
            "a.js",
            "export const f = () => 1; await new Promise(() => {})",
        )],
        "f",
    );
    assert_eq!(cause(ran.run().await.failure()), "stuck");
}

#[tokio::test]
async fn typescript_runs_with_its_own_lines_and_columns() {
    let files = [
        (
            "a.ts",
            "import { type Limit, low } from './lib.mts';\ninterface Args { n: number }\nexport function f<T extends Args>(args: T): number {\n  if (args.n < low) (null as any).x;\n  return args.n! as number;\n}",
        ),
        (
            "lib.mts",
            "export type Limit = number;\nexport const low: Limit = 3;",
        ),
    ];
    let given = |n: u32| Given::function(&files, "f").arguments(&format!("{{\"n\": {n}}}"));
    assert_eq!(given(5).run().await.value(), json!(5));
    let ran = given(1).run().await;
    assert_eq!(calls(ran.failure()), "f a.ts:4:21");
}

#[tokio::test]
async fn what_is_more_than_a_type_is_refused_with_its_place() {
    let files = [("a.ts", "export const f = () => 1\nexport enum E { A }")];
    let ran = Given::function(&files, "f").run().await;
    let ended = ran.failure();
    assert_eq!(cause(ended), "syntax");
    assert!(ended.message.contains("an enum"), "{ended:?}");
    let place = ended.position.as_ref().map(|at| (at.line, at.column));
    assert_eq!(place, Some((2, 8)));
    // The same words are JavaScript's own business elsewhere.
    let ran = Given::function(&[("a.js", "let x: number = 1")], "f")
        .run()
        .await;
    assert_eq!(cause(ran.failure()), "syntax");
}
