//! Secrets kept in HashiCorp Vault's key/value store.

use crate::python;
use chaos_host_api::http::{HttpError, HttpRequest, HttpResponse, Trust};
use chaos_host_api::redact::Redactor;
use chaos_host_api::{Door, Effect, Pass, limits};
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::{self, Read};

/// Where Kubernetes puts a pod's token.
const SERVICE_ACCOUNT_TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// The longest service account token read. Real ones have one or two kilobytes.
const TOKEN_BYTES: u64 = 64 * 1024;

/// Why a vault gives no secret. Never holds a token or a secret.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// A configuration key is of no use.
    #[error("the configuration key {key} must be {expected}")]
    Configuration {
        /// The key.
        key: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// AppRole login.
    #[error("Failed to connect to Vault with the AppRole: {0}")]
    AppRole(String),
    /// The service account's token cannot be read.
    #[error("Failed to get service account token at: {path}")]
    ServiceAccountToken {
        /// Its path.
        path: String,
        /// The system's word.
        source: io::Error,
    },
    /// Kubernetes login.
    #[error("Failed to connect to Vault using service account with errors: '{0}'")]
    ServiceAccount(String),
    /// The vault was not reached or answered with something else than a secret.
    #[error("cannot read the Vault secret at {path}: {reason}")]
    Read {
        /// The secret's path.
        path: String,
        /// Why; without credentials.
        reason: String,
    },
    /// The secret has no such key.
    #[error("the Vault secret at {path} has no key '{key}'")]
    NoSuchKey {
        /// The secret's path.
        path: String,
        /// The key.
        key: String,
    },
}

/// A secret, or an empty map with the reason.
#[derive(Debug, Clone, PartialEq)]
pub struct Fetched {
    /// The whole secret, or one key's value.
    pub value: Value,
    /// What the reference only warns of.
    pub warning: Option<String>,
}

/// Version of the key/value engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Engine {
    V1,
    V2,
}

/// A vault to which one is logged in.
pub struct Vault<'d> {
    door: &'d Door,
    pass: Pass,
    address: String,
    namespace: Option<String>,
    trust: Trust,
    engine: Engine,
    mount: String,
    token: Option<String>,
    /// What error messages of the vault must not repeat.
    redactor: Redactor,
}

