//! Documentation and manifest.

use super::*;

#[test]
fn documentation_is_joined_by_name_and_cleaned() {
    let docs = concat!(
        r#"{"interface": "shop:checkout/probes@1.0.0-rc.1", "docs": "All.", "functions": {
            "p99-latency": {"docs": "The \u001b[31m99th\u202e percentile.\nOf many.", "params": {"url": "Where.", "x": "?"}},
            "gone": {"docs": "?"}},
            "types": {"report": {"docs": "?", "members": {"greeting": "To whom."}}}}"#,
        "\n",
    )
    .replace("\n            ", " ");
    let more = "not JSON\n{\"interface\": 1}\n{\"interface\": \"probes\", \"functions\": {\"draw\": {\"docs\": \"later\"}}}\n\
                {\"interface\": \"actions\", \"functions\": {\"kill\": {\"docs\": \"By the bare name.\"}}}";
    let bytes = component_with(CHECKOUT, &[("chaos-docs", &docs), ("chaos-docs", more)]);
    let signature = inspect(&bytes).unwrap();
    let function = |name| signature.find(None, name).unwrap();
    assert_eq!(
        function("p99-latency").docs,
        "The [31m99th percentile.\nOf many."
    );
    assert_eq!(function("p99-latency").parameters[0].docs, "Where.");
    assert_eq!(
        function("draw").docs,
        "",
        "the first document of an interface counts"
    );
    assert_eq!(function("kill").docs, "By the bare name.");
    let Some(Type::Record { fields, .. }) = &function("draw").result else {
        unreachable!()
    };
    assert_eq!(fields[0].docs, "To whom.");
}

#[test]
fn documentation_and_manifest_are_bounded() {
    let long = "d".repeat(100_000);
    let docs = format!(
        "{{\"interface\": \"actions\", \"functions\": {{\"kill\": {{\"docs\": \"{long}\"}}}}}}"
    );
    let signature = inspect(&component_with(CHECKOUT, &[("chaos-docs", &docs)])).unwrap();
    assert_eq!(signature.find(None, "kill").unwrap().docs.len(), 10_000);
    let spaces = " ".repeat(2_000_000);
    let sections = [("chaos-docs", spaces.as_str()), ("chaos-docs", &docs)];
    let signature = inspect(&component_with(CHECKOUT, &sections)).unwrap();
    assert_eq!(signature.find(None, "kill").unwrap().docs, "");

    let manifest = |sections: &[(&str, &str)]| {
        inspect(&component_with(CHECKOUT, sections))
            .unwrap()
            .manifest
    };
    assert_eq!(manifest(&[]), None);
    assert_eq!(
        manifest(&[
            ("chaos-manifest", "[plugin]\r\nname = \"a\"\u{7}\n"),
            ("chaos-manifest", "b")
        ]),
        Some("[plugin]\nname = \"a\"\n".to_owned())
    );
    let refused = |bytes: &[u8]| matches!(inspect(bytes), Err(NotAPlugin::Manifest));
    let sections = [("chaos-manifest", spaces.as_str())];
    assert!(refused(&component_with(CHECKOUT, &sections)));
    let mut bytes = component(CHECKOUT);
    append(&mut bytes, "chaos-manifest", b"\xFF");
    assert!(refused(&bytes));
    let mut bytes = component(CHECKOUT);
    append(&mut bytes, "chaos-manifest", b"outside");
    assert_eq!(
        inspect(&bytes).unwrap().manifest.as_deref(),
        Some("outside")
    );
    append(&mut bytes, "chaos-docs", b"\xFF\xFE{");
    assert!(inspect(&bytes).is_ok());
}
