//! Notifications: telling other systems about the events of a command, as the settings ask.

use crate::configuration;
use crate::log::Redaction;
use chaos_host_api::budget::Ceilings;
use chaos_host_api::deadline::Deadline;
use chaos_host_api::http::{HttpRequest, Trust, without_userinfo};
use chaos_host_api::ledger::NoLedger;
use chaos_host_api::redact::MASK;
use chaos_host_api::{Door, Effect, Pass, limits};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long connecting to an endpoint may take, as in the reference.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// An experiment was loaded and is about to run.
    RunStarted,
    /// A run ended with status `completed`.
    RunCompleted,
    /// A run ended with another status.
    RunFailed,
    /// A run found a deviation; sent besides one of the two before.
    RunDeviated,
    /// `validate` begins.
    ValidateStarted,
    /// `validate` found errors.
    ValidateFailed,
    /// `validate` found none.
    ValidateCompleted,
    /// `discover` begins.
    DiscoveryStarted,
    /// `discover` failed.
    DiscoveryFailed,
    /// `discover` ended.
    DiscoveryCompleted,
    /// `init` begins.
    InitStarted,
    /// `init` failed.
    InitFailed,
    /// `init` ended.
    InitCompleted,
}

impl Event {
    /// Its name in settings and payloads.
    pub fn name(self) -> &'static str {
        match self {
            Event::RunStarted => "run-started",
            Event::RunCompleted => "run-completed",
            Event::RunFailed => "run-failed",
            Event::RunDeviated => "run-deviated",
            Event::ValidateStarted => "validate-started",
            Event::ValidateFailed => "validate-failed",
            Event::ValidateCompleted => "validate-completed",
            Event::DiscoveryStarted => "discovery-started",
            Event::DiscoveryFailed => "discovery-failed",
            Event::DiscoveryCompleted => "discovery-completed",
            Event::InitStarted => "init-started",
            Event::InitFailed => "init-failed",
            Event::InitCompleted => "init-completed",
        }
    }

    /// `run`, `validate`, `discovery` or `init`.
    pub fn phase(self) -> &'static str {
        self.name().split('-').next().unwrap_or_default()
    }
}

/// An endpoint that wants to know.
#[derive(Debug, Clone)]
struct Channel {
    url: String,
    headers: Vec<(String, String)>,
    trust: Trust,
    forward_event_payload: bool,
    /// Empty: all of them.
    events: Vec<String>,
}

/// Sends notifications. Does nothing when the settings ask for none.
pub struct Notifier {
    channels: Vec<Channel>,
    redaction: Redaction,
    door: Door,
}

impl Notifier {
    /// Reads `notifications` of the settings (the whole settings are given). What cannot be
    /// served is left out and said in the warnings.
    pub fn from_settings(settings: &Value, redaction: Redaction) -> (Notifier, Vec<String>) {
        let mut warnings = Vec::new();
        let mut channels = Vec::new();
        let mut modules = Vec::new();
        match settings.get("notifications") {
            None | Some(Value::Null) => {}
            Some(Value::Array(declared)) => {
                for (index, channel) in declared.iter().enumerate() {
                    match channel.get("type").and_then(Value::as_str) {
                        Some("http") => match Channel::read(channel) {
                            Ok(channel) => channels.push(channel),
                            Err(reason) => warnings
                                .push(format!("notifications/{index} of the settings: {reason}")),
                        },
                        Some("plugin") => modules.push(
                            channel
                                .get("module")
                                .and_then(Value::as_str)
                                .unwrap_or("without a module")
                                .to_owned(),
                        ),
                        _ => warnings.push(format!(
                            "notifications/{index} of the settings: its type must be http"
                        )),
                    }
                }
            }
            Some(_) => warnings.push("notifications of the settings must be a list".to_owned()),
        }
        if !modules.is_empty() {
            warnings.push(format!(
                "notifications by Python plugins cannot be sent ({}); use one of type http",
                modules.join(", ")
            ));
        }
        let notifier = Notifier {
            channels,
            redaction,
            door: Door::new(Arc::new(NoLedger), Ceilings::default()),
        };
        (notifier, warnings)
    }

    /// Whether nobody wants to be told anything.
    pub fn is_silent(&self) -> bool {
        self.channels.is_empty()
    }

