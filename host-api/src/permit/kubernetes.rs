use super::usage::Counter;
use super::{Counted, Denial, Lines, Permit, chosen};
use crate::grant::{KubernetesGrant, Scope, Subject};
use serde_json::Value;

/// The lines that cover a call as far as that is known before it is made. What it is about
/// (objects' names and labels) is held against them as well.
#[derive(Debug, Clone)]
pub(crate) struct Covering(Lines);

impl Permit {
    /// Checks a Kubernetes call.
    ///
    /// # Errors
    /// A layer has no line that could cover it.
    pub(crate) fn kubernetes(&self, subject: &Subject<'_>) -> Result<Covering, Denial> {
        self.covering(Counted::kubernetes, |line| line.admits(subject))
            .map(Covering)
            .map_err(|lacking| {
                let reason = match subject.namespace {
                    Some(namespace) if crate::grant::is_system(namespace) => Some(format!(
                        "{namespace} is the system's and has to be granted by name"
                    )),
                    _ => None,
                };
                self.deny(Denial {
                    key: "kubernetes",
                    call: subject.to_string(),
                    layers: self.names(&lacking),
                    line: Some(KubernetesGrant::exactly(subject).to_string()),
                    reason,
                })
            })
    }

    /// Checks that anything of an API group is granted, so that its versions may be asked for.
    ///
    /// # Errors
    /// A layer has no line about it.
    pub(crate) fn kubernetes_group(&self, group: &str) -> Result<(), Denial> {
        let covering = self.covering(Counted::kubernetes, |line| line.group() == group);
        covering.map(drop).map_err(|lacking| {
            self.deny(Denial {
                key: "kubernetes",
                call: format!("ask for the versions of {group}"),
                layers: self.names(&lacking),
                line: None,
                reason: Some(format!("no line is about the API group {group}")),
            })
        })
    }

    /// Label selectors to send along, so that the server leaves out what is not granted. Those of
    /// a layer with several different ones cannot be sent as one; its lines are held against each
    /// object alone.
    pub(crate) fn selectors(&self, covering: &Covering) -> Vec<String> {
        let mut selectors = Vec::new();
        for grants in self.chosen(covering) {
            if let Some(Some(selector)) = the_one(grants.map(KubernetesGrant::selector)) {
                let selector = selector.to_string();
                if !selectors.contains(&selector) {
                    selectors.push(selector);
                }
            }
        }
        selectors
    }

    /// Whether the server can be told by selectors all that is granted.
    pub(crate) fn is_told_by_selectors(&self, covering: &Covering) -> bool {
        self.chosen(covering).all(|grants| {
            let selectors: Vec<_> = grants.map(KubernetesGrant::selector).collect();
            selectors.contains(&None) || the_one(selectors.into_iter()).is_some()
        })
    }

    /// Whether it depends on an object's labels if the call is granted.
    pub(crate) fn depends_on_labels(&self, covering: &Covering) -> bool {
        self.chosen(covering)
            .any(|mut grants| grants.all(|line| line.selector().is_some()))
    }

    /// Whether an object with this metadata is granted by each layer.
    pub(crate) fn means(&self, covering: &Covering, metadata: Option<&Value>) -> bool {
        self.chosen(covering)
            .all(|mut grants| grants.any(|line| line.means(metadata)))
    }

    /// The denial of a call that is covered, but not for this object.
    pub(crate) fn deny_object(
        &self,
        covering: &Covering,
        subject: &Subject<'_>,
        metadata: Option<&Value>,
    ) -> Denial {
        self.count(Counted::kubernetes, &covering.0, Counter::denied);
        let all = self.chosen(covering).enumerate();
        let lacking = all.filter_map(|(layer, mut grants)| {
            (!grants.any(|line| line.means(metadata))).then_some(layer)
        });
        let lacking: Vec<usize> = lacking.collect();
        self.deny(Denial {
            key: "kubernetes",
            call: subject.to_string(),
            layers: self.names(&lacking),
            line: Some(KubernetesGrant::exactly(subject).to_string()),
            reason: Some("the object is not one of those (by name and labels)".to_owned()),
        })
    }

    /// The denial of a call whose objects cannot be told to the server.
    pub(crate) fn deny_untold(&self, covering: &Covering, subject: &Subject<'_>) -> Denial {
        self.count(Counted::kubernetes, &covering.0, Counter::denied);
        self.deny(Denial {
            key: "kubernetes",
            call: subject.to_string(),
            layers: Vec::new(),
            line: None,
            reason: Some(
                "several lines with different labels cover it, which is more than one selector \
                 can say"
                    .to_owned(),
            ),
        })
    }

    /// Notes that a covered call leaves.
    pub(crate) fn made(&self, covering: &Covering, subject: &Subject<'_>) {
        self.count(Counted::kubernetes, &covering.0, Counter::used);
        // What could be tightened is the last layer: the operator's.
        let (Some(layer), Some(lines)) = (self.layers.last(), covering.0.last()) else {
            return;
        };
        let granting = lines.iter().find_map(|line| {
            let grant = &layer.kubernetes.get(*line)?.grant;
            Some((*line, grant.is_for_all_namespaces()))
        });
        if let Some((line, for_all)) = granting {
            let scope = match subject.namespace {
                Some(namespace) => Scope::One(namespace.to_owned()),
                None if for_all => Scope::All,
                None => Scope::Cluster,
            };
            self.log.kubernetes(line, subject.verb, scope);
        }
    }

    fn chosen<'p>(
        &'p self,
        covering: &'p Covering,
    ) -> impl Iterator<Item = impl Iterator<Item = &'p KubernetesGrant>> {
        let layers = self.layers.iter().zip(&covering.0);
        layers.map(|(layer, lines)| chosen(&layer.kubernetes, lines))
    }
}

/// The value that all are equal to.
fn the_one<T: PartialEq>(mut values: impl Iterator<Item = T>) -> Option<T> {
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}
