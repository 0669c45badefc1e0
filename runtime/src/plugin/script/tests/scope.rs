//! What a script finds around itself, and that nothing of it is left for the next.

use super::simulated::Settings;
use super::{Given, value};
use serde_json::json;

#[tokio::test]
async fn arguments_and_value_are_there() {
    let source = "return [args.url, args.limit, value === undefined, typeof configuration]";
    let given = Given::inline(source).arguments(r#"{"url": "http://a", "limit": 2.5}"#);
    assert_eq!(
        given.run().await.value(),
        json!(["http://a", 2.5, true, "object"])
    );
    let mut judged = Given::inline("return value.items.every((p) => p.ready)");
    judged.scope.value = Some(r#"{"items": [{"ready": true}, {"ready": false}]}"#.to_owned());
    assert_eq!(judged.run().await.value(), json!(false));
    let mut null = Given::inline("return value === null");
    null.scope.value = Some("null".to_owned());
    assert_eq!(null.run().await.value(), json!(true));
}

#[tokio::test]
async fn configuration_is_asked_for_when_it_is_read() {
    let source = "try { configuration.denied } catch (e) { log.info(e.message) }\n\
        return [configuration.base.url, configuration.nothing, Object.keys(configuration), JSON.stringify(configuration.base)]";
    let mut given = Given::inline(source);
    given.settings.configuration = [("base".to_owned(), r#"{"url":"http://a"}"#.to_owned())].into();
    given.scope.configuration = ["base", "denied", "__proto__"].map(str::to_owned).into();
    let ran = given.run().await;
    assert_eq!(
        ran.value(),
        json!([
            "http://a",
            null,
            ["base", "denied", "__proto__"],
            r#"{"url":"http://a"}"#
        ])
    );
    assert_eq!(ran.host.lines[0].1, "configuration denied: not granted");
}

#[tokio::test]
async fn secrets_are_placeholders() {
    let source = "const r = await http.get('http://a/200', {headers: {Authorization: `Bearer ${secrets.get('api', 'token')}`}});\n\
        try { secrets.get('api', 'unknown') } catch (e) { log.info(e.message) }\n\
        return [r.json().headers[0][1], secrets.basicAuthorization('me', 'api', 'password')]";
    let ran = Given::inline(source).run().await;
    assert_eq!(
        ran.value(),
        json!([
            "Bearer chaos-secret-api-token",
            "chaos-secret-me-api-password"
        ])
    );
    assert_eq!(
        ran.host.lines[0].1,
        "the experiment has no secret api.unknown"
    );
}

#[tokio::test]
async fn nothing_is_left_for_the_next_call() {
    let source = "globalThis.leak = (globalThis.leak ?? 0) + 1; Array.prototype.mine ??= 0; Array.prototype.mine++; return [leak, [].mine]";
    for _ in 0..3 {
        assert_eq!(value(source).await, json!([1, 1]));
    }
}

#[tokio::test]
async fn there_is_nothing_else() {
    let source = "return ['process', 'require', 'Deno', 'fetch', 'std', 'os', 'native', 'own', 'module', 'scriptArgs', 'print']\n\
        .filter((name) => name in globalThis)";
    assert_eq!(value(source).await, json!([]));
}

#[tokio::test]
async fn the_scopes_names_can_be_used_otherwise() {
    let source = "const args = 1, value = 2, http = 3, log = 4; return [args, value, http, log]";
    assert_eq!(value(source).await, json!([1, 2, 3, 4]));
}

#[tokio::test]
async fn the_host_decides_how_much_is_begun() {
    let given = Given {
        settings: Settings {
            operations: 2,
            ..Settings::default()
        },
        ..Given::inline(
            "const all = await Promise.allSettled([1, 2, 3].map(async (n) => (await http.get(`http://a/200/${n}`)).status));\n\
             return all.map((one) => one.reason?.message ?? one.value)",
        )
    };
    assert_eq!(
        given.run().await.value(),
        json!([200, 200, "more than 2 operations under way (limit handles)"])
    );
}
