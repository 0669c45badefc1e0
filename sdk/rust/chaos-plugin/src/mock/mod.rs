//! A host for tests: answers given beforehand, everything asked for kept, a clock of its own.
//!
//! ```
//! use std::time::Duration;
//! use chaos_plugin::{clock, http, mock};
//!
//! let host = mock::Host::new();
//! host.answer("GET", "http://shop.test/*", mock::Response::new(200).taking(Duration::from_secs(3)));
//!
//! // As the plugin would:
//! let start = clock::Instant::now();
//! http::get("http://shop.test/orders?page=2")?;
//! clock::sleep(Duration::from_secs(60));
//!
//! // No time has passed but the mock's:
//! assert_eq!(start.elapsed(), Duration::from_secs(63));
//! assert_eq!(host.requests()[0].url, "http://shop.test/orders?page=2");
//! # Ok::<(), http::Error>(())
//! ```
//!
//! A host serves the thread that made it, until it is dropped.

mod clock;
mod http;
mod kubernetes;
mod random;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::time::{Duration, SystemTime};

pub use self::http::{Answer, Response, Sent};
pub use self::kubernetes::{Call, Verb};
use crate::log::Level;

thread_local! {
    static CURRENT: RefCell<Option<Rc<RefCell<State>>>> = const { RefCell::new(None) };
}

/// What the thread's host knows and has seen.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) clock: clock::Clock,
    pub(crate) random: random::Random,
    pub(crate) configuration: HashMap<String, String>,
    pub(crate) secrets: HashSet<(String, String)>,
    log: Vec<(Level, String)>,
    http: http::Http,
    kubernetes: kubernetes::Kubernetes,
}

impl State {
    pub(crate) fn write(&mut self, level: Level, message: &str) {
        self.log.push((level, message.to_owned()));
    }
}

/// Runs something with the thread's host; none without one.
pub(crate) fn try_with_host<T>(with: impl FnOnce(&mut State) -> T) -> Option<T> {
    let state = CURRENT.with(|current| current.borrow().clone())?;
    let mut state = state.borrow_mut();
    Some(with(&mut state))
}

/// Runs something with the thread's host.
pub(crate) fn with_host<T>(with: impl FnOnce(&mut State) -> T) -> T {
    try_with_host(with).unwrap_or_else(|| {
        panic!("outside of chaos-wasm there is no host: begin the test with `let host = chaos_plugin::mock::Host::new();`")
    })
}

/// The host of this thread, while it lives.
#[must_use = "the host is there until this is dropped"]
pub struct Host {
    state: Rc<RefCell<State>>,
}

impl Default for Host {
    fn default() -> Self {
        Self::new()
    }
}

impl Host {
    /// A host that answers nothing yet.
    ///
    /// # Panics
    /// The thread has one already.
    pub fn new() -> Self {
        let state = Rc::<RefCell<State>>::default();
        CURRENT.with(|current| {
            let before = current.replace(Some(Rc::clone(&state)));
            assert!(
                before.is_none(),
                "this thread has a mock host already: use that one, or drop it first"
            );
        });
        Self { state }
    }

    /// Answers a request of a method and a URL; one that ends in `*` stands for all that begin
    /// like it. What was added first is tried first. Several answers for the same are given one
    /// after the other, the last one again and again. A request that nothing answers is denied.
    pub fn answer(&self, method: &str, url: &str, answer: impl Into<Answer>) -> &Self {
        self.state.borrow_mut().http.add(method, url, answer.into());
        self
    }

    /// The requests that were sent, redirects among them.
    pub fn requests(&self) -> Vec<Sent> {
        self.state.borrow().http.sent()
    }

    /// Answers `kubernetes::list` of a resource with objects, JSON texts. For this and the
    /// following, several answers for the same are given one after the other, the last one again
    /// and again; a call that nothing answers is denied.
    pub fn lists<T: Into<String>>(
        &self,
        resource: &str,
        objects: impl IntoIterator<Item = T>,
    ) -> &Self {
        self.kubernetes(
            Verb::List,
            resource,
            Ok(objects.into_iter().map(Into::into).collect()),
        )
    }

    /// Answers `kubernetes::get` of a resource with an object, a JSON text.
    pub fn gets(&self, resource: &str, object: impl Into<String>) -> &Self {
        self.kubernetes(Verb::Get, resource, Ok(vec![object.into()]))
    }

    /// Answers `kubernetes::log`.
    pub fn logs(&self, text: impl Into<String>) -> &Self {
        self.kubernetes(Verb::Log, "pods", Ok(vec![text.into()]))
    }

    /// Lets `kubernetes::delete` of a resource succeed.
    pub fn deletes(&self, resource: &str) -> &Self {
        self.kubernetes(Verb::Delete, resource, Ok(Vec::new()))
    }

    /// Lets `kubernetes::evict` succeed.
    pub fn evicts(&self) -> &Self {
        self.kubernetes(Verb::Evict, "pods", Ok(Vec::new()))
    }

    /// Answers `kubernetes::patch` of a resource with the object as it then is.
    pub fn patches(&self, resource: &str, object: impl Into<String>) -> &Self {
        self.kubernetes(Verb::Patch, resource, Ok(vec![object.into()]))
    }

    /// Answers `kubernetes::scale` of a resource with the number of replicas that there was.
    pub fn scales(&self, resource: &str, before: u32) -> &Self {
        self.kubernetes(Verb::Scale, resource, Ok(vec![before.to_string()]))
    }

    /// Answers `kubernetes::create` of a resource with the object as it then is.
    pub fn creates(&self, resource: &str, object: impl Into<String>) -> &Self {
        self.kubernetes(Verb::Create, resource, Ok(vec![object.into()]))
    }

    /// Lets calls of a verb to a resource fail.
    pub fn fails(&self, verb: Verb, resource: &str, error: crate::kubernetes::Error) -> &Self {
        self.kubernetes(verb, resource, Err(error))
    }

    fn kubernetes(&self, verb: Verb, resource: &str, answer: kubernetes::Answer) -> &Self {
        self.state
            .borrow_mut()
            .kubernetes
            .add(verb, resource, answer);
        self
    }

    /// The calls to Kubernetes that were made.
    pub fn calls(&self) -> Vec<Call> {
        self.state.borrow().kubernetes.calls()
    }

    /// Sets a value of the configuration, a JSON text.
    pub fn configuration(&self, name: &str, json: &str) -> &Self {
        self.state
            .borrow_mut()
            .configuration
            .insert(name.to_owned(), json.to_owned());
        self
    }

    /// Has a secret, of which a plugin only ever sees the placeholder.
    pub fn secret(&self, target: &str, key: &str) -> &Self {
        self.state
            .borrow_mut()
            .secrets
            .insert((target.to_owned(), key.to_owned()));
        self
    }

    /// What was logged.
    pub fn log(&self) -> Vec<(Level, String)> {
        self.state.borrow().log.clone()
    }

    /// How far the clock has gone since the host was made: by sleeping and by waiting for answers.
    pub fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.state.borrow().clock.monotonic())
    }

    /// Sets the wall clock. It begins at 2026-01-01 00:00 UTC; before 1970 is 1970.
    pub fn set_time(&self, time: SystemTime) -> &Self {
        let since = time
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        self.state.borrow_mut().clock.set(since);
        self
    }

    /// Makes random numbers others than without. Equal seeds give equal numbers.
    pub fn seed(&self, seed: u64) -> &Self {
        self.state.borrow_mut().random = random::Random::new(seed);
        self
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        CURRENT.with(|current| current.replace(None));
    }
}
