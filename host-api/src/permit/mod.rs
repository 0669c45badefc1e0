//! What the bearer of a pass may do, and what of it was used.

mod denial;
mod kubernetes;
mod usage;

pub use denial::Denial;
pub(crate) use kubernetes::Covering;
pub use url::Url;
pub use usage::{Lacking, LineUse, Usage};

use crate::Effect;
use crate::grant::{
    self, BuiltinGrants, ConfigurationGrant, FileAccess, FileGrant, Grants, HttpGrant,
    KubernetesGrant, ProcessGrant, SecretGrant,
};
use ipnet::IpNet;
use std::net::IpAddr;
use std::path::Path;
use url::Host;
use usage::{Counter, Log};

/// One document's grants, under the name that messages give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// Such as `plugin.toml` or `chaos-wasm.toml [plugins.checkout]`.
    pub name: String,
    /// What it grants.
    pub grants: Grants,
}

impl Layer {
    /// The name of the layer that the command line's `--grant` makes.
    pub const COMMAND_LINE: &'static str = "--grant";
}

/// What one guest may do, or the built-in activities under a policy. Every layer has to grant a
/// call; without any layer nothing is granted.
#[derive(Debug)]
pub struct Permit {
    bearer: Bearer,
    layers: Vec<Counted>,
    log: Log,
}

#[derive(Debug)]
enum Bearer {
    Guest,
    Builtin {
        process: Vec<Line<ProcessGrant>>,
        file: Vec<Line<FileGrant>>,
    },
}

/// A layer with a counter for each of its lines.
#[derive(Debug)]
struct Counted {
    name: String,
    http: Vec<Line<HttpGrant>>,
    kubernetes: Vec<Line<KubernetesGrant>>,
    secrets: Vec<Line<SecretGrant>>,
    configuration: Vec<Line<ConfigurationGrant>>,
}

#[derive(Debug)]
struct Line<G> {
    grant: G,
    counter: Counter,
}

/// The lines of each layer that cover a call, by their place in the list.
type Lines = Vec<Vec<usize>>;

/// An HTTP request that is granted.
#[derive(Debug, Clone)]
pub struct Allowed {
    /// Whether the request changes anything, by its method and the grants' `as read`.
    pub effect: Effect,
    method: &'static str,
    url: Url,
    /// Special networks that the host's name may resolve to, each layer's.
    named: Vec<Vec<IpNet>>,
    lines: Lines,
}

impl Allowed {
    /// Whether the request may go to `address`: the host itself when it is an address; loopback
    /// for `localhost`; else a public address, or one that a `to` of each layer names.
    pub fn reaches(&self, address: IpAddr) -> bool {
        let address = grant::address::canonical(address);
        match self.url.host() {
            Some(Host::Ipv4(own)) => address == IpAddr::V4(own),
            Some(Host::Ipv6(own)) => address == IpAddr::V6(own).to_canonical(),
            Some(Host::Domain("localhost")) => address.is_loopback(),
            Some(Host::Domain(_)) => {
                !grant::is_special(address)
                    || (!self.named.is_empty()
                        && self
                            .named
                            .iter()
                            .all(|networks| grant::address::is_named(address, networks)))
            }
            None => false,
        }
    }

    /// Whether the host is this machine or another special address, and written as one: not to be
    /// looked for behind a proxy.
    pub(crate) fn is_near(&self) -> bool {
        match self.url.host() {
            Some(Host::Ipv4(own)) => grant::is_special(own.into()),
            Some(Host::Ipv6(own)) => grant::is_special(own.into()),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        }
    }

    fn call(&self) -> String {
        shown(self.method, &self.url)
    }
}

impl Permit {
    /// A guest's permit.
    pub fn new(layers: impl IntoIterator<Item = Layer>) -> Permit {
        Permit {
            bearer: Bearer::Guest,
            layers: layers.into_iter().map(Counted::new).collect(),
            log: Log::default(),
        }
    }

