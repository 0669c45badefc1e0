//! A bare exchange by the HTTP library that the door uses: what `cargo xtask bench` compares with.
//!
//! Usage: `bare_http URL COUNT`; prints seconds for all of them, each on a fresh connection.

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::time::Instant;
use tokio::net::TcpStream;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: bare_http URL COUNT";
    let url: http::Uri = arguments.next().ok_or(usage)?.parse()?;
    let count: u32 = arguments.next().ok_or(usage)?.parse()?;
    let authority = url.authority().ok_or(usage)?.as_str();
    let begun = Instant::now();
    for _ in 0..count {
        let stream = TcpStream::connect(authority).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let request = http::Request::get(url.path())
            .header("Host", authority)
            .body(Empty::<Bytes>::new())?;
        let exchange = async { sender.send_request(request).await?.collect().await };
        tokio::pin!(exchange, connection);
        tokio::select! {
            biased;
            answer = &mut exchange => answer,
            _ = &mut connection => exchange.await,
        }?;
    }
    println!("{}", begun.elapsed().as_secs_f64());
    Ok(())
}
