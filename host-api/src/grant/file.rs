use std::fmt;
use std::path::{Component, Path};

/// What is done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileAccess {
    /// Looked at: whether it is there, its size, a folder's names, what is copied from it.
    Read,
    /// Made, changed, renamed, deleted.
    Write,
}

/// `read[,write] /path[*]`: files that built-in activities may touch. An absolute path, exact or,
/// when it ends in `*`, a prefix.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileGrant {
    read: bool,
    write: bool,
    path: String,
    is_prefix: bool,
}

impl FileGrant {
    pub(super) fn read(line: &str) -> Result<FileGrant, String> {
        let form = "write read or read,write, and an absolute path, such as read /var/log/*";
        let Some((access, path)) = line.split_once(' ') else {
            return Err(format!("it has not two words; {form}"));
        };
        let (mut read, mut write) = (false, false);
        for word in super::list(access, "word")? {
            match word {
                "read" => read = true,
                "write" => write = true,
                other => {
                    let hint = super::spelling::hint(other, &["read", "write"]);
                    return Err(format!("'{other}' is neither read nor write; {hint}"));
                }
            }
        }
        let path = path.trim();
        let (text, is_prefix) = match path.strip_suffix('*') {
            Some(prefix) => (prefix, true),
            None => (path, false),
        };
        if !text.starts_with('/') {
            return Err(format!("'{path}' is no absolute path; {form}"));
        }
        if text.contains('*') {
            return Err(format!("'{path}': a star stands at the end only"));
        }
        let inner = text[1..].strip_suffix('/').unwrap_or(&text[1..]);
        let odd = |part: &str| matches!(part, "" | "." | "..");
        if (!inner.is_empty() && inner.split('/').any(odd)) || text.contains(char::is_control) {
            return Err(format!("'{path}': write it without //, . and .. in it"));
        }
        Ok(FileGrant {
            read,
            write,
            path: text.to_owned(),
            is_prefix,
        })
    }

    /// Whether `access` to the absolute path `path` is meant. A path with `..` in it is meant by no
    /// line.
    pub fn matches(&self, access: FileAccess, path: &Path) -> bool {
        let granted = match access {
            FileAccess::Read => self.read,
            FileAccess::Write => self.write,
        };
        let plain = |part| matches!(part, Component::RootDir | Component::Normal(_));
        if !granted || !path.components().all(plain) {
            return false;
        }
        // Comparing components would make `/a/` of `/a`; only what is written counts.
        let clean: std::path::PathBuf = path.components().collect();
        match clean.to_str() {
            Some(text) if self.is_prefix => text.starts_with(&self.path),
            Some(text) => text == self.path,
            None => self.is_prefix && clean.starts_with(&self.path) && self.path.ends_with('/'),
        }
    }

    /// What it allows, in words.
    pub fn explain(&self) -> String {
        let access = match (self.read, self.write) {
            (true, true) => "look at and change",
            (false, true) => "change",
            _ => "look at",
        };
        match self.is_prefix {
            true => format!("{access} files whose path begins with {}", self.path),
            false => format!("{access} {}", self.path),
        }
    }
}

impl fmt::Display for FileGrant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let access = match (self.read, self.write) {
            (true, true) => "read,write",
            (false, true) => "write",
            _ => "read",
        };
        let star = if self.is_prefix { "*" } else { "" };
        write!(formatter, "{access} {}{star}", self.path)
    }
}
