//! Credential plugins: programs that a kubeconfig names, which print who the user is.
//!
//! Run here rather than by the client library, which would run one three times for a client.

use super::KubernetesError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use k8s_openapi::jiff::Timestamp;
use kube::config::{AuthInfo, ExecConfig, ExecInteractiveMode};
use serde_json::{Value, json};
use std::io::IsTerminal;
use std::process::Stdio;

/// Runs the plugin and puts what it printed in its place; gives when that expires, if it does.
/// Dropping the future ends the plugin.
pub(super) async fn log_in(user: &mut AuthInfo) -> Result<Option<Timestamp>, KubernetesError> {
    let otherwise = user.token.is_some() || user.token_file.is_some() || user.password.is_some();
    let Some(exec) = user.exec.take().filter(|_| !otherwise) else {
        return Ok(None);
    };
    let command = exec.command.clone().unwrap_or_default();
    let wrong =
        |text: &str| KubernetesError::Config(format!("the credential plugin '{command}' {text}"));
    let printed = run(&exec).await.map_err(|text| wrong(&text))?;
    let unusable = || wrong("did not print an ExecCredential");
    let printed: Value = serde_json::from_slice(&printed).map_err(|_| unusable())?;
    let status = printed.get("status").ok_or_else(unusable)?;
    let text = |key: &str| status.get(key)?.as_str().filter(|text| !text.is_empty());
    let certificate = text("clientCertificateData").zip(text("clientKeyData"));
    if certificate.is_none() && text("token").is_none() {
        return Err(wrong("printed neither a token nor a certificate"));
    }
    user.token = text("token").map(Into::into);
    if let Some((certificate, key)) = certificate {
        user.client_certificate_data = Some(BASE64.encode(certificate));
        user.client_key_data = Some(BASE64.encode(key).into());
    }
    text("expirationTimestamp")
        .map(|at| at.parse().map_err(|_| unusable()))
        .transpose()
}

/// What it prints; why there is nothing, without its output: that may hold credentials.
async fn run(exec: &ExecConfig) -> Result<Vec<u8>, String> {
    let program = exec.command.as_ref().ok_or("is not named")?;
    // kubectl: a plugin that need not ask is not let near a stdin that is not a terminal.
    let interactive = match exec.interactive_mode {
        Some(ExecInteractiveMode::Never) => false,
        Some(ExecInteractiveMode::Always) => true,
        Some(ExecInteractiveMode::IfAvailable) | None => std::io::stdin().is_terminal(),
    };
    let mut spec = json!({ "interactive": interactive });
    if let (true, Some(cluster)) = (exec.provide_cluster_info, &exec.cluster) {
        spec["cluster"] = serde_json::to_value(cluster).map_err(|error| error.to_string())?;
    }
    let information =
        json!({"apiVersion": exec.api_version, "kind": "ExecCredential", "spec": spec});
    let variables = exec.env.iter().flatten().filter_map(|variable| {
        Some((
            variable.get("name")?.clone(),
            variable.get("value")?.clone(),
        ))
    });
    let (stdin, stderr) = match interactive {
        true => (Stdio::inherit(), Stdio::inherit()),
        false => (Stdio::null(), Stdio::piped()),
    };
    let output = tokio::process::Command::new(program)
        .args(exec.args.iter().flatten())
        .envs(variables)
        .env("KUBERNETES_EXEC_INFO", information.to_string())
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(stderr)
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| {
            let hint = exec.install_hint.as_deref().unwrap_or_default();
            format!("cannot be started: {error}. {hint}")
                .trim_end_matches(['.', ' '])
                .to_owned()
        })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said: String = said.trim().chars().take(2000).collect();
    let separator = if said.is_empty() { "" } else { ": " };
    Err(format!("failed: {}{separator}{said}", output.status))
}