    /// Tells every channel that wants to know of `event`, one after the other. A failure is only
    /// logged, at debug level: notifications must not change what a command does.
    pub async fn notify(&self, event: Event, payload: Value, error: Option<String>) {
        let mut wanting = self
            .channels
            .iter()
            .filter(|channel| channel.wants(event))
            .peekable();
        if wanting.peek().is_none() {
            return;
        }
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        let mut body = json!({
            "name": event.name(),
            "payload": payload,
            "phase": event.phase(),
            "ts": since_epoch.unwrap_or_default().as_secs_f64(),
        });
        if let (Some(error), Some(members)) = (error, body.as_object_mut()) {
            members.insert("error".to_owned(), Value::String(error));
        }
        // The reference sends the experiment with its inline secrets. Those are masked by place
        // too, because at the start of a run nothing is known to be a secret yet.
        for experiment in ["/payload", "/payload/experiment"] {
            let at = |key: &str| format!("{experiment}/{key}");
            if let Some(secrets) = body.pointer_mut(&at("secrets")) {
                configuration::mask_inline_secrets(secrets);
            }
            for key in configuration::VAULT_CREDENTIALS {
                match body.pointer_mut(&at(&format!("configuration/{key}"))) {
                    Some(credential) if credential.is_string() => *credential = MASK.into(),
                    _ => {}
                }
            }
        }
        self.redaction.value(&mut body);
        for channel in wanting {
            if let Err(reason) = channel.send(&self.door, &body).await {
                let reason = self.redaction.text(&reason).into_owned();
                tracing::debug!("failed calling notification endpoint: {reason}");
            }
        }
    }
}

impl Channel {
    fn read(declared: &Value) -> Result<Channel, String> {
        let text = |key: &str| declared.get(key).and_then(Value::as_str);
        let flag = |key: &str| match declared.get(key) {
            None | Some(Value::Null) => Ok(true),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(format!("{key} must be true or false")),
        };
        let url = text("url")
            .filter(|url| !url.is_empty())
            .ok_or("it has no url")?;
        let no_headers = Map::new();
        let headers = match declared.get("headers") {
            None | Some(Value::Null) => &no_headers,
            Some(Value::Object(headers)) => headers,
            Some(_) => return Err("headers must be a map".to_owned()),
        };
        let headers = headers
            .iter()
            .map(|(name, value)| match value {
                Value::String(value) => Ok((name.clone(), value.clone())),
                _ => Err(format!("the value of the header '{name}' must be a string")),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let trust = match text("verify_tls") {
            Some(bundle) => Trust::Bundle(bundle.into()),
            None if flag("verify_tls")? => Trust::System,
            None => Trust::Anyone,
        };
        let events = match declared.get("events") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(events)) => events
                .iter()
                .map(|event| event.as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .ok_or("events must be a list of names")?,
            Some(_) => return Err("events must be a list of names".to_owned()),
        };
        Ok(Channel {
            url: url.to_owned(),
            headers,
            trust,
            forward_event_payload: flag("forward_event_payload")?,
            events,
        })
    }

    fn wants(&self, event: Event) -> bool {
        self.events.is_empty() || self.events.iter().any(|name| name == event.name())
    }

    async fn send(&self, door: &Door, body: &Value) -> Result<(), String> {
        let mut headers = vec![
            ("User-Agent".to_owned(), crate::USER_AGENT.to_owned()),
            ("Accept".to_owned(), "*/*".to_owned()),
        ];
        if self.forward_event_payload {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        headers.retain(|(name, _)| {
            !self
                .headers
                .iter()
                .any(|(own, _)| own.eq_ignore_ascii_case(name))
        });
        headers.extend(self.headers.iter().cloned());
        let (method, body) = match self.forward_event_payload {
            true => ("POST", body.to_string()),
            false => ("GET", String::new()),
        };
        let request = HttpRequest {
            method: method.to_owned(),
            url: self.url.clone(),
            headers,
            body: body.into(),
            connect_timeout: Some(CONNECT_TIMEOUT),
            answer_timeout: None,
            trust: self.trust.clone(),
            retries: 0,
            body_limit: limits::HTTP_BODY_BYTES,
            allowance: None,
            placeholders: None,
            // It changes nothing of the system under test, and nobody waits for it afterwards.
            effect: Effect::Read,
            redirects: None,
        };
        let deadline = Deadline::after(limits::NOTIFICATION_TIMEOUT);
        let pass = Pass::new("notification", Effect::Read, deadline);
        let response = door.http(&pass, request).await.map_err(|e| e.to_string())?;
        if response.status >= 400 {
            let url = without_userinfo(&self.url);
            return Err(format!("{url} answered with status {}", response.status));
        }
        Ok(())
    }
}
