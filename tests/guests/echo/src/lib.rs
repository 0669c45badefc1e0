//! A plugin that uses everything that plugins can: each type there is, each way to end, a request,
//! and a change to a cluster. For tests of the host.

/// What both probes and actions use.
#[chaos_plugin::types]
pub mod types {
    /// How it is.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Mood {
        /// Good.
        Glad,
        VerySad,
    }

    /// What was said.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Report {
        /// To whom and what.
        pub greeting: String,
        pub times_said: u32,
        pub mood: Mood,
        pub type_: Option<Vec<(String, f64)>>,
    }
}

/// Values that come back as they went in.
#[chaos_plugin::probes(types = crate::types)]
pub mod probes {
    use chaos_plugin::{Json, clock, configuration, http, log, random, secrets};

    pub use super::types::{Mood, Report};

    /// A figure.
    #[derive(Debug, Clone, PartialEq)]
    pub enum Shape {
        /// No size at all.
        Dot,
        Circle(f64),
        Many(Vec<Report>),
        Pair((u8, Option<String>)),
    }

    /// What may be done.
    #[flags]
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Access {
        pub read: bool,
        /// Also to create.
        pub write: bool,
        pub look_around: bool,
    }

    /// All whole numbers.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Whole {
        pub u8: u8,
        pub u16: u16,
        pub u32: u32,
        pub u64: u64,
        pub s8: i8,
        pub s16: i16,
        pub s32: i32,
        pub s64: i64,
    }

    /// Why it did not work.
    #[derive(Debug, Clone, PartialEq)]
    pub enum Failure {
        TooFar,
        Because(String),
        With(Report),
    }

    /// Gives back a number.
    pub fn number(value: f64) -> f64 {
        value
    }

    pub fn small_number(value: f32) -> f32 {
        value
    }

    /// Gives back whole numbers of all sizes.
    pub fn whole(value: Whole) -> Whole {
        value
    }

    pub fn truth(value: bool) -> bool {
        value
    }

    pub fn letter(value: char) -> char {
        value
    }

    /// Gives back a text.
    ///
    /// As it is: "quotes", back\slashes and
    /// several lines.
    pub fn text(
        /// Any text.
        value: String,
    ) -> String {
        value
    }

    pub fn bytes(value: Vec<u8>) -> Vec<u8> {
        value
    }

    pub fn texts(value: Vec<String>) -> Vec<String> {
        value
    }

    pub fn maybe(value: Option<u32>) -> Option<u32> {
        value
    }

    pub fn maybe_maybe(value: Option<Option<u32>>) -> Option<Option<u32>> {
        value
    }

    pub fn pair(value: (String, u64)) -> (String, u64) {
        value
    }

    pub fn report(value: Report) -> Report {
        value
    }

    pub fn reports(value: Vec<Report>) -> Vec<Report> {
        value
    }

    pub fn mood(value: Mood) -> Mood {
        value
    }

    pub fn moods(value: Vec<Mood>) -> Vec<Mood> {
        value
    }

    pub fn shape(value: Shape) -> Shape {
        value
    }

    pub fn access(value: Access) -> Access {
        value
    }

    pub fn accesses(value: Vec<Access>) -> Vec<Access> {
        value
    }

    pub fn outcome(value: Vec<Result<u32, String>>) -> Vec<Result<u32, String>> {
        value
    }

    /// Any JSON.
    pub fn any(value: Json) -> Json {
        value
    }

    pub fn any_of(values: Vec<Option<Json>>) -> Vec<Option<Json>> {
        values
    }

    /// Parameters of all kinds, borrowed where they can be.
    pub fn hello(
        name: &str,
        times: Option<u32>,
        title: Option<&str>,
        friends: &[String],
        mood: Option<&Mood>,
    ) -> Report {
        let title = title.unwrap_or_default();
        Report {
            greeting: format!("Hello {title}{name} and {} more", friends.len()),
            times_said: times.unwrap_or(1),
            mood: mood.copied().unwrap_or(Mood::Glad),
            type_: None,
        }
    }

    /// Gives nothing.
    pub fn nothing() {}

    /// Succeeds for an even number, without a value.
    pub fn only_even(value: u32) -> Result<(), String> {
        if value.is_multiple_of(2) {
            Ok(())
        } else {
            Err(format!("{value} is odd"))
        }
    }

    /// Fails with a type of its own.
    pub fn fail(how: Failure) -> Result<Report, Failure> {
        Err(how)
    }

    /// Fails with another crate's type.
    pub fn parse(text: &str) -> Result<f64, std::num::ParseFloatError> {
        text.parse()
    }

    /// Panics.
    pub fn panic(message: &str) -> u32 {
        panic!("{message}")
    }

    /// Never ends.
    pub fn spin() -> u32 {
        let mut count: u32 = 0;
        loop {
            count = std::hint::black_box(count.wrapping_add(1));
        }
    }

    /// Takes so many bytes of memory, and says how many.
    pub fn allocate(bytes: u32) -> u32 {
        let memory = vec![1_u8; usize::try_from(bytes).unwrap_or(usize::MAX)];
        u32::try_from(std::hint::black_box(memory).len()).unwrap_or(u32::MAX)
    }

    /// A text of so many letters.
    pub fn long(letters: u32) -> String {
        "x".repeat(usize::try_from(letters).unwrap_or(usize::MAX))
    }

    /// Writes so many lines to the log.
    pub fn chatter(lines: u32) {
        for line in 0..lines {
            log::info(format!("line {line}"));
        }
    }

    /// The status of an answer.
    pub fn status(url: &str) -> Result<u16, http::Error> {
        Ok(http::get(url)?.status)
    }

    /// The body of an answer to any request.
    pub fn fetch(
        method: &str,
        url: &str,
        headers: Vec<(String, String)>,
        body: &str,
        timeout_ms: Option<u32>,
        redirects: Option<u8>,
    ) -> Result<String, http::Error> {
        let mut request = http::Request::new(method, url).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if let Some(timeout) = timeout_ms {
            request = request.timeout(std::time::Duration::from_millis(timeout.into()));
        }
        if let Some(redirects) = redirects {
            request = request.redirects(redirects);
        }
        Ok(request.send()?.text().into_owned())
    }

    /// The statuses of several requests that are under way at the same time.
    pub fn statuses(urls: &[String]) -> Result<Vec<u16>, http::Error> {
        let begun: Vec<_> = urls
            .iter()
            .map(|url| http::Request::get(url).begin())
            .collect();
        begun
            .into_iter()
            .map(|exchange| Ok(exchange.wait()?.status))
            .collect()
    }

    /// A value of the configuration.
    pub fn configured(name: &str) -> Result<Option<Json>, configuration::Error> {
        configuration::get(name)
    }

    /// Sends a secret as bearer token, and tries to see it.
    pub fn with_secret(url: &str, target: &str, key: &str) -> Result<String, String> {
        let token = secrets::placeholder(target, key).map_err(|error| error.to_string())?;
        let request = http::Request::get(url).header("Authorization", format!("Bearer {token}"));
        let answer = request.send().map_err(|error| error.to_string())?;
        Ok(format!("{token} {}", answer.text()))
    }

    /// Waits, and says how many milliseconds went by.
    pub fn wait(milliseconds: u32) -> f64 {
        let start = clock::Instant::now();
        clock::sleep(std::time::Duration::from_millis(milliseconds.into()));
        start.elapsed().as_secs_f64() * 1000.0
    }

    /// Seconds since 1970.
    pub fn now() -> f64 {
        clock::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0.0, |since| since.as_secs_f64())
    }

    /// Random bytes.
    pub fn dice(count: u32) -> Vec<u8> {
        random::bytes(count)
    }

    /// The names of pods, as they are in the answer: JSON objects.
    pub fn pods(
        namespace: &str,
        labels: Option<&str>,
    ) -> Result<Vec<Json>, chaos_plugin::kubernetes::Error> {
        let mut list = chaos_plugin::kubernetes::list("pods").namespace(namespace);
        if let Some(labels) = labels {
            list = list.labels(labels);
        }
        list.objects()
    }

    /// A probe that tries what it must not.
    pub fn delete_pod(namespace: &str, name: &str) -> Result<(), chaos_plugin::kubernetes::Error> {
        chaos_plugin::kubernetes::delete("pods", Some(namespace), name, None)
    }
}

