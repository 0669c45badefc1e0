use chaos_host_api::limits;
use chaos_tests::scripted::{Server, answer};
use chaos_wasm::source::{Loading, SourceError, load};
use serde_json::json;

async fn load_plainly(source: &str) -> Result<serde_json::Value, SourceError> {
    let document = load(source, &Loading::default()).await?;
    Ok(document.value().clone())
}

#[tokio::test]
async fn files_are_read_by_their_extension() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("a.json", "{\"a\": 1}"),
        ("a.yaml", "a: 1"),
        ("a.yml", "a: 1"),
        ("A.JSON", "{\"a\": 1}"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        assert_eq!(
            load_plainly(path.to_str().unwrap()).await.unwrap(),
            json!({"a": 1})
        );
    }
    for (name, text, expected) in [
        (
            "a.txt",
            "{}",
            "only files with json, yaml or yml extensions are supported",
        ),
        ("broken.json", "{\"a\": }", "Failed parsing JSON experiment"),
        ("broken.yaml", "a: [", "Failed parsing YAML experiment"),
        ("twice.json", "{\"a\": 1, \"a\": 2}", "stands twice"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let error = load_plainly(path.to_str().unwrap()).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
    let compat = Loading {
        keep_last_duplicate: true,
        ..Loading::default()
    };
    let twice = folder.path().join("twice.json");
    let document = load(twice.to_str().unwrap(), &compat).await.unwrap();
    assert_eq!(document.value(), &json!({"a": 2}));
}

#[tokio::test]
async fn what_is_no_file_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("folder.json");
    std::fs::create_dir(&inside).unwrap();
    let large = folder.path().join("large.json");
    let file = std::fs::File::create(&large).unwrap();
    file.set_len(u64::try_from(limits::DOCUMENT_BYTES).unwrap() + 1)
        .unwrap();
    for (source, expected) in [
        ("nowhere.json", "Path \"nowhere.json\" does not exist."),
        (
            "file:///etc/hosts",
            "'file' is not a supported source scheme.",
        ),
        ("FTP://h/x.json", "'ftp' is not a supported source scheme."),
        (
            "mailto:x.json",
            "'mailto' is not a supported source scheme.",
        ),
        (inside.to_str().unwrap(), "is not a file"),
        (large.to_str().unwrap(), "is larger than"),
    ] {
        let error = load_plainly(source).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn urls_are_read_by_their_content_type() {
    for (content_type, body, expected) in [
        ("application/json", "{\"a\": 1}", Ok(json!({"a": 1}))),
        (
            "application/json; charset=utf-8",
            "{\"a\": 1}",
            Ok(json!({"a": 1})),
        ),
        ("application/x-yaml", "a: 1", Ok(json!({"a": 1}))),
        ("text/yaml; charset=iso-8859-1", "a: 1", Ok(json!({"a": 1}))),
        ("application/yaml", "a: 1", Ok(json!({"a": 1}))),
        ("text/plain", "{\"a\": 1}", Ok(json!({"a": 1}))),
        ("text/plain", "a: é", Ok(json!({"a": "é"}))),
        (
            "text/html",
            "<html>",
            Err("only files with json, yaml or yml"),
        ),
        (
            "application/json",
            "{",
            Err("Failed parsing JSON experiment"),
        ),
    ] {
        let header = format!("Content-Type: {content_type}\r\n");
        let server = Server::start(move |_| answer(200, &header, body)).await;
        match (load_plainly(&server.url("/x")).await, expected) {
            (Ok(value), Ok(expected)) => assert_eq!(value, expected, "{content_type}"),
            (Err(error), Err(expected)) => assert!(error.to_string().contains(expected), "{error}"),
            (other, _) => panic!("{content_type}: {other:?}"),
        }
        let accept = server.seen()[0].header("accept").map(str::to_owned);
        assert_eq!(
            accept.as_deref(),
            Some("application/json, application/x-yaml")
        );
    }
}

#[tokio::test]
async fn servers_that_refuse_or_flood_are_said() {
    let server = Server::start(|_| answer(403, "", "go away")).await;
    let url = format!("http://user:s3cret@{}/x", server.address);
    let error = load_plainly(&url).await.unwrap_err().to_string();
    assert!(
        error.starts_with("Failed to fetch the experiment: "),
        "{error}"
    );
    assert!(error.contains("403") && error.ends_with("go away") && !error.contains("s3cret"));
    let server = Server::start(|_| {
        answer(
            200,
            "Content-Type: application/json\r\n",
            " ".repeat(limits::DOCUMENT_BYTES + 1),
        )
    })
    .await;
    let error = load_plainly(&server.url("/")).await.unwrap_err();
    assert!(matches!(error, SourceError::TooLarge { .. }), "{error}");
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let error = load_plainly(&format!("http://{closed}/x.json"))
        .await
        .unwrap_err();
    assert!(matches!(error, SourceError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn the_settings_credentials_go_to_their_host_alone() {
    let server =
        Server::start(|_| answer(200, "Content-Type: application/json\r\n", "{\"a\": 1}")).await;
    let auths = json!({
        server.address.to_string(): {"type": "bearer", "value": "t0ken"},
        "other.example": {"type": "basic", "value": "no"},
    });
    let loading = Loading {
        auths: Some(&auths),
        ..Loading::default()
    };
    load(&server.url("/x"), &loading).await.unwrap();
    let port = server.address.port();
    load(&format!("http://localhost:{port}/x"), &loading)
        .await
        .unwrap();
    let seen = server.seen();
    assert_eq!(seen[0].header("authorization"), Some("bearer t0ken"));
    assert_eq!(seen[1].header("authorization"), None);
}
