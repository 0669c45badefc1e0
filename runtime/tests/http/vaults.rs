use chaos_host_api::budget::Ceilings;
use chaos_host_api::deadline::Deadline;
use chaos_host_api::ledger::NoLedger;
use chaos_host_api::{Door, Effect, Pass};
use chaos_tests::scripted::{Seen, Server, answer};
use chaos_wasm::configuration::vault::{Fetched, Vault, VaultError};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Answers as Vault does: two engines, two logins, one good token.
async fn vault() -> Server {
    Server::start(|request: &Seen| {
        let json = |status: u16, body: Value| {
            answer(
                status,
                "Content-Type: application/json\r\n",
                body.to_string(),
            )
        };
        let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
        let login = json!({"auth": {"client_token": "g00d-token"}});
        match (request.method(), request.target()) {
            ("POST", "/v1/auth/approle/login")
                if body == json!({"role_id": "r", "secret_id": "s3cret-id"}) =>
            {
                json(200, login)
            }
            ("POST", "/v1/auth/k8s/login")
                if body == json!({"role": "app", "jwt": "j3w3t-token"}) =>
            {
                json(200, login)
            }
            ("POST", _) => {
                let echo = format!("invalid credentials {}", request.body);
                json(400, json!({"errors": [echo]}))
            }
            _ if request.header("x-vault-token") != Some("g00d-token") => {
                let echo = format!(
                    "permission denied for {:?}",
                    request.header("x-vault-token")
                );
                json(403, json!({"errors": [echo]}))
            }
            ("GET", "/v1/secret/app") => json(200, json!({"data": {"password": "one"}})),
            ("GET", "/v1/secret/data/app" | "/v1/team/data/app") => json(
                200,
                json!({"data": {"data": {"password": "two"}, "metadata": {"version": 1}}}),
            ),
            ("GET", "/v1/secret/data/empty") => json(200, json!({"data": {"data": null}})),
            ("GET", "/v1/secret/data/a%3Fb%23c%20d") => {
                json(200, json!({"data": {"data": {"x": 1}}}))
            }
            _ => json(404, json!({"errors": []})),
        }
    })
    .await
}

