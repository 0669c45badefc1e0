//! Names that resolve to where they should not.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use crate::budget::Ceilings;
use crate::deadline::Deadline;
use crate::grant::Grant;
use crate::http::{HttpError, HttpRequest, Trust};
use crate::ledger::NoLedger;
use crate::permit::{Layer, Permit};
use crate::{Door, Effect, Pass, Refusal};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn door(names: fn(&str) -> Vec<IpAddr>) -> Door {
    let environment = vec![("NO_PROXY".into(), "*".into())];
    Door::new(Arc::new(NoLedger), Ceilings::default())
        .with_environment(environment)
        .with_names(names)
}

fn permit(layers: &[&[&str]]) -> Arc<Permit> {
    let layer = |(index, lines): (usize, &&[&str])| Layer {
        name: ["plugin.toml", "chaos-wasm.toml [plugins.x]"][index].to_owned(),
        grants: lines.iter().map(|l| l.parse::<Grant>().unwrap()).collect(),
    };
    Arc::new(Permit::new(layers.iter().enumerate().map(layer)))
}

async fn get(door: &Door, permit: &Arc<Permit>, url: &str) -> Result<u16, HttpError> {
    let request = HttpRequest {
        method: "GET".into(),
        url: url.into(),
        headers: Vec::new(),
        body: Default::default(),
        connect_timeout: None,
        answer_timeout: None,
        trust: Trust::System,
        retries: 0,
        body_limit: 100,
        effect: Effect::Read,
        redirects: None,
        allowance: None,
        placeholders: None,
    };
    let deadline = Deadline::after(Duration::from_secs(5));
    let pass = Pass::new("t", Effect::Read, deadline).with_permit(Arc::clone(permit));
    door.http(&pass, request).await.map(|answer| answer.status)
}

async fn denied(door: &Door, permit: &Arc<Permit>, url: &str) -> String {
    match get(door, permit, url).await.unwrap_err() {
        HttpError::Refused(Refusal::Denied(denial)) => denial.to_string(),
        other => panic!("{url}: {other}"),
    }
}

/// Answers one request.
async fn server() -> (u16, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = [0; 1024];
        let _ = stream.read(&mut head).await.unwrap();
        let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
        stream.write_all(answer).await.unwrap();
    });
    (port, task)
}

/// Each of these would be a way in.
#[tokio::test]
async fn a_name_reaches_no_special_address_that_is_not_named() {
    let door = door(|host| {
        let address = host.strip_suffix(".example.com").unwrap();
        vec![address.replace('-', ":").replace('_', ".").parse().unwrap()]
    });
    let permit = permit(&[&["http GET http://*.example.com:9/*"]]);
    for name in [
        "127_0_0_1",
        "127_9_9_9",
        "0_0_0_0",
        "10_0_0_1",
        "172_16_0_1",
        "192_168_0_1",
        "169_254_169_254",
        "100_64_0_1",
        "224_0_0_1",
        "255_255_255_255",
        "--1",
        "--",
        "--ffff-7f00-1",
        "--ffff-a00-1",
        "64-ff9b--a00-1",
        "2002-a00-1--",
        "fe80--1",
        "fd00-ec2--254",
        "ff02--1",
    ] {
        let text = denied(&door, &permit, &format!("http://{name}.example.com:9/")).await;
        assert!(text.contains("no public address"), "{name}: {text}");
    }
}

#[tokio::test]
async fn every_layer_has_to_name_a_special_address() {
    let door = door(|_| vec!["127.0.0.1".parse().unwrap()]);
    let (port, task) = server().await;
    let url = format!("http://shop.test:{port}/x");
    let plain = format!("http GET http://shop.test:{port}/*");
    let named = format!("{plain} to 127.0.0.0/8");
    let elsewhere = format!("{plain} to 10.0.0.0/8");

    let text = denied(&door, &permit(&[&[&plain], &[&plain]]), &url).await;
    assert_eq!(
        text,
        format!(
            "denied: GET {url}: shop.test resolves to 127.0.0.1, no public address; not granted \
             by plugin.toml and chaos-wasm.toml [plugins.x]; to allow it add to their \
             `http`: \"GET {url} to 127.0.0.1/32\""
        )
    );
    let text = denied(&door, &permit(&[&[&named], &[&plain]]), &url).await;
    assert!(
        text.contains("by chaos-wasm.toml [plugins.x]; to"),
        "{text}"
    );
    let text = denied(&door, &permit(&[&[&plain], &[&named]]), &url).await;
    assert!(text.contains("by plugin.toml; to"), "{text}");
    denied(&door, &permit(&[&[&named], &[&elsewhere]]), &url).await;

    let both = permit(&[&[&named], &[&named]]);
    assert_eq!(get(&door, &both, &url).await.unwrap(), 204);
    let tightened = both.usage().tightened.http;
    assert_eq!(
        tightened[0].to_string(),
        format!("GET {url} to 127.0.0.1/32")
    );
    task.await.unwrap();
}

#[tokio::test]
async fn localhost_is_this_machine_whatever_the_name_service_says() {
    let door = door(|_| vec!["10.0.0.1".parse().unwrap(), "8.8.8.8".parse().unwrap()]);
    let permit = permit(&[&["http GET http://localhost:9/*"]]);
    let text = denied(&door, &permit, "http://localhost:9/").await;
    assert_eq!(
        text,
        "denied: GET http://localhost:9/: localhost resolves to 10.0.0.1, which is not this machine"
    );
}

/// What is looked at is what is dialled: the second answer, which would be granted no less than
/// the first one, is never asked for.
#[tokio::test]
async fn a_name_is_looked_up_once_for_the_check_and_the_connection() {
    static LOOKUPS: AtomicUsize = AtomicUsize::new(0);
    let door = door(|_| match LOOKUPS.fetch_add(1, Ordering::SeqCst) {
        0 => vec!["10.0.0.1".parse().unwrap(), "127.0.0.1".parse().unwrap()],
        _ => vec!["127.0.0.2".parse().unwrap()],
    });
    let (port, task) = server().await;
    let line = format!("http GET http://shop.test:{port}/* to 127.0.0.0/8");
    let url = format!("http://shop.test:{port}/");
    let status = get(&door, &permit(&[&[&line]]), &url).await.unwrap();
    assert_eq!((status, LOOKUPS.load(Ordering::SeqCst)), (204, 1));
    task.await.unwrap();
}

#[test]
fn of_public_and_private_addresses_only_the_public_ones_are_called() {
    let permit = permit(&[&["http GET http://shop.test/*"]]);
    let url = crate::permit::Url::parse("http://shop.test/").unwrap();
    let allowed = permit.http("GET", &url).unwrap();
    let parse = |text: &str| text.parse::<std::net::SocketAddr>().unwrap();
    let public = ["8.8.8.8:80", "[2606:4700:4700::1111]:80"].map(parse);
    let private = ["127.0.0.1:80", "[::1]:80", "10.0.0.1:80"].map(parse);
    let mixed = [private[0], public[0], private[1], public[1], private[2]];
    let kept = super::granted(mixed.into(), Some(&allowed));
    assert_eq!(kept.ok().unwrap(), public);
    assert!(super::granted(private.into(), Some(&allowed)).is_err());
}
