//! What grants were used for.

use super::{Bearer, Denial, Line, Permit};
use crate::Effect;
use crate::grant::{
    self, ConfigurationGrant, GrantedVerb, Grants, HttpGrant, Scope, SecretGrant, UrlPattern,
};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use url::Url;

/// Different paths of one place that are told apart; more become their common beginning.
const PATHS: usize = 8;

/// Different places, names and missing lines that are remembered. A guest chooses them, so there
/// has to be an end.
const REMEMBERED: usize = 256;

/// What a permit's lines were used for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Usage {
    /// Each line of each layer, the never used ones too.
    pub lines: Vec<LineUse>,
    /// Calls that were denied.
    pub denied: u64,
    /// The lines that were lacking.
    pub lacking: Vec<Lacking>,
    /// The narrowest lines that cover everything that was used. Empty lists: nothing was.
    pub tightened: Grants,
    /// Whether more was used or lacking than was remembered.
    pub partial: bool,
}

/// How often a line was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LineUse {
    /// The document.
    pub layer: String,
    /// The list in it.
    pub key: String,
    /// The line.
    pub line: String,
    /// Calls that it covered and that were made.
    pub used: u64,
    /// Calls that it covered and that were denied all the same: by another layer, for the address
    /// of a name, for an object's labels.
    pub denied: u64,
}

/// A line that would have granted what was denied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Lacking {
    /// The list that lacks it.
    pub key: String,
    /// The line.
    pub line: String,
    /// Calls that were denied for it.
    pub denied: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counter {
    used: AtomicU64,
    denied: AtomicU64,
}

impl Counter {
    pub(super) fn used(&self) {
        self.used.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn denied(&self) {
        self.denied.fetch_add(1, Ordering::Relaxed);
    }
}

/// What was done, in as much detail as narrower lines need.
#[derive(Debug, Default)]
pub(super) struct Log(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    /// By origin and method.
    requests: BTreeMap<(String, &'static str), Requests>,
    /// By line of the last layer.
    kubernetes: BTreeMap<usize, (BTreeSet<GrantedVerb>, BTreeSet<Scope>)>,
    /// By target, key and origin.
    secrets: BTreeMap<(String, String, String), Paths>,
    configuration: BTreeSet<String>,
    denied: u64,
    lacking: BTreeMap<(&'static str, String), u64>,
    partial: bool,
}

#[derive(Debug, Default)]
struct Requests {
    paths: Paths,
    named: BTreeSet<IpNet>,
    declared_read: bool,
}

#[derive(Debug, Default, Clone)]
struct Paths {
    exact: BTreeSet<String>,
    prefix: Option<String>,
}

impl Log {
    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn request(
        &self,
        method: &'static str,
        url: &Url,
        named: Option<IpAddr>,
        is_read: bool,
    ) {
        let Some(origin) = grant::origin(url) else {
            return;
        };
        let mut own = self.remembered();
        let own = &mut *own;
        let key = (origin, method);
        if let Some(requests) = entry(&mut own.requests, key, &mut own.partial) {
            requests.paths.add(grant::canonical_path(url.path()));
            requests.declared_read |= is_read && grant::effect_of(method) == Effect::Mutate;
            let address = named.map(|address| address.to_canonical());
            requests.named.extend(address.map(IpNet::from));
        }
    }

    pub(super) fn kubernetes(&self, line: usize, verb: GrantedVerb, scope: Scope) {
        let mut own = self.remembered();
        let own = &mut *own;
        let (verbs, scopes) = own.kubernetes.entry(line).or_default();
        verbs.insert(verb);
        match scopes.len() < REMEMBERED || scopes.contains(&scope) {
            true => drop(scopes.insert(scope)),
            false => own.partial = true,
        }
    }

    pub(super) fn secret(&self, target: &str, key: &str, url: &Url) {
        let Some(origin) = grant::origin(url) else {
            return;
        };
        let mut own = self.remembered();
        let own = &mut *own;
        let key = (target.to_owned(), key.to_owned(), origin);
        if let Some(paths) = entry(&mut own.secrets, key, &mut own.partial) {
            paths.add(grant::canonical_path(url.path()));
        }
    }

    pub(super) fn configuration(&self, name: &str) {
        let mut own = self.remembered();
        match own.configuration.len() < REMEMBERED || own.configuration.contains(name) {
            true => drop(own.configuration.insert(name.to_owned())),
            false => own.partial = true,
        }
    }

    pub(super) fn denied(&self, denial: &Denial) {
        let mut own = self.remembered();
        let own = &mut *own;
        own.denied += 1;
        if let Some(line) = &denial.line {
            let key = (denial.key, line.clone());
            if let Some(times) = entry(&mut own.lacking, key, &mut own.partial) {
                *times += 1;
            }
        }
    }
}

/// The entry of `key`, unless there are too many.
fn entry<'m, K: Ord, V: Default>(
    map: &'m mut BTreeMap<K, V>,
    key: K,
    partial: &mut bool,
) -> Option<&'m mut V> {
    if map.len() >= REMEMBERED && !map.contains_key(&key) {
        *partial = true;
        return None;
    }
    Some(map.entry(key).or_default())
}

impl Paths {
    fn add(&mut self, path: String) {
        if let Some(prefix) = &mut self.prefix {
            *prefix = common_folder(prefix, &path).to_owned();
            return;
        }
        self.exact.insert(path);
        if self.exact.len() > PATHS {
            let mut paths = std::mem::take(&mut self.exact).into_iter();
            let first = paths.next().unwrap_or_default();
            self.prefix = Some(
                paths.fold(common_folder(&first, &first).to_owned(), |all, one| {
                    common_folder(&all, &one).to_owned()
                }),
            );
        }
    }

