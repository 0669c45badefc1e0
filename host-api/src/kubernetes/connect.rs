//! Settings in, client out.

use super::error::causes;
use super::settings::{Cluster, ClusterSettings, Credentials, ProxySettings};
use super::{KubernetesError, plugin};
use http::Uri;
use k8s_openapi::jiff::Timestamp;
use kube::config::{AuthInfo, KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OnceCell;

/// How long making a connection may take, within the call's own deadline.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Credentials are renewed when they have less than this left, in seconds.
const RENEWAL_MARGIN: i64 = 60;

/// Connections to clusters, made when first needed, kept for the run.
#[derive(Default)]
pub(crate) struct Clients {
    cells: Mutex<HashMap<ClusterSettings, Arc<OnceCell<LoggedIn>>>>,
}

/// A client, and when its credentials expire, if they do.
struct LoggedIn {
    client: Client,
    expires: Option<Timestamp>,
}

impl LoggedIn {
    fn ran_out(&self) -> bool {
        let soon = Timestamp::now().as_second().saturating_add(RENEWAL_MARGIN);
        self.expires.is_some_and(|at| at.as_second() <= soon)
    }
}

impl Clients {
    /// The client for these settings; made by one caller while the others wait. A failure is not
    /// remembered, a client whose credentials run out is replaced.
    pub(super) async fn client(
        &self,
        settings: &ClusterSettings,
    ) -> Result<Client, KubernetesError> {
        let cell = {
            let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
            cells.retain(|_, cell| !cell.get().is_some_and(LoggedIn::ran_out));
            Arc::clone(cells.entry(settings.clone()).or_default())
        };
        let logged_in = cell.get_or_try_init(|| log_in(settings.clone())).await?;
        Ok(logged_in.client.clone())
    }
}

async fn log_in(settings: ClusterSettings) -> Result<LoggedIn, KubernetesError> {
    let mut config = aside(move || configure(settings)).await?;
    let expires = plugin::log_in(&mut config.auth_info).await?;
    let client = aside(move || {
        Client::try_from(config).map_err(|error| KubernetesError::Config(causes(&error)))
    })
    .await?;
    Ok(LoggedIn { client, expires })
}

/// Runs what reads files, from a disk that may hang, on a thread that nobody has to wait for.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, KubernetesError> + Send + 'static,
) -> Result<T, KubernetesError> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let runtime = tokio::runtime::Handle::current();
    std::thread::Builder::new()
        .name("kubernetes-login".into())
        .spawn(move || {
            let _entered = runtime.enter();
            // Nobody listens any more once the deadline has passed.
            let _ = sender.send(work());
        })
        .map_err(|error| KubernetesError::Config(format!("cannot start a thread: {error}")))?;
    receiver
        .await
        .map_err(|_| KubernetesError::Config("logging in ended unexpectedly".into()))?
}

fn configure(settings: ClusterSettings) -> Result<Config, KubernetesError> {
    // The first one counts; every part of this crate installs the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let ClusterSettings { cluster, proxy } = settings;
    let (mut config, own_proxy) = match cluster {
        Cluster::Kubeconfig { paths, context } => from_files(&paths, context)?,
        Cluster::Pod { server, folder } => (in_cluster(&server, &folder)?, None),
        Cluster::Explicit {
            server,
            credentials,
            authority,
            verify,
        } => (explicit(&server, credentials, authority, verify)?, None),
    };
    config.proxy_url = choose_proxy(&config.cluster_url, own_proxy, &proxy)?;
    let plain = |url: &Uri| url.scheme() == Some(&http::uri::Scheme::HTTP);
    let without_tls = plain(&config.cluster_url) && config.proxy_url.as_ref().is_none_or(plain);
    if config.root_cert.is_none() && (without_tls || config.accept_invalid_certs) {
        // Nothing will be verified: spare the reading of the system's authorities.
        config.root_cert = Some(Vec::new());
    }
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    // Retries are the door's: each is charged.
    config.default_retry = false;
    Ok(config)
}

