//! A connection for one exchange: name lookup, proxy, TCP, TLS.

use super::Trust;
use super::target::{Scheme, Target};
use crate::Door;
use crate::permit::Allowed;
use base64::Engine as _;
use http::HeaderValue;
use hyper_util::client::proxy::matcher::Intercept;
use rustls::pki_types::ServerName;
use std::error::Error;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

/// What an exchange needs of a connection.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection over which one request can be sent.
pub(super) struct Connection {
    pub(super) stream: Box<dyn Stream>,
    /// Set when a proxy forwards plain HTTP: it wants the whole URL, and its own credentials.
    pub(super) forwarded: Option<Option<HeaderValue>>,
    /// Where it leads; not known when a proxy looks it up.
    pub(super) address: Option<IpAddr>,
}

/// Why there is no connection.
pub(super) enum NotConnected {
    /// The innermost cause.
    Failed(String),
    /// The host's name resolves to this address, which is not granted, and to nothing better.
    Address(IpAddr),
}

impl From<String> for NotConnected {
    fn from(reason: String) -> NotConnected {
        NotConnected::Failed(reason)
    }
}

/// How long the preferred address family has before the other one is tried too (RFC 8305).
const HAPPY_EYEBALLS: Duration = Duration::from_millis(250);

/// The longest head of a proxy's answer to `CONNECT`.
const PROXY_HEAD_BYTES: usize = 8 * 1024;

impl Door {
    /// Connects to `target`, through a proxy when the environment names one for it.
    ///
    /// What is `allowed` bounds the addresses. A proxy looks names up itself, where nobody can see
    /// whereto; so it is the operator's own say where such calls may go. What is special and named
    /// as such (`127.0.0.1`, `10.0.0.1`, `localhost`) would mean something else there, and is
    /// reached directly.
    ///
    /// # Errors
    /// See [`NotConnected`].
    pub(super) async fn connect(
        &self,
        target: &Target,
        trust: &Trust,
        allowed: Option<&Allowed>,
    ) -> Result<Connection, NotConnected> {
        let origin: Option<http::Uri> = target.origin().parse().ok();
        let proxy = origin
            .filter(|_| !allowed.is_some_and(Allowed::is_near))
            .and_then(|origin| self.proxies().intercept(&origin));
        let (stream, forwarded, address) = match (proxy, target.scheme) {
            (None, _) => {
                let addresses = self.addresses(&target.host(), target.port()).await?;
                let (stream, address) = dial(granted(addresses, allowed)?).await?;
                (stream, None, Some(address))
            }
            (Some(proxy), Scheme::Http) => {
                let stream = self.reach(&proxy, trust).await?;
                (stream, Some(proxy.basic_auth().cloned()), None)
            }
            (Some(proxy), Scheme::Https) => {
                let stream = self.reach(&proxy, trust).await?;
                (tunnel(stream, target, &proxy).await?, None, None)
            }
        };
        let stream = match target.scheme {
            Scheme::Http => stream,
            Scheme::Https => self.secure(stream, &target.host(), trust).await?,
        };
        Ok(Connection {
            stream,
            forwarded,
            address,
        })
    }

    async fn reach(&self, proxy: &Intercept, trust: &Trust) -> Result<Box<dyn Stream>, String> {
        let uri = proxy.uri();
        let host = uri.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let named = |error: String| format!("the proxy cannot be reached: {error}");
        let dialed = async |port| {
            let port = uri.port_u16().unwrap_or(port);
            let addresses = self.addresses(host, port).await.map_err(named)?;
            let dialed = dial(addresses).await.map_err(named);
            dialed.map(|(stream, _)| stream)
        };
        match uri.scheme_str() {
            Some("http") | None => dialed(80).await,
            Some("https") => {
                let stream = dialed(443).await?;
                self.secure(stream, host, trust).await.map_err(named)
            }
            Some(other) => Err(format!("{other} proxies are not supported")),
        }
    }