    /// The permit of built-in activities under a policy. Their effects stay as the experiment's
    /// author declared them.
    pub fn builtin(name: impl Into<String>, grants: BuiltinGrants) -> Permit {
        let BuiltinGrants {
            http,
            kubernetes,
            process,
            file,
        } = grants;
        let calls = Grants {
            http,
            kubernetes,
            ..Grants::default()
        };
        Permit {
            bearer: Bearer::Builtin {
                process: counted(process),
                file: counted(file),
            },
            layers: vec![Counted::new(Layer {
                name: name.into(),
                grants: calls,
            })],
            log: Log::default(),
        }
    }

    /// Whether a guest bears it, whose word about what a call does counts for nothing.
    pub fn is_guest(&self) -> bool {
        matches!(self.bearer, Bearer::Guest)
    }

    /// Checks an HTTP request before its host's name is looked up.
    ///
    /// # Errors
    /// A layer has no line for it.
    pub fn http(&self, method: &str, url: &Url) -> Result<Allowed, Denial> {
        let covering = self.covering(Counted::http, |line| line.matches(method, url));
        let (Some(known), Ok(lines)) = (HttpGrant::method(method), &covering) else {
            let lacking = covering.err().unwrap_or_default();
            return Err(self.deny_http(method, url, &lacking));
        };
        let each = || self.layers.iter().zip(lines);
        let is_read = each().all(|(layer, lines)| {
            let read = |line: &HttpGrant| line.is_read();
            chosen(&layer.http, lines).any(read)
        });
        let named = each().map(|(layer, lines)| {
            let networks = chosen(&layer.http, lines).flat_map(HttpGrant::to);
            networks.copied().collect()
        });
        Ok(Allowed {
            effect: match is_read {
                true => Effect::Read,
                false => grant::effect_of(method),
            },
            method: known,
            url: without_userinfo(url),
            named: named.collect(),
            lines: lines.clone(),
        })
    }

    fn deny_http(&self, method: &str, url: &Url, lacking: &[usize]) -> Denial {
        let ambiguous = lacking.iter().all(|layer| {
            let lines = self.layers.get(*layer).map(|own| &own.http);
            let fails = |line: &Line<HttpGrant>| line.grant.url.fails_for_ambiguity(url);
            lines.is_some_and(|lines| lines.iter().any(fails))
        });
        self.deny(Denial {
            key: "http",
            call: shown(method, url),
            layers: self.names(lacking),
            line: HttpGrant::exactly(method, url, None).map(|line| line.to_string()),
            reason: (ambiguous && !lacking.is_empty())
                .then(|| "its path may be another one to the server than it seems".to_owned()),
        })
    }

    /// Notes that an allowed request leaves, to `address` unless a proxy looks that up.
    pub(crate) fn sent(&self, allowed: &Allowed, address: Option<IpAddr>) {
        self.count(Counted::http, &allowed.lines, Counter::used);
        let is_read = allowed.effect == Effect::Read;
        let named = address.filter(|address| {
            matches!(allowed.url.host(), Some(Host::Domain(name)) if name != "localhost")
                && grant::is_special(*address)
        });
        self.log
            .request(allowed.method, &allowed.url, named, is_read);
    }

    /// The denial of an allowed request whose host's name resolves to `address` and to nothing
    /// better.
    pub(crate) fn deny_address(&self, allowed: &Allowed, address: IpAddr) -> Denial {
        self.count(Counted::http, &allowed.lines, Counter::denied);
        let address = grant::address::canonical(address);
        let lacking: Vec<usize> = (0..self.layers.len())
            .filter(|layer| {
                let networks = allowed.named.get(*layer).map_or(&[][..], Vec::as_slice);
                !grant::address::is_named(address, networks)
            })
            .collect();
        let host = allowed.url.host_str().unwrap_or_default();
        let reason = match allowed.url.host() {
            Some(Host::Domain("localhost")) => {
                format!("localhost resolves to {address}, which is not this machine")
            }
            _ => format!("{host} resolves to {address}, no public address"),
        };
        let is_localhost = host == "localhost";
        let line = HttpGrant::exactly(allowed.method, &allowed.url, Some(address)).map(|line| {
            let declared = grant::effect_of(allowed.method) != allowed.effect;
            let line = if declared { line.declared_read() } else { line };
            line.to_string()
        });
        self.deny(Denial {
            key: "http",
            call: allowed.call(),
            layers: match is_localhost {
                true => Vec::new(),
                false => self.names(&lacking),
            },
            line: line.filter(|_| !is_localhost),
            reason: Some(reason),
        })
    }

