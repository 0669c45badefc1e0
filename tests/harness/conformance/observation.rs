//! What came of a run, without what differs from run to run.

use super::case::{Case, Ran, Runner};
use crate::sandbox::Sandbox;
use crate::service::Service;
use serde_json::{Map, Value, json};
use std::io;

/// What stands in place of a time, a duration, a version.
const ANY: &str = "*";

/// The values of the placeholders.
#[derive(Debug, Clone)]
pub(super) struct Places {
    service: String,
    authority: String,
    folder: String,
}

impl Places {
    pub(super) fn of(service: &Service, sandbox: &Sandbox) -> Places {
        Places {
            service: service.url(),
            authority: service.authority(),
            folder: sandbox.path().display().to_string(),
        }
    }

    /// Placeholders become values.
    pub(super) fn fill(&self, text: &str) -> String {
        text.replace("{{service}}", &self.service)
            .replace("{{authority}}", &self.authority)
            .replace("{{dir}}", &self.folder)
    }

    /// Values become placeholders.
    fn clear(&self, text: &str) -> String {
        text.replace(&self.service, "{{service}}")
            .replace(&self.authority, "{{authority}}")
            .replace(&self.folder, "{{dir}}")
    }

    fn clear_all(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.clear(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.clear_all(item)),
            Value::Object(map) => map.values_mut().for_each(|item| self.clear_all(item)),
            _ => {}
        }
    }
}

/// Runs a case and says what came of it: `exit`, `crashed` (a Python traceback was printed),
/// `console` (INFO and above), `requests` (what the service saw), `journal`.
///
/// # Errors
/// When it couldn't be run, or didn't end.
pub fn observe(case: &Case, runner: Runner<'_>) -> io::Result<Value> {
    let ran = case.run(runner)?;
    let stderr = ran.places.clear(&without_colours(&ran.finished.stderr));
    let mut console = console_lines(&stderr);
    if case.depends_on_timing() {
        console
            .iter_mut()
            .for_each(|line| *line = without_ratio(line));
        console.sort();
        console.dedup();
    }
    Ok(json!({
        "exit": ran.finished.code,
        "crashed": stderr.contains("Traceback (most recent call last)") && !stderr.contains("un expected"),
        "console": console,
        "requests": requests(case, &ran),
        "journal": journal(case, &ran)?,
    }))
}

/// `[2026-11-22 11:26:21 INFO] message` -> `INFO message`; other lines belong to a message above,
/// and are left out unless they are a problem of the document.
fn console_lines(stderr: &str) -> Vec<String> {
    let line = |line: &str| {
        if line.starts_with(' ') {
            let problem = without_place(line);
            let level = if line.contains(": warning: ") {
                "WARNING"
            } else {
                "ERROR"
            };
            return (problem != line).then(|| format!("{level} {problem}"));
        }
        let (head, message) = line.strip_prefix('[')?.split_once("] ")?;
        let level = head.rsplit(' ').next()?;
        let known = ["INFO", "WARNING", "ERROR", "CRITICAL"].contains(&level);
        let message = without_place(message);
        known.then(|| format!("{level} {}", without_client_wording(message)))
    };
    stderr.lines().filter_map(line).collect()
}

/// How many checks failed of how many depends on timing.
fn without_ratio(line: &str) -> String {
    let ratio = "Terminating immediately the experiment after ";
    match (line.find(ratio), line.find('%')) {
        (Some(at), Some(percent)) => format!(
            "{}{ANY}{}",
            line.get(..at + ratio.len()).unwrap_or_default(),
            line.get(percent..).unwrap_or_default()
        ),
        _ => line.to_owned(),
    }
}

fn requests(case: &Case, ran: &Ran) -> Value {
    if case.depends_on_timing() {
        return Value::Null;
    }
    let line = |request: &crate::service::Request| {
        let text = format!("{} {} {}", request.method, request.target, request.body);
        ran.places.clear(text.trim_end())
    };
    ran.service.requests().iter().map(line).collect()
}

fn journal(case: &Case, ran: &Ran) -> io::Result<Value> {
    let mut journal = match ran.sandbox.json(case.journal_name()) {
        Ok(journal) => journal,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Value::Null),
        // Cut off by a crash in the middle of writing.
        Err(_) => return Ok(json!("unreadable")),
    };
    ran.places.clear_all(&mut journal);
    without_ours(&mut journal);
    let Some(fields) = journal.as_object_mut() else {
        return Ok(journal);
    };
    for key in ["chaoslib-version", "platform", "node"] {
        if let Some(value @ Value::String(_)) = fields.get_mut(key) {
            *value = json!(ANY);
        }
    }
    without_times(fields);
    if let Some(written) = case.experiment() {
        if let Some(experiment) = fields.get_mut("experiment") {
            point_at_document(experiment, written);
        }
        for key in ["steady_states", "run", "rollbacks"] {
            if let Some(value) = fields.get_mut(key) {
                point_at_activities(value, written);
            }
        }
    }
    for key in ["run", "rollbacks"] {
        records(fields.get_mut(key));
    }
    if let Some(Value::Object(states)) = fields.get_mut("steady_states") {
        for key in ["before", "after"] {
            records(
                states
                    .get_mut(key)
                    .and_then(|state| state.get_mut("probes")),
            );
        }
        if let Some(Value::Array(during)) = states.get_mut("during") {
            for state in during.iter_mut() {
                records(state.get_mut("probes"));
            }
            if case.depends_on_timing() {
                let mut kinds: Vec<Value> = during.iter().map(kind_of_check).collect();
                kinds.sort_by_key(Value::to_string);
                kinds.dedup();
                *during = kinds;
            }
        }
    }
    Ok(journal)
}

