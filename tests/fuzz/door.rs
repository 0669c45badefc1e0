//! What was granted is where a request goes.

use chaos_host_api::answers::{Answer, Answers, Asked, Wire};
use chaos_host_api::budget::Ceilings;
use chaos_host_api::deadline::Deadline;
use chaos_host_api::grant::{Grant, Grants};
use chaos_host_api::http::{HttpRequest, Trust};
use chaos_host_api::ledger::NoLedger;
use chaos_host_api::permit::{Layer, Permit, Url};
use chaos_host_api::{Door, Effect, Pass};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Remembers what would have left, and sends the first request elsewhere.
#[derive(Default)]
pub(super) struct Recorder {
    location: String,
    asked: Mutex<Vec<Asked>>,
}

impl Recorder {
    /// Whose first answer is a redirect.
    pub(super) fn redirecting(location: &str) -> Recorder {
        Recorder {
            location: location.to_owned(),
            asked: Mutex::default(),
        }
    }

    /// What would have left.
    pub(super) fn taken(&self) -> Vec<Asked> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut asked)
    }
}

impl Answers for Recorder {
    fn answer(&self, asked: &Asked) -> Result<Answer, String> {
        let mut all = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let (status, headers) = match all.is_empty() && !self.location.is_empty() {
            true => (307, vec![("Location".to_owned(), self.location.clone())]),
            false => (200, Vec::new()),
        };
        all.push(Asked {
            wire: asked.wire,
            method: asked.method.clone(),
            url: asked.url.clone(),
            headers: asked.headers.clone(),
            body: asked.body.clone(),
        });
        // The body is what was asked, so that whatever was put in on the way comes back.
        let shown: Vec<String> = asked
            .headers
            .iter()
            .map(|(_, value)| value.clone())
            .collect();
        let body = [shown.join("\n").as_bytes(), &asked.body].concat();
        let body = match asked.wire {
            Wire::Http => body,
            Wire::Kubernetes => br#"{"metadata": {"name": "a", "namespace": "shop"}}"#.to_vec(),
        };
        Ok(Answer {
            status,
            headers,
            body: body.into(),
            elapsed: Duration::ZERO,
        })
    }
}

/// The input's first line is a URL, the second one where its answer redirects to, the others are
/// grants.
pub(crate) fn door(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let mut lines = text.split('\n');
    let (url, location) = (lines.next().unwrap_or(""), lines.next().unwrap_or(""));
    let grants: Grants = lines
        .filter_map(|line| line.parse::<Grant>().ok())
        .collect();
    let permit = || {
        let layer = Layer {
            name: "chaos-wasm.toml".to_owned(),
            grants: grants.clone(),
        };
        Arc::new(Permit::new([layer]))
    };
    let recorder = Arc::new(Recorder::redirecting(location));
    let door = Door::new(Arc::new(NoLedger), Ceilings::default())
        .with_environment(vec![("NETRC".into(), "".into())])
        .with_answers(Arc::clone(&recorder) as Arc<dyn Answers>);
    let deadline = Deadline::after(Duration::from_secs(10));
    let pass = Pass::new("fuzz", Effect::Mutate, deadline).with_permit(permit());
    let request = HttpRequest {
        method: "GET".to_owned(),
        url: url.to_owned(),
        headers: Vec::new(),
        body: Default::default(),
        connect_timeout: None,
        answer_timeout: None,
        trust: Trust::System,
        retries: 0,
        body_limit: 10_000,
        allowance: None,
        effect: Effect::Read,
        redirects: Some(2),
        placeholders: None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.unwrap_or_else(|why| panic!("{why}"));
    let result = runtime.block_on(door.http(&pass, request));
    let asked = recorder.taken();
    assert!(result.is_err() || !asked.is_empty());
    let (fresh, mut first) = (permit(), true);
    for asked in asked {
        let place = Url::parse(&asked.url).unwrap_or_else(|why| panic!("{}: {why}", asked.url));
        let allowed = fresh.http(&asked.method, &place);
        assert!(allowed.is_ok(), "{place} is not granted");
        assert!(place.username().is_empty() && place.password().is_none());
        let host = place.host_str().unwrap_or_default();
        let authority = match place.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let hosts = asked.headers.iter().filter(|(name, _)| name == "host");
        let hosts: Vec<&str> = hosts.map(|(_, value)| value.as_str()).collect();
        assert_eq!(hosts, [authority], "{place}");
        if std::mem::take(&mut first)
            && let Ok(meant) = Url::parse(url)
        {
            // What a browser would call, too.
            assert_eq!(meant.host_str(), place.host_str(), "{url}");
            let port = place.port_or_known_default();
            assert_eq!(meant.port_or_known_default(), port, "{url}");
        }
    }
}