    /// Checks that a secret may be sent to `url`, and counts it as used.
    ///
    /// # Errors
    /// A layer has no line for it.
    pub fn secret(&self, target: &str, key: &str, url: &Url) -> Result<(), Denial> {
        let lines = self.covering(Counted::secrets, |line| line.matches(target, key, url));
        match lines {
            Ok(lines) => {
                self.count(Counted::secrets, &lines, Counter::used);
                self.log.secret(target, key, url);
                Ok(())
            }
            Err(lacking) => {
                let place = grant::origin(url).unwrap_or_default();
                let path = grant::canonical_path(url.path());
                Err(self.deny(Denial {
                    key: "secrets",
                    call: format!("send the secret {target}.{key} to {place}{path}"),
                    layers: self.names(&lacking),
                    line: SecretGrant::exactly(target, key, url).map(|line| line.to_string()),
                    reason: None,
                }))
            }
        }
    }

    /// Checks that a secret may be sent somewhere at all, before it is known whereto. Counts
    /// nothing.
    ///
    /// # Errors
    /// A layer has no line for this secret.
    pub fn names_secret(&self, target: &str, key: &str) -> Result<(), Denial> {
        let lines = self.covering(Counted::secrets, |line| line.names(target, key));
        lines.map(drop).map_err(|lacking| {
            self.deny(Denial {
                key: "secrets",
                call: format!(
                    "use the secret {}.{}",
                    target.escape_debug(),
                    key.escape_debug()
                ),
                layers: self.names(&lacking),
                line: Some(format!(
                    "{}.{} to https://HOST/PATH",
                    target.escape_debug(),
                    key.escape_debug()
                )),
                reason: None,
            })
        })
    }

    /// Checks that an entry of the configuration may be read, and counts it as used.
    ///
    /// # Errors
    /// A layer has no line for it.
    pub fn configuration(&self, name: &str) -> Result<(), Denial> {
        let lines = self.covering(Counted::configuration, |line| line.matches(name));
        match lines {
            Ok(lines) => {
                self.count(Counted::configuration, &lines, Counter::used);
                self.log.configuration(name);
                Ok(())
            }
            Err(lacking) => Err(self.deny(Denial {
                key: "configuration",
                call: format!("read the configuration {}", name.escape_debug()),
                layers: self.names(&lacking),
                line: ConfigurationGrant::exactly(name).map(|line| line.to_string()),
                reason: None,
            })),
        }
    }

    /// Checks that a program may be started, and counts it as used.
    pub(crate) fn process(&self, program: &Path) -> Result<(), Denial> {
        let denial = |layers, reason: Option<String>| Denial {
            key: "process",
            call: format!("start {}", program.display()),
            layers,
            line: Some(program.display().to_string())
                .filter(|line| line.parse::<ProcessGrant>().is_ok()),
            reason,
        };
        let Bearer::Builtin { process, .. } = &self.bearer else {
            let reason = "a plugin starts no processes".to_owned();
            return Err(self.deny(denial(Vec::new(), Some(reason))));
        };
        match process.iter().find(|line| line.grant.matches(program)) {
            Some(line) => {
                line.counter.used();
                Ok(())
            }
            None => Err(self.deny(denial(self.names(&[0]), None))),
        }
    }