/// Of a check during the method: whether it was met and which probes it has.
fn kind_of_check(state: &Value) -> Value {
    let probes = state.get("probes").and_then(Value::as_array);
    let probes: Vec<Value> = probes
        .into_iter()
        .flatten()
        .map(|p| json!([p.get("activity"), p.get("status"), p.get("tolerance_met")]))
        .collect();
    json!([state.get("steady_state_met"), probes])
}

fn records(list: Option<&mut Value>) {
    for record in list.and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(record) = record.as_object_mut() else {
            continue;
        };
        without_times(record);
        if let Some(exception) = record.get_mut("exception") {
            let last = exception.as_array().and_then(|lines| lines.last());
            let last = last
                .and_then(Value::as_str)
                .unwrap_or("not a list of lines");
            let message = last.trim_end();
            let message = message
                .strip_prefix("chaoslib.exceptions.ActivityFailed: ")
                .unwrap_or(message);
            *exception = json!(without_client_wording(message));
        }
    }
}

/// Times of the right shape become [`ANY`]; others stay, and show.
fn without_times(fields: &mut Map<String, Value>) {
    for key in ["start", "end"] {
        if let Some(value) = fields.get_mut(key)
            && value.as_str().is_some_and(is_time)
        {
            *value = json!(ANY);
        }
    }
    if let Some(value) = fields.get_mut("duration")
        && value.is_f64()
    {
        *value = json!(ANY);
    }
}

/// `2026-11-22T11:26:21.767473+00:00`
fn is_time(text: &str) -> bool {
    let shape: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    shape == "0000-00-00T00:00:00.000000+00:00" || shape == "0000-00-00T00:00:00+00:00"
}

/// Our own key is no difference.
fn without_ours(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.shift_remove("chaos-wasm");
            map.values_mut().for_each(without_ours);
        }
        Value::Array(items) => items.iter_mut().for_each(without_ours),
        _ => {}
    }
}

/// The experiment in the journal, where it is the one of the case, `dry` added: only that.
fn point_at_document(experiment: &mut Value, written: &Value) {
    let mut expected = written.clone();
    if let Some(fields) = expected.as_object_mut() {
        fields.shift_remove("dry");
        let dry = experiment.get("dry").cloned().unwrap_or_default();
        fields.insert("dry".into(), dry.clone());
        if same(&expected, experiment) {
            *experiment = json!({ "as written": true, "dry": dry });
        }
    }
}

/// An activity that is one of the document, exactly as written: its JSON pointer.
fn point_at_activities(value: &mut Value, written: &Value) {
    match value {
        Value::Object(map) => {
            for (key, item) in map.iter_mut() {
                if key == "activity" {
                    if let Some(pointer) = pointer_of(item, written) {
                        *item = json!(pointer);
                    }
                } else if key != "output" {
                    point_at_activities(item, written);
                }
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| point_at_activities(item, written)),
        _ => {}
    }
}

fn pointer_of(activity: &Value, written: &Value) -> Option<String> {
    ["/steady-state-hypothesis/probes", "/method", "/rollbacks"]
        .into_iter()
        .find_map(|list| {
            let items = written.pointer(list)?.as_array()?;
            let index = items.iter().position(|item| same(item, activity))?;
            Some(format!("{list}/{index}"))
        })
}

/// Where a message goes on in the words of the reference's libraries.
const THEIR_WORDS: [&str; 2] = ["Failed parsing YAML experiment", "seems invalid"];

/// The words of the reference's HTTP client, YAML parser and regular expressions are their own.
fn without_client_wording(message: &str) -> String {
    if let Some(at) = message.find("failed to connect to ") {
        let (before, rest) = message.split_at(at);
        let url = rest.strip_prefix("failed to connect to ").unwrap_or(rest);
        let url = url.split(": ").next().unwrap_or(url);
        return format!("{before}failed to connect to {url}");
    }
    for phrase in THEIR_WORDS {
        if let Some((before, _)) = message.split_once(phrase) {
            return format!("{before}{phrase}");
        }
    }
    message.to_owned()
}

/// `experiment.json:3:2: warning: text (at /pointer)` -> `text`: the reference never says where.
fn without_place(message: &str) -> &str {
    let severity = [": error: ", ": warning: "];
    let Some((_, text)) = severity.iter().find_map(|word| message.split_once(word)) else {
        return message;
    };
    text.rsplit_once(" (at /").map_or(text, |(text, _)| text)
}

fn without_colours(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        rest = after.split_once('m').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

/// Equal as text: the order of keys counts too.
pub(super) fn same(left: &Value, right: &Value) -> bool {
    let (left, right) = (left.to_string(), right.to_string());
    left == right
}
