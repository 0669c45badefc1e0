mod resource;
mod verb;

pub use verb::GrantedVerb;

use super::pattern::NamePattern;
use super::selector::Selector;
use super::spelling;
use resource::{is_of_namespaces, is_of_the_cluster, read_target};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt;

/// `VERB[,VERB...] RESOURCE[.GROUP][/SUBRESOURCE] [in NAMESPACE[,NAMESPACE...]|in *]
/// [where LABEL-SELECTOR] [named PATTERN]`.
///
/// Without `in`, objects without a namespace are meant, and no others. `in *` means every
/// namespace except the system's (`kube-*`), which need naming.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KubernetesGrant {
    verbs: Vec<GrantedVerb>,
    resource: String,
    group: String,
    subresource: String,
    namespaces: Namespaces,
    selector: Option<Selector>,
    name: Option<NamePattern>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Namespaces {
    /// Every one but the system's.
    all: bool,
    named: Vec<String>,
}

/// Which objects a call is about, as far as that is known before it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subject<'c> {
    pub(crate) verb: GrantedVerb,
    pub(crate) resource: &'c str,
    pub(crate) group: &'c str,
    pub(crate) subresource: &'c str,
    /// `None`: all namespaces, or objects without one.
    pub(crate) namespace: Option<&'c str>,
    /// `None`: all names, or one that is not known yet.
    pub(crate) name: Option<&'c str>,
}

/// Namespaces that Kubernetes itself lives in.
pub(crate) fn is_system(namespace: &str) -> bool {
    namespace.starts_with("kube-")
}

impl KubernetesGrant {
    pub(super) fn read(line: &str) -> Result<KubernetesGrant, String> {
        let form = "write VERBS RESOURCE [in NAMESPACES] [where LABELS] [named PATTERN], such as \
                    get,delete pods in shop where app=checkout";
        let (verbs, rest) = word(line).ok_or(form)?;
        let (target, rest) = word(rest).ok_or(form)?;
        let mut known = Vec::new();
        for verb in super::list(verbs, "verb")? {
            known.push(GrantedVerb::parse(verb)?);
        }
        let (resource, group, subresource) = read_target(target)?;
        let mut grant = KubernetesGrant {
            verbs: known,
            resource,
            group,
            subresource,
            namespaces: Namespaces {
                all: false,
                named: Vec::new(),
            },
            selector: None,
            name: None,
        };
        let mut rest = rest;
        if let Some(("in", after)) = word(rest) {
            let (list, after) = word(after).ok_or("behind 'in' a namespace is missing")?;
            grant.namespaces = Namespaces::parse(list)?;
            rest = after;
        }
        if let Some(("where", after)) = word(rest) {
            // The selector may hold spaces, so it ends where the next word of ours stands.
            let (selector, after) = match after.find(" named ") {
                Some(end) => after.split_at(end),
                None => (after, ""),
            };
            grant.selector = Some(Selector::parse(selector)?);
            rest = after.trim_start();
        }
        if let Some(("named", after)) = word(rest) {
            let (pattern, after) = word(after).ok_or("behind 'named' a name is missing")?;
            grant.name = Some(NamePattern::parse(pattern)?);
            rest = after;
        }
        match word(rest) {
            None => grant.checked(),
            Some((other, _)) => Err(format!(
                "'{other}' does not belong there; {}; lists have no spaces, and the order is in, \
                 where, named",
                spelling::hint(other, &["in", "where", "named"])
            )),
        }
    }

    /// What can never take effect is refused, lest somebody rely on it.
    fn checked(self) -> Result<KubernetesGrant, String> {
        let all = self.verbs.contains(&GrantedVerb::DeleteCollection);
        if all && (self.name.is_some() || !self.subresource.is_empty()) {
            return Err(
                "deletecollection deletes all that match: 'named' and subresources do not go with it"
                    .to_owned(),
            );
        }
        let dot = if self.group.is_empty() { "" } else { "." };
        let resource = format!("{}{dot}{}", self.resource, self.group);
        let of_cluster = is_of_the_cluster(&resource);
        if of_cluster && !self.namespaces.are_none() {
            return Err(format!("{resource} have no namespace: leave out 'in'"));
        }
        let within = is_of_namespaces(&resource);
        if within && self.namespaces.are_none() {
            return Err(format!(
                "{resource} have a namespace: add 'in' and its name, or 'in *' for all but the \
                 system's"
            ));
        }
        Ok(self)
    }

