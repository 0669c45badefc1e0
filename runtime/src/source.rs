//! Getting an experiment from where the user says that it is: a file or a URL.

use crate::document::{Document, DocumentError, Format};
use chaos_host_api::budget::Ceilings;
use chaos_host_api::deadline::Deadline;
use chaos_host_api::http::{HttpError, HttpRequest, HttpResponse, Trust, without_userinfo};
use chaos_host_api::ledger::NoLedger;
use chaos_host_api::{Door, Effect, Pass, limits};
use serde_json::Value;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

/// The variable that holds a bearer token for fetching; it wins over the settings.
const BEARER_TOKEN: &str = "CHAOSTOOLKIT_LOADER_AUTH_BEARER_TOKEN";

/// How to load.
#[derive(Debug, Clone, Default)]
pub struct Loading<'s> {
    /// `auths` of the settings: `host[:port]` -> `{type, value}`.
    pub auths: Option<&'s Value>,
    /// `--no-verify-tls`.
    pub no_verify_tls: bool,
    /// `--compat`: of duplicate keys the last one counts, instead of an error.
    pub keep_last_duplicate: bool,
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Neither a file nor a URL.
    #[error("Path \"{0}\" does not exist.")]
    Missing(String),
    /// A URL of another kind.
    #[error("'{0}' is not a supported source scheme.")]
    Scheme(String),
    /// Neither the file's extension nor the server says JSON or YAML.
    #[error("only files with json, yaml or yml extensions are supported; {0} is none")]
    Format(String),
    /// The file cannot be read.
    #[error("cannot read \"{path}\"")]
    Unreadable {
        /// Its path.
        path: String,
        /// The system's word.
        source: io::Error,
    },
    /// A folder or a device.
    #[error("\"{0}\" is not a file; name the experiment's file itself")]
    NotAFile(String),
    /// Too large.
    #[error("{name} is larger than {limit} bytes; an experiment is a few kilobytes")]
    TooLarge {
        /// What messages call it.
        name: String,
        /// The limit.
        limit: usize,
    },
    /// The server did not answer, or not whole.
    #[error("Failed to fetch the experiment: {reason}")]
    Unreachable {
        /// Why; without credentials.
        reason: String,
    },
    /// The server answered with another status than 200.
    #[error("Failed to fetch the experiment: {url} answered with status {status}: {body}")]
    Status {
        /// Where.
        url: String,
        /// The status.
        status: u16,
        /// The beginning of the answer.
        body: String,
    },
    /// It is not what its name or the server says. The cause has the place and an excerpt.
    #[error("Failed parsing {notation} experiment: {}", problem.render(name).trim_end())]
    Malformed {
        /// What messages call it.
        name: String,
        /// `JSON` or `YAML`.
        notation: &'static str,
        /// What is wrong.
        problem: Box<DocumentError>,
    },
}

/// Loads the document at `source`: the file, if there is one of that name, else the URL.
///
/// # Errors
/// See [`SourceError`].
pub async fn load(source: &str, loading: &Loading<'_>) -> Result<Document, SourceError> {
    if Path::new(source).exists() {
        let format = Format::of_path(Path::new(source))
            .ok_or_else(|| SourceError::Format(format!("\"{source}\"")));
        // What cannot be an experiment at all is said before its extension is.
        let bytes = read(source)?;
        return parse(source, &bytes, format?, loading);
    }
    match source.split_once("://") {
        Some((scheme, _)) => match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" => fetch(source, loading).await,
            scheme => Err(SourceError::Scheme(scheme.to_owned())),
        },
        None => Err(match scheme_without_place(source) {
            Some(scheme) => SourceError::Scheme(scheme),
            None => SourceError::Missing(source.to_owned()),
        }),
    }
}

/// `mailto:x` is a URL too, as Python reads it.
fn scheme_without_place(source: &str) -> Option<String> {
    let (scheme, _) = source.split_once(':')?;
    let starts = scheme.starts_with(|first: char| first.is_ascii_alphabetic());
    let allowed = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    (starts && scheme.chars().all(allowed)).then(|| scheme.to_ascii_lowercase())
}

fn read(path: &str) -> Result<Vec<u8>, SourceError> {
    let unreadable = |source| SourceError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    // A pipe is a file to read as well: `chaos-wasm run <(generate)`.
    if metadata.is_dir() {
        return Err(SourceError::NotAFile(path.to_owned()));
    }
    let too_large = || SourceError::TooLarge {
        name: format!("\"{path}\""),
        limit: limits::DOCUMENT_BYTES,
    };
    let limit = u64::try_from(limits::DOCUMENT_BYTES).unwrap_or(u64::MAX);
    if metadata.len() > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(limit.saturating_add(1)).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    if bytes.len() > limits::DOCUMENT_BYTES {
        return Err(too_large());
    }
    Ok(bytes)
}

