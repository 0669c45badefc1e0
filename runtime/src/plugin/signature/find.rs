//! The function that a name means.

use super::{Function, Kind, Refused, Signature};
use crate::experiment::nearest;

/// Why there is no function of a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// None is called so.
    #[error("the plugin has no {} '{name}'; {}", noun(*.kind), advice(.nearest, .offered))]
    Unknown {
        /// What was looked for.
        kind: Option<Kind>,
        /// As asked.
        name: String,
        /// What was probably meant.
        nearest: Option<String>,
        /// All that there are.
        offered: Vec<String>,
    },
    /// There is one, of another kind.
    #[error("'{name}' of the plugin is {}, not {}", .actual.with_article(), .kind.with_article())]
    OtherKind {
        /// What was looked for.
        kind: Kind,
        /// As asked.
        name: String,
        /// What it is.
        actual: Kind,
    },
    /// Several are called so, in different packages or versions.
    #[error("the plugin has several functions '{name}'; use one of the full names: {}", .names.join(", "))]
    Ambiguous {
        /// As asked.
        name: String,
        /// The full names.
        names: Vec<String>,
    },
    /// There is one that cannot be called.
    #[error("the plugin's '{name}' cannot be called: {reason}")]
    Refused {
        /// As asked.
        name: String,
        /// Why.
        reason: String,
    },
}

impl Signature {
    /// The function called `name`: as in WIT, with `_` for `-` too, or with its interface before
    /// it (`shop:checkout/probes@1.0.0#p99-latency`, `probes.p99_latency`).
    ///
    /// # Errors
    /// There is none, or more than one.
    pub fn find(&self, kind: impl Into<Option<Kind>>, name: &str) -> Result<&Function, NotFound> {
        let kind = kind.into();
        let asked = name.replace('_', "-");
        let right = |of: Kind| kind.is_none_or(|kind| kind == of);
        let whole = |f: &&Function| {
            let bare = asked.strip_prefix(&f.interface);
            let bare = bare.and_then(|rest| rest.strip_prefix(['#', '.']));
            right(f.kind) && bare == Some(&*f.name)
        };
        // `a:b/probes#f` may also be short for `a:b/probes@1.0.0#f`.
        if let Some(function) = self.functions.iter().find(whole) {
            return Ok(function);
        }
        let all = || {
            self.functions
                .iter()
                .filter(|f| names(&asked, &f.interface, &f.name))
        };
        let found: Vec<&Function> = all().filter(|f| right(f.kind)).collect();
        match found.as_slice() {
            [only] => return Ok(only),
            [] => {}
            _ => {
                return Err(NotFound::Ambiguous {
                    name: name.to_owned(),
                    names: found.iter().map(|f| f.full_name()).collect(),
                });
            }
        }
        let refused = |r: &&Refused| right(r.kind) && names(&asked, &r.interface, &r.name);
        if let Some(refused) = self.refused.iter().find(refused) {
            return Err(NotFound::Refused {
                name: name.to_owned(),
                reason: refused.reason.clone(),
            });
        }
        if let (Some(kind), Some(other)) = (kind, all().next()) {
            return Err(NotFound::OtherKind {
                kind,
                name: name.to_owned(),
                actual: other.kind,
            });
        }
        let offered = self.functions.iter().filter(|f| right(f.kind));
        let offered: Vec<String> = offered.map(|f| f.name.clone()).collect();
        let bare = asked.rsplit(['#', '.', '/']).next().unwrap_or(&asked);
        let near = nearest(bare, offered.iter().map(String::as_str)).map(str::to_owned);
        Err(NotFound::Unknown {
            kind,
            name: name.to_owned(),
            nearest: near,
            offered,
        })
    }
}

impl Function {
    /// Its name with its interface, which no other function has.
    pub fn full_name(&self) -> String {
        format!("{}#{}", self.interface, self.name)
    }
}

/// Whether `asked` means the function `name` of `interface`.
fn names(asked: &str, interface: &str, name: &str) -> bool {
    let Some(before) = asked.strip_suffix(name) else {
        return false;
    };
    let Some(before) = before.strip_suffix(['#', '.']) else {
        return before.is_empty();
    };
    before == interface
        || before == super::without_version(interface)
        || before == super::interface_name(interface)
}

fn noun(kind: Option<Kind>) -> &'static str {
    match kind {
        Some(kind) => kind.noun(),
        None => "function",
    }
}

fn advice(nearest: &Option<String>, offered: &[String]) -> String {
    match nearest {
        Some(near) => format!("did you mean '{near}'?"),
        None if offered.is_empty() => "it offers none".to_owned(),
        None => format!("there are: {}", offered.join(", ")),
    }
}