    /// Patterns for them at `origin`.
    fn patterns(&self, origin: &str) -> Vec<UrlPattern> {
        // A star in a path cannot be written into a pattern, but what stands before it can.
        let exact = self.exact.iter().map(|path| match path.split_once('*') {
            Some((before, _)) => (before, "*"),
            None => (path.as_str(), ""),
        });
        let prefix = self.prefix.iter().map(|prefix| (prefix.as_str(), "*"));
        let mut patterns: Vec<UrlPattern> = Vec::new();
        for (path, star) in exact.chain(prefix) {
            let read = format!("{origin}{path}{star}").parse();
            // What may mean another path fits no prefix but that of all.
            let pattern = read.or_else(|_| format!("{origin}/*").parse());
            patterns.extend(pattern.ok().filter(|own| !patterns.contains(own)));
        }
        patterns
    }
}

/// What both begin with, up to a slash.
fn common_folder<'t>(one: &'t str, other: &str) -> &'t str {
    let same = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b);
    let length = same.count();
    let end = one.as_bytes()[..length].iter().rposition(|b| *b == b'/');
    end.map_or("/", |slash| &one[..=slash])
}

impl Permit {
    /// What its lines were used for so far.
    pub fn usage(&self) -> Usage {
        let mut lines = Vec::new();
        for layer in &self.layers {
            let name = &layer.name;
            lines.extend(uses(name, "http", &layer.http));
            lines.extend(uses(name, "kubernetes", &layer.kubernetes));
            lines.extend(uses(name, "secrets", &layer.secrets));
            lines.extend(uses(name, "configuration", &layer.configuration));
        }
        if let (Bearer::Builtin { process, file }, Some(layer)) =
            (&self.bearer, self.layers.first())
        {
            lines.extend(uses(&layer.name, "process", process));
            lines.extend(uses(&layer.name, "file", file));
        }
        let own = self.log.remembered();
        let lacking = own.lacking.iter().map(|((key, line), denied)| Lacking {
            key: (*key).to_owned(),
            line: line.clone(),
            denied: *denied,
        });
        Usage {
            lines,
            denied: own.denied,
            lacking: lacking.collect(),
            tightened: Grants {
                http: tightened_http(&own.requests),
                kubernetes: own
                    .kubernetes
                    .iter()
                    .filter_map(|(line, (verbs, scopes))| {
                        let grant = &self.layers.last()?.kubernetes.get(*line)?.grant;
                        Some(grant.narrowed(verbs.iter().copied().collect(), scopes))
                    })
                    .collect(),
                secrets: tightened_secrets(&own.secrets),
                configuration: own
                    .configuration
                    .iter()
                    .filter_map(|name| ConfigurationGrant::exactly(name))
                    .collect(),
            },
            partial: own.partial,
        }
    }
}

fn uses<G: Display>(layer: &str, key: &str, lines: &[Line<G>]) -> Vec<LineUse> {
    let uses = lines.iter().map(|line| LineUse {
        layer: layer.to_owned(),
        key: key.to_owned(),
        line: line.grant.to_string(),
        used: line.counter.used.load(Ordering::Relaxed),
        denied: line.counter.denied.load(Ordering::Relaxed),
    });
    uses.collect()
}

fn tightened_http(requests: &BTreeMap<(String, &'static str), Requests>) -> Vec<HttpGrant> {
    // Methods that were used alike share a line.
    type Alike = (UrlPattern, Vec<IpNet>, bool);
    let mut lines: Vec<(Alike, Vec<&'static str>)> = Vec::new();
    for ((origin, method), used) in requests {
        for pattern in used.paths.patterns(origin) {
            let named: Vec<IpNet> = used.named.iter().copied().collect();
            let alike = (pattern, named, used.declared_read);
            match lines.iter_mut().find(|(own, _)| *own == alike) {
                Some((_, methods)) => methods.push(method),
                None => lines.push((alike, vec![method])),
            }
        }
    }
    let grant = |((url, to, is_read), methods)| HttpGrant::of_used(methods, url, to, is_read);
    lines.into_iter().map(grant).collect()
}

fn tightened_secrets(secrets: &BTreeMap<(String, String, String), Paths>) -> Vec<SecretGrant> {
    let mut lines = Vec::new();
    for ((target, key, origin), paths) in secrets {
        for pattern in paths.patterns(origin) {
            lines.extend(format!("{target}.{key} to {pattern}").parse::<SecretGrant>());
        }
    }
    lines
}
