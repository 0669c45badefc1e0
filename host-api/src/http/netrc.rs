//! `~/.netrc`: passwords for hosts, as `requests` uses them.
//!
//! Unlike `requests`, a header that the experiment writes is not replaced by one made from here.

use std::ffi::OsString;
use std::path::PathBuf;

/// Entries in the order of the file; the default one has no host.
#[derive(Default)]
pub(super) struct Netrc(Vec<Entry>);

#[derive(Default)]
struct Entry {
    machine: Option<String>,
    login: String,
    password: String,
}

/// Nothing of it is for anybody's eyes.
impl std::fmt::Debug for Netrc {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Netrc({} entries)", self.0.len())
    }
}

impl Netrc {
    /// The file that `NETRC` names, or the one of the home directory; without one, nothing.
    pub(super) fn from_environment(variable: &dyn Fn(&str) -> Option<OsString>) -> Netrc {
        let home = || variable("HOME").map(PathBuf::from);
        let candidates: Vec<PathBuf> = match variable("NETRC") {
            Some(path) => vec![path.into()],
            None => home()
                .into_iter()
                .flat_map(|home| [home.join(".netrc"), home.join("_netrc")])
                .collect(),
        };
        candidates
            .into_iter()
            .find_map(|path| std::fs::read_to_string(path).ok())
            .map(|text| Netrc::parse(&text))
            .unwrap_or_default()
    }

    fn parse(text: &str) -> Netrc {
        let mut entries: Vec<Entry> = Vec::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let mut words = line.split_whitespace();
            while let Some(word) = words.next() {
                match word {
                    "machine" => entries.push(Entry {
                        machine: words.next().map(str::to_owned),
                        ..Entry::default()
                    }),
                    "default" => entries.push(Entry::default()),
                    "login" | "user" | "password" => {
                        let value = words
                            .next()
                            .unwrap_or_default()
                            .trim_matches('"')
                            .to_owned();
                        if let Some(entry) = entries.last_mut() {
                            match word {
                                "password" => entry.password = value,
                                _ => entry.login = value,
                            }
                        }
                    }
                    "account" => drop(words.next()),
                    // A macro goes on until an empty line.
                    "macdef" => {
                        lines.by_ref().find(|line| line.trim().is_empty());
                        break;
                    }
                    comment if comment.starts_with('#') => break,
                    _ => {}
                }
            }
        }
        Netrc(entries)
    }

    /// Login and password for `host`.
    pub(super) fn lookup(&self, host: &str) -> Option<(&str, &str)> {
        let of_host = self.0.iter().find(|e| e.machine.as_deref() == Some(host));
        let default = || self.0.iter().find(|entry| entry.machine.is_none());
        let entry = of_host.or_else(default)?;
        (!entry.login.is_empty() || !entry.password.is_empty())
            .then_some((entry.login.as_str(), entry.password.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_find_their_entry_or_the_default() {
        let netrc = Netrc::parse(
            "# comment\nmachine a login u password \"p\"\nmachine b\n  login v\n  password q\n\
             macdef init\nmachine c login no password no\n\ndefault login d password e\n",
        );
        assert_eq!(netrc.lookup("a"), Some(("u", "p")));
        assert_eq!(netrc.lookup("b"), Some(("v", "q")));
        assert_eq!(netrc.lookup("c"), Some(("d", "e")));
        assert_eq!(Netrc::parse("machine a login u").lookup("z"), None);
        assert_eq!(format!("{netrc:?}"), "Netrc(3 entries)");
    }
}
