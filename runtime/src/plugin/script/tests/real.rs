//! The engine with the runner's own host.

use super::{built, cause, place};
use crate::plugin::compile::Compiler;
use crate::plugin::load::Loader;
use crate::plugin::script::{Script, ScriptEngine};
use crate::plugin::tests::guest;
use crate::plugin::{Guest, Limits};
use std::time::Duration;

fn nobody() -> Guest {
    guest(Limits::default(), Duration::from_secs(60))
}

#[tokio::test]
async fn the_engine_is_linked_to_the_runners_own_host() {
    let bytes = std::fs::read(built().join("engine.wasm"));
    let bytes = bytes.expect("there is no engine; type\n  cargo xtask script-engine");
    let loader = Loader::new(Some(&built().join("native")), Compiler::Here);
    let engine = ScriptEngine::load(&loader, bytes).await.unwrap();
    let check = |source: &str| engine.check(Script::Inline(source.to_owned()), nobody());
    assert!(check("return 1").await.unwrap().is_ok());
    let found = check("return (").await.unwrap().unwrap_err();
    assert_eq!(
        (cause(&found), place(&found).as_str()),
        ("syntax", "script:1:9")
    );
}