fn from_files(
    paths: &[PathBuf],
    context: Option<String>,
) -> Result<(Config, Option<String>), KubernetesError> {
    let names: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
    let wrong = |error: KubeconfigError| {
        KubernetesError::Config(format!(
            "kubeconfig {}: {}",
            names.join(", "),
            explain(&error)
        ))
    };
    let mut merged = Kubeconfig::default();
    for path in paths {
        let next = Kubeconfig::read_from(path).map_err(wrong)?;
        merged = merged.merge(next).map_err(wrong)?;
    }
    let own_proxy = proxy_of(&mut merged, context.as_deref());
    let options = KubeConfigOptions {
        context,
        ..Default::default()
    };
    // What is asynchronous about it does not wait for anything.
    let config =
        futures_util::FutureExt::now_or_never(Config::from_custom_kubeconfig(merged, &options))
            .ok_or_else(|| KubernetesError::Config("the kubeconfig could not be read".into()))?
            .map_err(wrong)?;
    Ok((config, own_proxy))
}

/// Why a kubeconfig cannot be used. Never with a part of its text: it may hold tokens.
fn explain(error: &KubeconfigError) -> String {
    match error {
        KubeconfigError::CurrentContextNotSet => {
            "it has no current-context; set KUBERNETES_CONTEXT".into()
        }
        KubeconfigError::LoadContext(name) => {
            format!("it has no context named '{name}'; see `kubectl config get-contexts`")
        }
        KubeconfigError::LoadClusterOfContext(name) => {
            format!("it has no cluster named '{name}', which the context names")
        }
        KubeconfigError::Parse(_) => "it is not the YAML of a kubeconfig".into(),
        other => causes(other),
    }
}

/// Takes the `proxy-url` of the context's cluster, so that the choice is made in one place.
fn proxy_of(config: &mut Kubeconfig, context: Option<&str>) -> Option<String> {
    let name = context.or(config.current_context.as_deref())?;
    let named = config.contexts.iter().find(|entry| entry.name == name)?;
    let cluster = named.context.as_ref()?.cluster.clone();
    config
        .clusters
        .iter_mut()
        .find(|entry| entry.name == cluster)?
        .cluster
        .as_mut()?
        .proxy_url
        .take()
        .filter(|url| !url.is_empty())
}

fn in_cluster(server: &str, folder: &std::path::Path) -> Result<Config, KubernetesError> {
    let mut config = Config::new(address(server)?);
    let authority = folder.join("ca.crt");
    config.root_cert = Some(certificates(&authority)?);
    config.root_cert_file = Some(authority);
    config.auth_info.token_file = Some(folder.join("token").display().to_string());
    Ok(config)
}

fn explicit(
    server: &str,
    credentials: Credentials,
    authority: Option<PathBuf>,
    verify: bool,
) -> Result<Config, KubernetesError> {
    let mut config = Config::new(address(server)?);
    config.accept_invalid_certs = !verify;
    if let Some(path) = authority {
        config.root_cert = Some(certificates(&path)?);
    }
    match credentials {
        Credentials::None => {}
        Credentials::Header(text) => {
            let mut value = http::HeaderValue::try_from(text.0).map_err(|_| {
                KubernetesError::Config("KUBERNETES_API_KEY cannot be sent in a header".into())
            })?;
            value.set_sensitive(true);
            config.headers.push((http::header::AUTHORIZATION, value));
        }
        Credentials::Certificate { certificate, key } => {
            config.auth_info = AuthInfo {
                client_certificate: Some(certificate.display().to_string()),
                client_key: Some(key.display().to_string()),
                ..Default::default()
            };
        }
        Credentials::Basic { user, password } => {
            config.auth_info = AuthInfo {
                username: Some(user),
                password: Some(password.0.into()),
                ..Default::default()
            };
        }
    }
    Ok(config)
}

fn address(server: &str) -> Result<Uri, KubernetesError> {
    let with_scheme = match server.contains("://") {
        true => server.to_owned(),
        false => format!("https://{server}"),
    };
    with_scheme
        .parse()
        .map_err(|_| KubernetesError::Config(format!("'{server}' is no address of an API server")))
}

fn certificates(path: &std::path::Path) -> Result<Vec<Vec<u8>>, KubernetesError> {
    use rustls::pki_types::{CertificateDer, pem::PemObject};
    let wrong = |error: &dyn std::fmt::Display| {
        KubernetesError::Config(format!(
            "certificate authorities {}: {error}",
            path.display()
        ))
    };
    let found = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong(&error))?;
    if found.is_empty() {
        return Err(wrong(&"the file holds no certificate"));
    }
    Ok(found.into_iter().map(|der| der.to_vec()).collect())
}