    /// The API group that it is about; empty for the core group.
    pub(crate) fn group(&self) -> &str {
        &self.group
    }

    /// The narrowest line for one call.
    pub(crate) fn exactly(subject: &Subject<'_>) -> KubernetesGrant {
        let resource = subject.qualified();
        let of_cluster = is_of_the_cluster(&resource);
        let name = subject
            .name
            .and_then(|name| NamePattern::parse(name).ok())
            .filter(|pattern| pattern.exact().is_some());
        KubernetesGrant {
            verbs: vec![subject.verb],
            resource: subject.resource.to_owned(),
            group: subject.group.to_owned(),
            subresource: subject.subresource.to_owned(),
            namespaces: Namespaces {
                all: subject.namespace.is_none() && subject.is_of_all() && !of_cluster,
                named: subject.namespace.map(str::to_owned).into_iter().collect(),
            },
            selector: None,
            name,
        }
    }

    /// The line with these verbs and namespaces instead of its own: what was used of it.
    pub(crate) fn narrowed(
        &self,
        verbs: Vec<GrantedVerb>,
        scopes: &BTreeSet<Scope>,
    ) -> KubernetesGrant {
        let named = scopes.iter().filter_map(|scope| match scope {
            Scope::One(namespace) => Some(namespace.clone()),
            Scope::Cluster | Scope::All => None,
        });
        KubernetesGrant {
            verbs,
            namespaces: Namespaces {
                all: scopes.contains(&Scope::All),
                named: named.collect(),
            },
            ..self.clone()
        }
    }

    /// Whether objects of all namespaces are meant.
    pub(crate) fn is_for_all_namespaces(&self) -> bool {
        self.namespaces.all
    }

    /// Whether the call may concern objects that are meant: everything but the labels, and what is
    /// not known yet.
    pub(crate) fn admits(&self, subject: &Subject<'_>) -> bool {
        self.verbs.contains(&subject.verb)
            && self.resource == subject.resource
            && self.group == subject.group
            && self.subresource == subject.subresource
            && match subject.namespace {
                Some(namespace) => self.namespaces.contain(namespace),
                None if subject.is_of_all() => self.namespaces.all || self.namespaces.are_none(),
                None => self.namespaces.are_none(),
            }
            && subject.name.is_none_or(|name| self.means_name(name))
    }

    /// Whether an object with this metadata is meant.
    pub(crate) fn means(&self, metadata: Option<&Value>) -> bool {
        let text = |key: &str| metadata?.get(key)?.as_str();
        let within = match text("namespace") {
            Some(namespace) => self.namespaces.contain(namespace),
            None => self.namespaces.are_none(),
        };
        // An object that is yet to get its name from its server may get any with that beginning.
        let named = match (text("name"), text("generateName")) {
            (Some(name), _) => self.means_name(name),
            (None, generated) => self.name.as_ref().is_none_or(|pattern| {
                generated.is_some_and(|prefix| {
                    NamePattern::parse(&format!("{prefix}*"))
                        .is_ok_and(|all| all.is_within(pattern))
                })
            }),
        };
        within && named && self.selects(metadata)
    }

    /// Whether the labels in this metadata are those that are meant.
    pub(crate) fn selects(&self, metadata: Option<&Value>) -> bool {
        let labels = metadata.and_then(|metadata| metadata.get("labels"));
        self.selector
            .as_ref()
            .is_none_or(|selector| selector.matches(labels))
    }

    fn means_name(&self, name: &str) -> bool {
        // A system's namespace is an object too: whoever may delete it, may delete what is in it.
        let system = self.resource == "namespaces" && self.group.is_empty() && is_system(name);
        match &self.name {
            Some(pattern) => pattern.matches(name) && (!system || is_system(pattern.prefix())),
            None => !system,
        }
    }

    /// The labels that objects must have.
    pub(crate) fn selector(&self) -> Option<&Selector> {
        self.selector.as_ref()
    }