    async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
        if let Ok(address) = host.parse() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        if let Some(names) = &self.http.names {
            let addresses = names(host).into_iter();
            return Ok(addresses.map(|own| SocketAddr::new(own, port)).collect());
        }
        let found = tokio::net::lookup_host((host, port)).await;
        found
            .map(Iterator::collect)
            .map_err(|error| innermost(&error))
    }

    async fn secure(
        &self,
        stream: Box<dyn Stream>,
        host: &str,
        trust: &Trust,
    ) -> Result<Box<dyn Stream>, String> {
        let config = self.tls(trust).await?;
        let name = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
        let stream = tokio_rustls::TlsConnector::from(config)
            .connect(name, stream)
            .await
            .map_err(|error| innermost(&error))?;
        Ok(Box::new(stream))
    }
}

/// Those of a name's addresses that may be tried. The very ones that were looked at are dialled
/// later, so that another answer of the name service in between changes nothing.
fn granted(
    mut addresses: Vec<SocketAddr>,
    allowed: Option<&Allowed>,
) -> Result<Vec<SocketAddr>, NotConnected> {
    let first = addresses.first().map(SocketAddr::ip);
    if let Some(allowed) = allowed {
        addresses.retain(|address| allowed.reaches(address.ip()));
    }
    match first {
        Some(refused) if addresses.is_empty() => Err(NotConnected::Address(refused)),
        _ => Ok(addresses),
    }
}

/// TCP to the first address that answers; addresses of the other family get their chance soon, so
/// that a broken IPv6 route does not eat the time.
async fn dial(addresses: Vec<SocketAddr>) -> Result<(Box<dyn Stream>, IpAddr), String> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (preferred, others): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == first_is_v6);
    let connected = if others.is_empty() {
        one_of(preferred).await
    } else {
        one_of_two_families(preferred, others).await
    };
    let stream = connected.map_err(|error| innermost(&error))?;
    let _ = stream.set_nodelay(true); // only a matter of speed
    let address = stream.peer_addr().map_err(|error| innermost(&error))?.ip();
    Ok((Box::new(stream), address))
}

async fn one_of_two_families(
    preferred: Vec<SocketAddr>,
    others: Vec<SocketAddr>,
) -> io::Result<TcpStream> {
    let preferred = one_of(preferred);
    tokio::pin!(preferred);
    match tokio::time::timeout(HAPPY_EYEBALLS, &mut preferred).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(_)) => one_of(others).await,
        Err(_) => {
            let others = one_of(others);
            tokio::pin!(others);
            tokio::select! {
                first = &mut preferred => match first {
                    Ok(stream) => Ok(stream),
                    Err(_) => others.await,
                },
                second = &mut others => match second {
                    Ok(stream) => Ok(stream),
                    Err(_) => preferred.await,
                },
            }
        }
    }
}

async fn one_of(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Asks the proxy at the other end of `stream` for a connection to `target`.
async fn tunnel(
    mut stream: Box<dyn Stream>,
    target: &Target,
    proxy: &Intercept,
) -> Result<Box<dyn Stream>, String> {
    let host = target.host();
    let place = if host.contains(':') {
        format!("[{host}]:{}", target.port())
    } else {
        format!("{host}:{}", target.port())
    };
    let mut request = format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n").into_bytes();
    if let Some(credentials) = proxy.basic_auth() {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(credentials.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    let broken = |error: io::Error| format!("the proxy broke off: {error}");
    stream.write_all(&request).await.map_err(broken)?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= PROXY_HEAD_BYTES {
            return Err("the proxy's answer has no end".to_owned());
        }
        // Byte by byte: what follows the head belongs to the tunnel.
        head.push(stream.read_u8().await.map_err(broken)?);
    }
    let status = head.split(|&byte| byte == b' ').nth(1).unwrap_or_default();
    if status == b"200" {
        Ok(stream)
    } else {
        let status = String::from_utf8_lossy(status).into_owned();
        Err(format!("the proxy refused the tunnel with status {status}"))
    }
}

/// `Basic` credentials as a header's value.
pub(super) fn basic(user: &str, password: &str) -> String {
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    format!("Basic {encoded}")
}

/// The message of the cause of all causes: `Connection refused (os error 111)`.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    // An `io::Error` made from another error is not its own source, but holds it.
    while let Some(next) = cause.source().or_else(|| {
        let held = cause.downcast_ref::<io::Error>()?.get_ref()?;
        Some(held as &(dyn Error + 'static))
    }) {
        cause = next;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests;