fn map(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

/// A door that knows nothing of this machine's own vault.
fn door(environment: &[(&str, &str)]) -> Door {
    let isolated = [
        ("VAULT_ADDR", ""),
        ("VAULT_TOKEN", ""),
        ("VAULT_NAMESPACE", ""),
        ("VAULT_CACERT", ""),
        ("VAULT_CAPATH", ""),
        ("HOME", "/nonexistent"),
        ("http_proxy", ""),
        ("HTTP_PROXY", ""),
        ("all_proxy", ""),
        ("ALL_PROXY", ""),
        ("NETRC", ""),
    ];
    let all = isolated.iter().chain(environment);
    let environment = all
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    Door::new(Arc::new(NoLedger), Ceilings::default()).with_environment(environment)
}

async fn read(door: &Door, configuration: Value, declared: Value) -> Result<Fetched, VaultError> {
    let pass = Pass::new(
        "secrets",
        Effect::Read,
        Deadline::after(Duration::from_secs(10)),
    );
    let vault = Vault::connect(&map(configuration), door, &pass).await?;
    vault.read(&map(declared)).await
}

#[tokio::test]
async fn both_engines_give_the_secret_or_one_key_of_it() {
    let server = vault().await;
    let address = format!("http://{}/", server.address);
    for (version, mount, declared, expected) in [
        (
            json!("1"),
            None,
            json!({"path": "app"}),
            json!({"password": "one"}),
        ),
        (
            json!(1),
            None,
            json!({"path": "app", "key": "password"}),
            json!("one"),
        ),
        (
            json!("2"),
            None,
            json!({"path": "/app"}),
            json!({"password": "two"}),
        ),
        (
            json!(2),
            Some("team"),
            json!({"path": "app", "key": "password"}),
            json!("two"),
        ),
        (json!(2), None, json!({"path": "a?b#c d"}), json!({"x": 1})),
    ] {
        let mut configuration = json!({
            "vault_addr": address, "vault_token": "g00d-token", "vault_kv_version": version,
        });
        if let Some(mount) = mount {
            configuration["vault_secrets_mount_point"] = mount.into();
        }
        let door = door(&[("VAULT_NAMESPACE", "team-a")]);
        let fetched = read(&door, configuration, declared.clone()).await;
        let Ok(fetched) = fetched else {
            panic!("{declared}: {fetched:?}");
        };
        assert_eq!(
            (fetched.value, fetched.warning),
            (expected, None),
            "{declared}"
        );
    }
    for request in server.seen() {
        assert_eq!(request.header("x-vault-request"), Some("true"));
        assert_eq!(request.header("x-vault-namespace"), Some("team-a"));
    }
}

#[tokio::test]
async fn missing_paths_and_empty_secrets_are_warned_of() {
    let server = vault().await;
    let configuration = json!({"vault_addr": server.url(""), "vault_token": "g00d-token"});
    let door = door(&[]);
    for (declared, warning) in [
        (
            json!({"type": "vault", "key": "k"}),
            "Missing Vault secret path for '{'type': 'vault', 'key': 'k'}'",
        ),
        (
            json!({"path": "empty"}),
            "No Vault secret found at path: empty",
        ),
    ] {
        let fetched = read(&door, configuration.clone(), declared).await.unwrap();
        assert_eq!(fetched.value, json!({}));
        assert_eq!(fetched.warning.as_deref(), Some(warning));
    }
    for (declared, expected) in [
        (
            json!({"path": "nowhere"}),
            "cannot read the Vault secret at nowhere: there is none (status 404)",
        ),
        (
            json!({"path": "app", "key": "other"}),
            "the Vault secret at app has no key 'other'",
        ),
    ] {
        let error = read(&door, configuration.clone(), declared)
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn each_login_leads_to_the_secret() {
    let server = vault().await;
    let folder = tempfile::tempdir().unwrap();
    let jwt = folder.path().join("token");
    std::fs::write(&jwt, "j3w3t-token\n").unwrap();
    let address = server.url("");
    let service_account = json!({
        "vault_addr": address, "vault_sa_role": "app", "vault_k8s_mount_point": "k8s",
        "vault_sa_token_path": jwt.to_str().unwrap(),
    });
    for (configuration, environment) in [
        (
            json!({"vault_addr": address, "vault_token": "g00d-token"}),
            vec![],
        ),
        (
            json!({"vault_addr": address, "vault_role_id": "r", "vault_role_secret": "s3cret-id"}),
            vec![],
        ),
        (service_account, vec![]),
        (
            json!({}),
            vec![
                ("VAULT_ADDR", address.as_str()),
                ("VAULT_TOKEN", "g00d-token"),
            ],
        ),
    ] {
        let door = door(&environment);
        let fetched = read(&door, configuration.clone(), json!({"path": "app"})).await;
        let Ok(fetched) = fetched else {
            panic!("{configuration}: {fetched:?}");
        };
        assert_eq!(fetched.value, json!({"password": "two"}), "{configuration}");
    }
}

#[tokio::test]
async fn refusals_are_said_without_credentials() {
    let server = vault().await;
    let folder = tempfile::tempdir().unwrap();
    let jwt = folder.path().join("token");
    std::fs::write(&jwt, "wr0ng-jwt").unwrap();
    let address = server.url("");
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let closed = format!("http://u:p4ss@{closed}");
    for (configuration, expected) in [
        (
            json!({"vault_addr": address, "vault_token": "wr0ng-token"}),
            "permission denied",
        ),
        (json!({"vault_addr": address}), "permission denied"),
        (
            json!({"vault_addr": address, "vault_role_id": "r", "vault_role_secret": "wr0ng-secret"}),
            "Failed to connect to Vault with the AppRole: invalid credentials",
        ),
        (
            json!({"vault_addr": address, "vault_sa_role": "app", "vault_sa_token_path": jwt.to_str().unwrap()}),
            "Failed to connect to Vault using service account with errors: 'invalid credentials",
        ),
        (
            json!({"vault_addr": address, "vault_sa_role": "app", "vault_sa_token_path": "/nonexistent/token"}),
            "Failed to get service account token at: /nonexistent/token",
        ),
        (
            json!({"vault_addr": closed, "vault_token": "wr0ng-token"}),
            "Connection refused",
        ),
        (json!({"vault_addr": 5}), "vault_addr must be a text"),
    ] {
        let door = door(&[]);
        let error = read(&door, configuration, json!({"path": "app"}))
            .await
            .unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(said.contains(expected), "{said}");
        assert!(!said.contains("wr0ng") && !said.contains("p4ss"), "{said}");
    }
}
