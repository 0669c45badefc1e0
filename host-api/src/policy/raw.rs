//! The file as it is written.

use super::{BuiltinPolicy, Digest, LimitsPolicy, PluginPolicy, Policy, PolicyError};
use crate::budget::Ceilings;
use crate::grant::{BuiltinGrants, GrantError, Grants, spelling};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::str::FromStr;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Lines with their places.
type Lines = Vec<Spanned<String>>;

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
struct Document {
    builtin: Builtin,
    budget: Ceilings,
    plugins: BTreeMap<String, Plugin>,
    modules: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
struct Builtin {
    trust_author: bool,
    http: Lines,
    kubernetes: Lines,
    process: Lines,
    file: Lines,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
struct Plugin {
    http: Lines,
    kubernetes: Lines,
    secrets: Lines,
    configuration: Lines,
    digest: Option<Digest>,
    limits: LimitsPolicy,
}

const SECTIONS: [&str; 4] = ["builtin", "budget", "plugins", "modules"];
const BUILTIN: [&str; 5] = ["trust-author", "http", "kubernetes", "process", "file"];
const PLUGIN: [&str; 6] = [
    "http",
    "kubernetes",
    "secrets",
    "configuration",
    "digest",
    "limits",
];

pub(super) fn parse(text: &str, path: &Path) -> Result<Policy, PolicyError> {
    let file = File { text, path };
    let broken = |error: toml::de::Error| file.error(error.span(), error.message().to_owned());
    let table = DeTable::parse(text).map_err(broken)?;
    file.check_keys(table.get_ref())?;
    let document: Document = toml::from_str(text).map_err(broken)?;
    file.check_sense(table.get_ref(), &document)?;
    let plugins = document.plugins.into_iter().map(|(name, plugin)| {
        let policy = PluginPolicy {
            grants: Grants {
                http: file.grants(plugin.http)?,
                kubernetes: file.grants(plugin.kubernetes)?,
                secrets: file.grants(plugin.secrets)?,
                configuration: file.grants(plugin.configuration)?,
            },
            digest: plugin.digest,
            limits: plugin.limits,
        };
        Ok((name, policy))
    });
    let plugins = plugins.collect::<Result<_, PolicyError>>()?;
    let builtin = document.builtin;
    let builtin = match builtin.trust_author {
        true => BuiltinPolicy::AuthorIsTrusted,
        false => BuiltinPolicy::Granted(BuiltinGrants {
            http: file.grants(builtin.http)?,
            kubernetes: file.grants(builtin.kubernetes)?,
            process: file.grants(builtin.process)?,
            file: file.grants(builtin.file)?,
        }),
    };
    Ok(Policy {
        path: path.to_owned(),
        builtin,
        plugins,
        budget: document.budget,
        modules: document.modules,
    })
}

struct File<'f> {
    text: &'f str,
    path: &'f Path,
}

impl File<'_> {
    fn error(&self, span: Option<Range<usize>>, reason: String) -> PolicyError {
        let start = span.map_or(0, |span| span.start);
        let before = self.text.get(..start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        PolicyError {
            path: self.path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            reason,
        }
    }

    fn grants<G: FromStr<Err = GrantError>>(&self, lines: Lines) -> Result<Vec<G>, PolicyError> {
        let grant = |line: Spanned<String>| {
            let read = line.get_ref().parse();
            read.map_err(|error: GrantError| self.error(Some(line.span()), error.to_string()))
        };
        lines.into_iter().map(grant).collect()
    }

    /// Finds keys that nobody knows, in the words of the file rather than those of a library.
    fn check_keys(&self, root: &DeTable<'_>) -> Result<(), PolicyError> {
        let budget = Ceilings::default().by_key().map(|(key, _)| key);
        self.known(root, &SECTIONS, "the file")?;
        self.known_in(root, "builtin", &BUILTIN, "[builtin]")?;
        self.known_in(root, "budget", &budget, "[budget]")?;
        for (name, plugin) in tables(root, "plugins") {
            let name = super::key(name);
            self.known(plugin, &PLUGIN, &format!("[plugins.{name}]"))?;
            let place = format!("[plugins.{name}.limits]");
            self.known_in(plugin, "limits", &LimitsPolicy::KEYS, &place)?;
        }
        Ok(())
    }

    fn known_in(
        &self,
        table: &DeTable<'_>,
        key: &str,
        known: &[&str],
        place: &str,
    ) -> Result<(), PolicyError> {
        match table.get(key).and_then(|value| value.get_ref().as_table()) {
            Some(table) => self.known(table, known, place),
            None => Ok(()),
        }
    }

    fn known(&self, table: &DeTable<'_>, known: &[&str], place: &str) -> Result<(), PolicyError> {
        let unknown = table
            .keys()
            .find(|key| !known.contains(&key.get_ref().as_ref()));
        let Some(key) = unknown else {
            return Ok(());
        };
        let name = key.get_ref();
        let hint = spelling::hint(name, known);
        let reason = format!("unknown key '{}' in {place}; {hint}", name.escape_debug());
        Err(self.error(Some(key.span()), reason))
    }

    /// Finds values that are well-formed but cannot be meant.
    fn check_sense(&self, root: &DeTable<'_>, document: &Document) -> Result<(), PolicyError> {
        let builtin = &document.builtin;
        let lines = [
            builtin.http.len(),
            builtin.kubernetes.len(),
            builtin.process.len(),
            builtin.file.len(),
        ];
        if builtin.trust_author && lines.iter().any(|lines| *lines > 0) {
            return Err(self.error(
                span(root, "builtin", "trust-author"),
                "'trust-author = true' grants built-in activities everything; leave it out, or \
                 the lines beside it"
                    .to_owned(),
            ));
        }
        if document.budget.pods_percent > 100 {
            return Err(self.error(
                span(root, "budget", "pods-percent"),
                "'pods-percent' is at most 100".to_owned(),
            ));
        }
        let unnamed = document
            .modules
            .iter()
            .find(|(_, plugin)| plugin.is_empty());
        if let Some((module, _)) = unnamed {
            return Err(self.error(
                span(root, "modules", module),
                format!("'{module}' names no plugin"),
            ));
        }
        Ok(())
    }
}

/// Where the value of a section's key stands.
fn span(root: &DeTable<'_>, section: &str, key: &str) -> Option<Range<usize>> {
    let section = root.get(section)?.get_ref().as_table()?;
    section.get(key).map(Spanned::span)
}

/// The tables within a table.
fn tables<'t>(
    root: &'t DeTable<'_>,
    key: &str,
) -> impl Iterator<Item = (&'t str, &'t DeTable<'t>)> {
    let table = root.get(key).and_then(|value| value.get_ref().as_table());
    table
        .into_iter()
        .flat_map(DeTable::iter)
        .filter_map(|(name, value)| match value.get_ref() {
            DeValue::Table(table) => Some((name.get_ref().as_ref(), table)),
            _ => None,
        })
}