/// A kubeconfig's own proxy first, then the environment's, unless the host is exempt from it.
fn choose_proxy(
    server: &Uri,
    own: Option<String>,
    environment: &ProxySettings,
) -> Result<Option<Uri>, KubernetesError> {
    let exempt = || exempt(server, environment.except.as_deref().unwrap_or_default());
    let url = match (own, &environment.url) {
        (Some(own), _) => own,
        (None, Some(url)) if !exempt() => url.clone(),
        _ => return Ok(None),
    };
    let url = match url.contains("://") {
        true => url,
        false => format!("http://{url}"),
    };
    let parsed = url.parse::<Uri>();
    // The text may hold a password, so it is not repeated.
    parsed
        .map(Some)
        .map_err(|_| KubernetesError::Config("the proxy's URL is not usable".into()))
}

/// `NO_PROXY`: names, `.suffixes`, addresses and `*`, separated by commas, each perhaps with a
/// port. Loopback is never reached through a proxy.
fn exempt(server: &Uri, list: &str) -> bool {
    let host = server.host().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let loopback = host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    let port = server.port_u16();
    loopback
        || list.split(',').map(str::trim).any(|entry| {
            let (name, wanted) = match entry.rsplit_once(':') {
                Some((name, digits)) if !name.contains(':') => (name, digits.parse().ok()),
                _ => (entry, None),
            };
            let name = name.trim_start_matches("*.").trim_start_matches('.');
            let port_fits = wanted.is_none() || wanted == port;
            let is_within = host
                .strip_suffix(name)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
            entry == "*"
                || (!name.is_empty() && port_fits && is_within)
                || within_network(host, entry)
        })
}

/// Whether an address lies within a network such as `10.0.0.0/8`.
fn within_network(host: &str, network: &str) -> bool {
    use std::net::IpAddr;
    let Some((base, length)) = network.split_once('/') else {
        return false;
    };
    let (Ok(host), Ok(base), Ok(length)) = (
        host.parse::<IpAddr>(),
        base.parse::<IpAddr>(),
        length.parse::<u32>(),
    ) else {
        return false;
    };
    let bits = |address: IpAddr| match address {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()) << 96, 32),
        IpAddr::V6(v6) => (v6.to_bits(), 128),
    };
    let ((host, host_width), (base, base_width)) = (bits(host), bits(base));
    if host_width != base_width || length > host_width {
        return false;
    }
    let differing = host ^ base;
    length == 0 || differing >> (128 - length) == 0
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;

    #[test]
    fn who_is_exempt_from_the_proxy() {
        for (server, list, expected) in [
            ("https://a.example.org", "example.org", true),
            ("https://a.example.org", ".example.org", true),
            ("https://a.example.org", "*.example.org", true),
            ("https://example.org", "example.org", true),
            ("https://notexample.org", "example.org", false),
            ("https://a.example.org:6443", "example.org:6443", true),
            ("https://a.example.org:6443", "example.org:443", false),
            ("https://a.example.org", "*", true),
            ("https://a.example.org", "", false),
            ("https://10.1.2.3:6443", "192.168.0.0/16, 10.0.0.0/8", true),
            ("https://11.1.2.3:6443", "10.0.0.0/8", false),
            ("https://[fd00::5]:6443", "fd00::/8", true),
            ("http://127.0.0.1:8001", "", true),
            ("http://localhost:8001", "", true),
        ] {
            let server: Uri = server.parse().unwrap();
            assert_eq!(exempt(&server, list), expected, "{server} {list}");
        }
    }

    #[test]
    fn the_kubeconfigs_proxy_goes_first() {
        let server: Uri = "https://api.example.org".parse().unwrap();
        let environment = ProxySettings {
            url: Some("http://env:1".into()),
            except: Some("example.org".into()),
        };
        let own = choose_proxy(&server, Some("http://own:1".into()), &environment).unwrap();
        assert_eq!(own.unwrap().host(), Some("own"));
        assert_eq!(choose_proxy(&server, None, &environment).unwrap(), None);
        let environment = ProxySettings {
            except: None,
            ..environment
        };
        let chosen = choose_proxy(&server, None, &environment).unwrap();
        assert_eq!(chosen.unwrap().host(), Some("env"));
    }
}