/// Changes to a cluster.
#[chaos_plugin::actions(types = crate::types)]
pub mod actions {
    use std::time::Duration;

    use chaos_plugin::{Json, kubernetes};

    use super::types::Report;

    /// Deletes a pod.
    pub fn delete_pod(
        namespace: &str,
        name: &str,
        grace_seconds: Option<u32>,
    ) -> Result<(), kubernetes::Error> {
        let grace = grace_seconds.map(|seconds| Duration::from_secs(seconds.into()));
        kubernetes::delete("pods", Some(namespace), name, grace)
    }

    /// Scales a deployment; gives the number of replicas before.
    pub fn scale(namespace: &str, name: &str, replicas: u32) -> Result<u32, kubernetes::Error> {
        kubernetes::scale("deployments.apps", namespace, name, replicas)
    }

    /// Changes an object by a JSON patch document.
    pub fn patch(
        resource: &str,
        namespace: Option<&str>,
        name: &str,
        patch: &Json,
    ) -> Result<Json, kubernetes::Error> {
        kubernetes::patch(resource, namespace, name, patch)
    }

    /// Says what a probe said.
    pub fn repeat(report: &Report) -> String {
        report
            .greeting
            .repeat(usize::try_from(report.times_said).unwrap_or(0))
    }
}