impl<'d> Vault<'d> {
    /// Logs in as the resolved configuration says: by `vault_token`, by AppRole, by a Kubernetes
    /// service account, or else with what the Vault client of this machine has
    /// (`VAULT_TOKEN`, `~/.vault-token`). `VAULT_ADDR`, `VAULT_NAMESPACE`, `VAULT_CACERT` and
    /// `VAULT_CAPATH` count too.
    ///
    /// # Errors
    /// A key that is of no use, or a login that failed.
    pub async fn connect(
        configuration: &Map<String, Value>,
        door: &'d Door,
        pass: &Pass,
    ) -> Result<Vault<'d>, VaultError> {
        let variable = |name: &str| {
            let value = door.variable(name)?.into_string().ok()?;
            (!value.trim().is_empty()).then(|| value.trim().to_owned())
        };
        let address = text(configuration, "vault_addr")?
            .or_else(|| variable("VAULT_ADDR"))
            .unwrap_or_else(|| "http://localhost:8200".to_owned());
        let engine = match configuration.get("vault_kv_version").map(python::str) {
            Some(version) if version == "1" => Engine::V1,
            // Whatever else: as the reference has it.
            _ => Engine::V2,
        };
        let bundle = variable("VAULT_CACERT").or_else(|| variable("VAULT_CAPATH"));
        let mut vault = Vault {
            door,
            pass: pass.clone(),
            address: address.trim_end_matches('/').to_owned(),
            namespace: variable("VAULT_NAMESPACE"),
            trust: bundle.map_or(Trust::System, |path| Trust::Bundle(path.into())),
            engine,
            mount: text(configuration, "vault_secrets_mount_point")?
                .unwrap_or_else(|| "secret".to_owned()),
            token: None,
            redactor: Redactor::default(),
        };
        vault.login(configuration).await?;
        Ok(vault)
    }

    async fn login(&mut self, configuration: &Map<String, Value>) -> Result<(), VaultError> {
        let has = |key: &str| configuration.contains_key(key);
        let token = if has("vault_token") {
            text(configuration, "vault_token")?
        } else if has("vault_role_id") && has("vault_role_secret") {
            let secret = text(configuration, "vault_role_secret")?.unwrap_or_default();
            let role = text(configuration, "vault_role_id")?.unwrap_or_default();
            self.redactor = Redactor::new([secret.clone()]);
            let body = json!({"role_id": role, "secret_id": secret});
            let token = self.token_for("auth/approle/login", &body).await;
            Some(token.map_err(VaultError::AppRole)?)
        } else if has("vault_sa_role") {
            let path = text(configuration, "vault_sa_token_path")?
                .filter(|path| !path.is_empty())
                .unwrap_or_else(|| SERVICE_ACCOUNT_TOKEN.to_owned());
            let jwt = read_token(&path)
                .map_err(|source| VaultError::ServiceAccountToken { path, source })?;
            self.redactor = Redactor::new([jwt.clone()]);
            let mount = text(configuration, "vault_k8s_mount_point")?
                .unwrap_or_else(|| "kubernetes".to_owned());
            let body = json!({"role": text(configuration, "vault_sa_role")?, "jwt": jwt});
            let token = self.token_for(&format!("auth/{mount}/login"), &body).await;
            Some(token.map_err(VaultError::ServiceAccount)?)
        } else {
            let variable = self.door.variable("VAULT_TOKEN");
            let home = || {
                let home = std::path::PathBuf::from(self.door.variable("HOME")?);
                read_token(home.join(".vault-token").to_str()?).ok()
            };
            let own = variable.and_then(|token| token.into_string().ok());
            own.filter(|token| !token.is_empty()).or_else(home)
        };
        self.redactor = Redactor::new(token.clone());
        self.token = token;
        Ok(())
    }

    /// Reads what a secret of `type: vault` declares: `path`, and optionally `key`.
    ///
    /// # Errors
    /// The vault refuses or cannot be reached, or there is no such key.
    pub async fn read(&self, declared: &Map<String, Value>) -> Result<Fetched, VaultError> {
        let nothing = |warning: String| Fetched {
            value: json!({}),
            warning: Some(warning),
        };
        let path = match declared.get("path") {
            None | Some(Value::Null) => {
                let shown = python::str(&Value::Object(declared.clone()));
                return Ok(nothing(format!("Missing Vault secret path for '{shown}'")));
            }
            Some(path) => python::str(path),
        };
        let failed = |reason: String| VaultError::Read {
            path: path.clone(),
            reason,
        };
        let (mount, below) = (self.mount.trim_matches('/'), path.trim_start_matches('/'));
        let within = match self.engine {
            Engine::V1 => format!("{mount}/{below}"),
            Engine::V2 => format!("{mount}/data/{below}"),
        };
        let mut answer = self.ask("GET", &within, None).await.map_err(failed)?;
        let data = match self.engine {
            Engine::V1 => answer.pointer_mut("/data"),
            Engine::V2 => answer.pointer_mut("/data/data"),
        };
        let data = data.map(Value::take).unwrap_or(Value::Null);
        if data.is_null() {
            return Ok(nothing(format!("No Vault secret found at path: {path}")));
        }
        let value = match declared.get("key") {
            None | Some(Value::Null) => data,
            Some(key) => {
                let key = python::str(key);
                let found = data.get(&key).cloned();
                found.ok_or(VaultError::NoSuchKey { path, key })?
            }
        };
        Ok(Fetched {
            value,
            warning: None,
        })
    }

    async fn token_for(&self, path: &str, body: &Value) -> Result<String, String> {
        let answer = self.ask("POST", path, Some(body)).await?;
        let token = answer.pointer("/auth/client_token").and_then(Value::as_str);
        token
            .map(str::to_owned)
            .ok_or_else(|| "the answer holds no token".to_owned())
    }

    async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let path = path.trim_start_matches('/');
        let path = path
            .replace('%', "%25")
            .replace('?', "%3F")
            .replace('#', "%23");
        let own = [
            ("X-Vault-Token", &self.token),
            ("X-Vault-Namespace", &self.namespace),
        ];
        let mut headers = vec![
            ("User-Agent".to_owned(), crate::USER_AGENT.to_owned()),
            ("Accept".to_owned(), "*/*".to_owned()),
            // Without it a Vault agent refuses to answer.
            ("X-Vault-Request".to_owned(), "true".to_owned()),
        ];
        headers.extend(
            own.into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?))),
        );
        if body.is_some() {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        let request = HttpRequest {
            method: method.to_owned(),
            url: format!("{}/v1/{path}", self.address),
            headers,
            body: body.map(Value::to_string).unwrap_or_default().into(),
            connect_timeout: None,
            answer_timeout: None,
            trust: self.trust.clone(),
            retries: 0,
            body_limit: limits::DOCUMENT_BYTES,
            allowance: None,
            placeholders: None,
            // A login changes nothing of the system under test, and a run may read its secrets
            // before it may change anything.
            effect: Effect::Read,
            redirects: None,
        };
        let pass = self.pass.within(limits::VAULT_TIMEOUT);
        let response = self.door.http(&pass, request).await;
        response
            .map_err(|error: HttpError| error.to_string())
            .and_then(|response| understand(&response))
            .map_err(|reason| self.redactor.text(&reason).into_owned())
    }
}

fn understand(response: &HttpResponse) -> Result<Value, String> {
    let answer: Option<Value> = serde_json::from_slice(&response.body).ok();
    if (200..300).contains(&response.status) {
        return answer.ok_or_else(|| "the answer is not JSON".to_owned());
    }
    let errors = answer.as_ref().and_then(|answer| answer.get("errors"));
    let errors: Vec<&str> = errors
        .and_then(Value::as_array)
        .map(|errors| errors.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let status = response.status;
    Err(match (errors.as_slice(), status) {
        ([], 404) => "there is none (status 404)".to_owned(),
        ([], _) => format!("the vault answered with status {status}"),
        (errors, _) => format!("{} (status {status})", errors.join(", ")),
    })
}

/// The text at `key`; `None` when it is absent or null.
fn text(
    configuration: &Map<String, Value>,
    key: &'static str,
) -> Result<Option<String>, VaultError> {
    match configuration.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(VaultError::Configuration {
            key,
            expected: "a text",
        }),
    }
}

fn read_token(path: &str) -> io::Result<String> {
    let mut token = String::new();
    File::open(path)?
        .take(TOKEN_BYTES)
        .read_to_string(&mut token)?;
    Ok(token.trim().to_owned())
}
