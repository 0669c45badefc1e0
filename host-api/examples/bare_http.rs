//! A bare exchange by the HTTP library that the door uses: what `cargo xtask bench` compares with.
//!
//! Usage: `bare_http URL COUNT`; prints seconds for all of them, each on a fresh connection.

use std::time::Instant;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: bare_http URL COUNT";
    let url = arguments.next().ok_or(usage)?;
    let count: u32 = arguments.next().ok_or(usage)?.parse()?;
    let roots = rustls::RootCertStore::empty();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .pool_max_idle_per_host(0)
        .no_proxy()
        .build()?;
    let begun = Instant::now();
    for _ in 0..count {
        client.get(&url).send().await?.bytes().await?;
    }
    println!("{}", begun.elapsed().as_secs_f64());
    Ok(())
}
