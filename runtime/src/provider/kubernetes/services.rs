use super::selection::format_name;
use super::session::Session;
use crate::provider::Failure;
use chaos_host_api::kubernetes::{KubernetesCall, Resource};
use serde_json::Value;

/// Whether a Service object is there; whether anything answers behind it is not looked at.
pub(super) async fn is_initialized(session: &Session<'_>) -> Result<Value, Failure> {
    let arguments = &session.arguments;
    let name = arguments.text("name")?;
    let mut call = KubernetesCall::list(Resource::SERVICES, Some(arguments.required("ns")?));
    if let Some(name) = name {
        call = call.fields(&format!("metadata.name={name}"));
    }
    if let Some(selector) = arguments.text("label_selector")? {
        call = call.labels(&format_name(selector, &arguments.shown("name"))?);
    }
    if session.list(call, |_| ()).await?.is_empty() {
        let name = arguments.shown("name");
        return session.unmet(format!("service '{name}' is not initialized"));
    }
    Ok(Value::Bool(true))
}