    /// Whether everything that `self` means is meant by `other`.
    pub fn is_within(&self, other: &KubernetesGrant) -> bool {
        self.verbs.iter().all(|verb| other.verbs.contains(verb))
            && self.resource == other.resource
            && self.group == other.group
            && self.subresource == other.subresource
            && self.namespaces.are_within(&other.namespaces)
            && match (&self.selector, &other.selector) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(own), Some(other)) => own.is_within(other),
            }
            && match (&self.name, &other.name) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(own), Some(other)) => own.is_within(other),
            }
    }

    /// What it allows, in words.
    pub fn explain(&self) -> String {
        let verbs: Vec<&str> = self.verbs.iter().map(|verb| verb.name()).collect();
        let Namespaces { all, named } = &self.namespaces;
        let place = match (all, named.as_slice()) {
            (true, []) => "in every namespace except the system's (kube-*)".to_owned(),
            (true, named) => format!(
                "in every namespace, of the system's only in {}",
                named.join(", ")
            ),
            (false, []) => "that have no namespace".to_owned(),
            (false, [one]) => format!("in the namespace {one}"),
            (false, named) => format!("in the namespaces {}", named.join(", ")),
        };
        let mut text = format!("{} {} {place}", verbs.join(", "), self.target());
        if let Some(selector) = &self.selector {
            text.push_str(&format!(", if their labels match {selector}"));
        }
        if let Some(name) = &self.name {
            text.push_str(&format!(", if their name matches {name}"));
        }
        text
    }

    fn target(&self) -> String {
        let dot = if self.group.is_empty() { "" } else { "." };
        let slash = if self.subresource.is_empty() { "" } else { "/" };
        format!(
            "{}{dot}{}{slash}{}",
            self.resource, self.group, self.subresource
        )
    }
}

/// Where calls went: what their line needs behind `in`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// Objects without a namespace.
    Cluster,
    /// All namespaces.
    All,
    /// One.
    One(String),
}

impl Subject<'_> {
    /// Whether the call is about all objects rather than one.
    fn is_of_all(&self) -> bool {
        use GrantedVerb::{DeleteCollection, List, Watch};
        matches!(self.verb, List | Watch | DeleteCollection)
    }

    /// `RESOURCE[.GROUP]`.
    fn qualified(&self) -> String {
        let dot = if self.group.is_empty() { "" } else { "." };
        format!("{}{dot}{}", self.resource, self.group)
    }
}

/// For people: `delete pods/eviction web-1 in shop`.
impl fmt::Display for Subject<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.verb.name(), self.qualified())?;
        if !self.subresource.is_empty() {
            write!(formatter, "/{}", self.subresource)?;
        }
        if let Some(name) = self.name {
            write!(formatter, " {}", name.escape_debug())?;
        }
        match self.namespace {
            Some(namespace) => write!(formatter, " in {}", namespace.escape_debug()),
            None if self.is_of_all() && !is_of_the_cluster(&self.qualified()) => {
                formatter.write_str(" in all namespaces")
            }
            None => Ok(()),
        }
    }
}

impl Namespaces {
    fn parse(text: &str) -> Result<Namespaces, String> {
        let mut namespaces = Namespaces {
            all: false,
            named: Vec::new(),
        };
        for part in super::list(text, "namespace")? {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            match part {
                "*" => namespaces.all = true,
                name if name.len() <= 63 && name.chars().all(plain) => {
                    namespaces.named.push(name.to_owned());
                }
                other => {
                    return Err(format!(
                        "'{other}' is no namespace: write names, or * for all but the system's"
                    ));
                }
            }
        }
        Ok(namespaces)
    }

    fn are_none(&self) -> bool {
        !self.all && self.named.is_empty()
    }

    fn contain(&self, namespace: &str) -> bool {
        (self.all && !is_system(namespace)) || self.named.iter().any(|own| own == namespace)
    }

    fn are_within(&self, other: &Namespaces) -> bool {
        match (self.are_none(), other.are_none()) {
            (false, false) => {
                (!self.all || other.all) && self.named.iter().all(|own| other.contain(own))
            }
            (own, other) => own == other,
        }
    }
}

impl fmt::Display for KubernetesGrant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verbs: Vec<&str> = self.verbs.iter().map(|verb| verb.name()).collect();
        write!(formatter, "{} {}", verbs.join(","), self.target())?;
        if !self.namespaces.are_none() {
            let all = self.namespaces.all.then_some("*");
            let named = self.namespaces.named.iter().map(String::as_str);
            let list: Vec<&str> = all.into_iter().chain(named).collect();
            write!(formatter, " in {}", list.join(","))?;
        }
        if let Some(selector) = &self.selector {
            write!(formatter, " where {selector}")?;
        }
        if let Some(name) = &self.name {
            write!(formatter, " named {name}")?;
        }
        Ok(())
    }
}

/// The first word, and what follows it.
fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (!word.is_empty()).then_some((word, rest.trim_start()))
}