fn parse(
    name: &str,
    bytes: &[u8],
    format: Format,
    loading: &Loading<'_>,
) -> Result<Document, SourceError> {
    let parse = if loading.keep_last_duplicate {
        Document::parse_keeping_last
    } else {
        Document::parse
    };
    parse(name, bytes, format).map_err(|problem| SourceError::Malformed {
        name: name.to_owned(),
        notation: match format {
            Format::Json => "JSON",
            Format::Yaml => "YAML",
        },
        problem: Box::new(problem),
    })
}

async fn fetch(url: &str, loading: &Loading<'_>) -> Result<Document, SourceError> {
    let name = without_userinfo(url).into_owned();
    let door = Door::new(Arc::new(NoLedger), Ceilings::default());
    let deadline = Deadline::after(limits::DOCUMENT_TIMEOUT);
    let pass = Pass::new("load", Effect::Read, deadline);
    let mut headers = vec![
        ("User-Agent", crate::USER_AGENT.to_owned()),
        ("Accept-Encoding", "gzip, deflate".to_owned()),
        ("Accept", "application/json, application/x-yaml".to_owned()),
    ];
    headers.extend(authorization(&door, url, loading.auths).map(|value| ("Authorization", value)));
    let request = HttpRequest {
        method: "GET".to_owned(),
        url: url.to_owned(),
        headers: headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        body: Default::default(),
        connect_timeout: None,
        answer_timeout: None,
        trust: if loading.no_verify_tls {
            Trust::Anyone
        } else {
            Trust::System
        },
        retries: 0,
        body_limit: limits::DOCUMENT_BYTES,
        allowance: None,
        placeholders: None,
        effect: Effect::Read,
        redirects: None,
    };
    let response = door
        .http(&pass, request)
        .await
        .map_err(|error| match error {
            HttpError::TooLarge { limit, .. } => SourceError::TooLarge {
                name: name.clone(),
                limit,
            },
            error => SourceError::Unreachable {
                reason: error.to_string(),
            },
        })?;
    if response.status != 200 {
        return Err(SourceError::Status {
            url: name,
            status: response.status,
            body: beginning(&response.text()),
        });
    }
    understand(&name, &response, loading)
}

/// What the request says about who asks.
fn authorization(door: &Door, url: &str, auths: Option<&Value>) -> Option<String> {
    let token = door
        .variable(BEARER_TOKEN)
        .filter(|token| !token.is_empty());
    if let Some(token) = token {
        return Some(format!("bearer {}", token.to_string_lossy().trim()));
    }
    let place = url.split_once("://")?.1;
    let place = place.split(['/', '?', '#']).next()?;
    let auth = auths?.get(place)?;
    let kind = auth.get("type")?.as_str()?;
    let value = auth.get("value")?.as_str()?;
    Some(format!("{kind} {value}"))
}

/// By the `Content-Type`; plain text may be either notation.
fn understand(
    name: &str,
    response: &HttpResponse,
    loading: &Loading<'_>,
) -> Result<Document, SourceError> {
    let content_type = response.header("content-type").unwrap_or_default();
    let says = |kind: &str| content_type.to_ascii_lowercase().contains(kind);
    let yaml = [
        "application/x-yaml",
        "text/yaml",
        "application/yaml",
        "text/x-yaml",
    ];
    // The reference decodes YAML and plain text by the answer's charset, and so do we; JSON and
    // YAML without one are UTF-8, or what their own first bytes say.
    let decoded = says("charset=").then(|| response.text());
    let bytes = decoded.as_deref().map_or(&response.body[..], str::as_bytes);
    if says("application/json") {
        parse(name, bytes, Format::Json, loading)
    } else if yaml.into_iter().any(says) {
        parse(name, bytes, Format::Yaml, loading)
    } else if says("text/plain") {
        parse(name, bytes, Format::Json, loading)
            .or_else(|_| parse(name, bytes, Format::Yaml, loading))
    } else {
        Err(SourceError::Format(format!(
            "the answer of {name}, with the Content-Type '{}',",
            content_type.escape_debug()
        )))
    }
}

/// Enough of an error page to see what it is about.
fn beginning(text: &str) -> String {
    const CHARACTERS: usize = 500;
    let text = text.trim();
    match text.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
