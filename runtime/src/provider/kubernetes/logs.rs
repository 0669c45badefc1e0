use super::failure::{failed, unhandled, value_error};
use super::selection::{format_name, found, regex};
use super::session::Session;
use crate::provider::Failure;
use chaos_host_api::kubernetes::KubernetesCall;
use serde_json::{Map, Value};

/// Reads the logs of the pods that match: a mapping of a pod's name to its log.
pub(super) async fn read(session: &Session<'_>) -> Result<Value, Failure> {
    let arguments = &session.arguments;
    let namespace = arguments.required("ns")?;
    let selector = match arguments.text("label_selector")? {
        Some(selector) => Some(format_name(selector, &arguments.shown("name"))?),
        None => None,
    };
    let container = arguments.text("container_name")?.unwrap_or_default();
    let previous = arguments.flag("from_previous")?;
    let since = since(arguments.get("last"))?;
    let pods = session
        .list(session.pods(selector.as_deref())?, |pod| {
            let name = pod.pointer("/metadata/name").and_then(Value::as_str);
            name.unwrap_or_default().to_owned()
        })
        .await?;
    let cluster = session.cluster()?;
    let mut logs = Map::new();
    for pod in pods {
        let mut call = KubernetesCall::log(namespace, &pod)
            .query("container", container)
            .query("follow", "false")
            .query("previous", previous.to_string())
            .query("timestamps", "true");
        if let Some(seconds) = since {
            call = call.query("sinceSeconds", seconds.to_string());
        }
        let log = session
            .door()
            .kubernetes_bytes(session.pass(), cluster, &call)
            .await
            .map_err(unhandled)?;
        logs.insert(pod, String::from_utf8_lossy(&log).into());
    }
    Ok(Value::Object(logs))
}

/// Searches logs that [`read`] gave. Made to be a tolerance, which hands them over as `value`.
pub(super) fn should_be_found(session: &Session<'_>) -> Result<Value, Failure> {
    let arguments = &session.arguments;
    let all = arguments.flag("all_containers")?;
    let logs = match arguments.get("value") {
        Value::Object(logs) if !logs.is_empty() => logs,
        other if !crate::python::truthy(other) => return Err(failed("no logs to search from")),
        Value::Object(_) | Value::Null => return Err(failed("no logs to search from")),
        _ => {
            return Err(value_error(
                "argument 'value' must be a mapping of pods to their logs, as read_pod_logs gives \
                 it"
                .into(),
            ));
        }
    };
    // An empty pattern is found everywhere.
    let pattern = regex(arguments.text("pattern")?.unwrap_or_default())?;
    let mut matches = 0;
    for log in logs.values() {
        let log = log.as_str().unwrap_or_default();
        matches += usize::from(found(&pattern, log)?);
    }
    Ok(Value::Bool(match all {
        true => matches == logs.len(),
        false => matches > 0,
    }))
}

/// How far back `last` reaches, in seconds; `None` for all of a log.
///
/// A count of seconds, or what people write: `60s`, `10 minutes`, `1h30m`, `2 hours ago`,
/// `yesterday`, a point in time by RFC 3339.
fn since(last: &Value) -> Result<Option<u64>, Failure> {
    let wrong = || {
        value_error(
            "argument 'last' must be a time span such as '60s', '10 minutes' or '2 hours ago'"
                .into(),
        )
    };
    let seconds = match last {
        Value::Null => return Ok(None),
        Value::Number(number) => number.as_f64().ok_or_else(wrong)?,
        Value::String(text) if text.trim().is_empty() => return Ok(None),
        Value::String(text) => match text.trim().parse::<jiff::Timestamp>() {
            Ok(at) => jiff::Timestamp::now().duration_since(at).as_secs_f64(),
            Err(_) => span(text).ok_or_else(wrong)?,
        },
        _ => return Err(wrong()),
    };
    if seconds < 0.0 {
        return Err(wrong());
    }
    // Saturates; the API server refuses zero, which would mean "nothing" anyway.
    Ok(Some(seconds.round() as u64).filter(|seconds| *seconds > 0))
}

/// Seconds of a time span as people write it.
fn span(text: &str) -> Option<f64> {
    let text = text.trim().to_ascii_lowercase();
    let text = text
        .strip_suffix("ago")
        .map_or(text.as_str(), str::trim_end);
    let text = text.strip_prefix('-').unwrap_or(text);
    match text {
        "now" => return Some(0.0),
        "yesterday" => return Some(86_400.0),
        _ => {}
    }
    let mut rest = text;
    let mut total = 0.0;
    let mut parts = 0;
    while !rest.is_empty() {
        let digits = rest
            .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let (number, after) = match number {
            // "an hour": the article stands for one.
            "" => (1.0, after.strip_prefix("an ").or(after.strip_prefix("a "))?),
            digits => (digits.parse::<f64>().ok()?, after),
        };
        let after = after.trim_start();
        let letters = after
            .find(|letter: char| !letter.is_ascii_alphabetic())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        // A bare number counts seconds.
        let unit = if parts == 0 && unit.is_empty() && after.is_empty() {
            1.0
        } else {
            seconds_of(unit)?
        };
        total += number * unit;
        parts += 1;
        rest = after.trim_start_matches(|letter: char| letter == ',' || letter.is_whitespace());
        rest = rest.strip_prefix("and ").unwrap_or(rest);
    }
    (parts > 0).then_some(total)
}

fn seconds_of(unit: &str) -> Option<f64> {
    Some(match unit {
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600.0,
        "d" | "day" | "days" => 86_400.0,
        "w" | "week" | "weeks" => 7.0 * 86_400.0,
        "month" | "months" => 30.0 * 86_400.0,
        "y" | "year" | "years" => 365.0 * 86_400.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn spans_are_read_as_people_write_them() {
        for (text, seconds) in [
            (json!("60s"), Some(60)),
            (json!("60 s"), Some(60)),
            (json!("10 minutes"), Some(600)),
            (json!("10 minutes ago"), Some(600)),
            (json!("1h30m"), Some(5_400)),
            (json!("1 hour, 5 minutes"), Some(3_900)),
            (json!("1 hour and 5 minutes"), Some(3_900)),
            (json!("1.5 hours"), Some(5_400)),
            (json!("an hour ago"), Some(3_600)),
            (json!("Yesterday"), Some(86_400)),
            (json!("-60s"), Some(60)),
            (json!("45"), Some(45)),
            (json!(45), Some(45)),
            (json!("now"), None),
            (json!(""), None),
            (json!(null), None),
            (json!("2026-01-01T00:00:00Z"), None),
        ] {
            let found = since(&text).unwrap();
            if text == json!("2026-01-01T00:00:00Z") {
                assert!(found.unwrap() > 1_000);
            } else {
                assert_eq!(found, seconds, "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in [
            json!("soon"),
            json!("10 parsecs"),
            json!("in 5 minutes"),
            json!("10 5"),
            json!("1..5s"),
            json!(-3),
            json!([60]),
            json!("2200-01-01T00:00:00Z"),
        ] {
            assert!(since(&text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn reading_a_span_never_panics(text in ".*") {
            let _ = since(&json!(text));
        }
    }
}