    /// Checks that files may be touched, each in its way, and counts it as used.
    pub(crate) fn file(&self, call: &str, files: &[(FileAccess, &Path)]) -> Result<(), Denial> {
        let Bearer::Builtin { file, .. } = &self.bearer else {
            return Err(self.deny(Denial {
                key: "file",
                call: call.to_owned(),
                layers: Vec::new(),
                line: None,
                reason: Some("a plugin touches no files".to_owned()),
            }));
        };
        let mut used = Vec::new();
        for (access, path) in files {
            match file.iter().find(|line| line.grant.matches(*access, path)) {
                Some(line) => used.push(&line.counter),
                None => {
                    let word = match access {
                        FileAccess::Read => "read",
                        FileAccess::Write => "write",
                    };
                    let line = format!("{word} {}", path.display());
                    return Err(self.deny(Denial {
                        key: "file",
                        call: call.to_owned(),
                        layers: self.names(&[0]),
                        line: Some(line).filter(|line| line.parse::<FileGrant>().is_ok()),
                        reason: None,
                    }));
                }
            }
        }
        used.into_iter().for_each(Counter::used);
        Ok(())
    }

    /// Per layer, the lines for which `covers`; or else the layers that have none.
    fn covering<G>(
        &self,
        list: fn(&Counted) -> &[Line<G>],
        covers: impl Fn(&G) -> bool,
    ) -> Result<Lines, Vec<usize>> {
        let of = |layer| {
            let lines = list(layer).iter().enumerate();
            let covering = lines.filter(|(_, line)| covers(&line.grant));
            covering.map(|(index, _)| index).collect()
        };
        let lines: Lines = self.layers.iter().map(of).collect();
        let empty = lines.iter().enumerate().filter(|(_, own)| own.is_empty());
        let lacking: Vec<usize> = empty.map(|(layer, _)| layer).collect();
        if lacking.is_empty() && !lines.is_empty() {
            return Ok(lines);
        }
        self.count(list, &lines, Counter::denied);
        Err(lacking)
    }

    fn count<G>(&self, list: fn(&Counted) -> &[Line<G>], lines: &Lines, count: fn(&Counter)) {
        for (layer, covering) in self.layers.iter().zip(lines) {
            let counters = covering.iter().filter_map(|line| list(layer).get(*line));
            counters.for_each(|line| count(&line.counter));
        }
    }

    fn names(&self, layers: &[usize]) -> Vec<String> {
        if self.layers.is_empty() {
            return vec!["any document".to_owned()];
        }
        let of = |layer: &usize| self.layers.get(*layer).map(|own| own.name.clone());
        layers.iter().filter_map(of).collect()
    }

    fn deny(&self, denial: Denial) -> Denial {
        self.log.denied(&denial);
        denial
    }
}

impl Counted {
    fn new(layer: Layer) -> Counted {
        let Layer { name, grants } = layer;
        Counted {
            name,
            http: counted(grants.http),
            kubernetes: counted(grants.kubernetes),
            secrets: counted(grants.secrets),
            configuration: counted(grants.configuration),
        }
    }

    fn http(&self) -> &[Line<HttpGrant>] {
        &self.http
    }

    fn kubernetes(&self) -> &[Line<KubernetesGrant>] {
        &self.kubernetes
    }

    fn secrets(&self) -> &[Line<SecretGrant>] {
        &self.secrets
    }

    fn configuration(&self) -> &[Line<ConfigurationGrant>] {
        &self.configuration
    }
}

fn counted<G>(grants: Vec<G>) -> Vec<Line<G>> {
    let line = |grant| Line {
        grant,
        counter: Counter::default(),
    };
    grants.into_iter().map(line).collect()
}

/// The grants at these places.
fn chosen<'l, G>(lines: &'l [Line<G>], places: &'l [usize]) -> impl Iterator<Item = &'l G> {
    places
        .iter()
        .filter_map(|place| lines.get(*place).map(|line| &line.grant))
}

/// A request for people: without user information and query.
fn shown(method: &str, url: &Url) -> String {
    let origin = grant::origin(url).unwrap_or_default();
    format!("{method} {origin}{}", grant::canonical_path(url.path()))
}

fn without_userinfo(url: &Url) -> Url {
    let mut url = url.clone();
    // Cannot fail: the URL has a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url
}
