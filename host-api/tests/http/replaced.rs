//! Calls that are answered in the network's place.

use super::{door_with, get, pass, post};
use chaos_host_api::Door;
use chaos_host_api::answers::{Answer, Answers, Asked};
use chaos_host_api::http::HttpError;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Gives answers in order and remembers what was asked.
#[derive(Default)]
struct Script {
    answers: Mutex<VecDeque<Result<Answer, String>>>,
    asked: Mutex<Vec<String>>,
}

impl Answers for Script {
    fn answer(&self, asked: &Asked) -> Result<Answer, String> {
        let body = String::from_utf8_lossy(&asked.body);
        let line = format!("{} {} {body}", asked.method, asked.url);
        self.asked.lock().unwrap().push(line.trim().to_owned());
        let next = self.answers.lock().unwrap().pop_front();
        next.unwrap_or(Err("nothing more".to_owned()))
    }
}

fn answer(status: u16, headers: &[(&str, &str)], seconds: f64) -> Result<Answer, String> {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()));
    Ok(Answer {
        status,
        headers: headers.collect(),
        body: "said".into(),
        elapsed: Duration::from_secs_f64(seconds),
    })
}

/// The names do not exist: whoever looked them up would fail.
fn door(answers: impl IntoIterator<Item = Result<Answer, String>>) -> (Door, Arc<Script>) {
    let script = Arc::new(Script {
        answers: Mutex::new(answers.into_iter().collect()),
        ..Script::default()
    });
    let door = door_with(&[]).0;
    (door.with_answers(Arc::clone(&script) as _), script)
}

#[tokio::test]
async fn each_redirect_is_asked_for_and_times_add_up() {
    let (door, script) = door([
        answer(303, &[("Location", "https://b.invalid/2?q=1")], 0.5),
        answer(200, &[("X-Own", "yes")], 0.25),
    ]);
    let sent = door
        .http(&pass(5.0), post("http://a.invalid/1", "body"))
        .await;
    let response = sent.unwrap();
    assert_eq!((response.status, &response.body[..]), (200, &b"said"[..]));
    assert_eq!(response.header("x-own").as_deref(), Some("yes"));
    assert_eq!(response.elapsed, Duration::from_millis(750));
    let asked = script.asked.lock().unwrap().clone();
    assert_eq!(
        asked,
        [
            "POST http://a.invalid/1 body",
            "GET https://b.invalid/2?q=1"
        ]
    );
}

#[tokio::test]
async fn calls_are_written_down_charged_and_bounded_as_ever() {
    let script = Script::default();
    script
        .answers
        .lock()
        .unwrap()
        .push_back(answer(200, &[], 0.0));
    let (door, memory) = door_with(&[]);
    let door = door.with_answers(Arc::new(script));
    let mut request = post("http://a.invalid/", "body");
    request.body_limit = 3;
    let error = door.http(&pass(5.0), request).await.unwrap_err();
    assert!(
        matches!(error, HttpError::TooLarge { limit: 3, .. }),
        "{error}"
    );
    assert_eq!(memory.intents.lock().unwrap().len(), 1);
    assert_eq!(memory.done.lock().unwrap().len(), 1);
    let spent = door.budget().spent();
    assert_eq!((spent.http_requests, spent.mutations), (1, 1));
    assert_eq!(spent.bytes, 8, "four each way");
}

#[tokio::test]
async fn an_answer_may_come_too_late_or_not_at_all() {
    for method in ["GET", "POST"] {
        let (door, _) = door([answer(200, &[], 2.0), Err("refused".to_owned())]);
        let mut request = post("http://a.invalid/", "");
        request.method = method.into();
        request.answer_timeout = Some(Duration::from_secs(1));
        let error = door.http(&pass(5.0), request.clone()).await.unwrap_err();
        assert!(matches!(error, HttpError::TooSlow { .. }), "{error}");
        let error = door.http(&pass(5.0), request).await.unwrap_err();
        assert!(matches!(&error, HttpError::Connect { reason, .. } if reason == "refused"));
    }
}

#[tokio::test]
async fn a_further_try_is_a_further_request() {
    let (door, script) = door([
        Err("refused".to_owned()),
        answer(503, &[("Retry-After", "20")], 0.0),
        answer(200, &[], 0.0),
    ]);
    let mut request = get("http://a.invalid/");
    request.retries = 2;
    let begun = Instant::now();
    assert_eq!(door.http(&pass(30.0), request).await.unwrap().status, 200);
    assert_eq!(script.asked.lock().unwrap().len(), 3);
    assert!(begun.elapsed() < Duration::from_secs(20), "nobody waits");
}
