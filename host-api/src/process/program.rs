//! Which executable a name means.

use crate::Door;
use rustix::fs::{Access, access};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Where to look when `PATH` is not set.
const DEFAULT_PATH: &str = "/bin:/usr/bin";

/// The executable that `name` means: `~` expanded, looked up on `PATH` when it has no slash.
/// `None` when there is none that may be executed.
pub fn find_program(name: &str) -> Option<PathBuf> {
    find(name, std::env::var_os("PATH"))
}

impl Door {
    /// [`find_program`], with the door's own `PATH` if it has one.
    pub fn find_program(&self, name: &str) -> Option<PathBuf> {
        find(name, self.variable("PATH"))
    }
}

fn find(name: &str, path: Option<OsString>) -> Option<PathBuf> {
    let wanted = expand_home(name);
    if wanted.as_os_str().is_empty() {
        return None;
    }
    if name.contains('/') || wanted.is_absolute() {
        return is_executable(&wanted).then_some(wanted);
    }
    let path = path.unwrap_or_else(|| DEFAULT_PATH.into());
    if path.is_empty() {
        return None;
    }
    std::env::split_paths(&path)
        .map(|folder| folder.join(&wanted))
        // An empty entry means the working directory; a bare name would be looked up again.
        .map(|found| match found.parent() {
            Some(parent) if parent == Path::new("") => Path::new(".").join(found),
            _ => found,
        })
        .find(|found| is_executable(found))
}

fn is_executable(path: &Path) -> bool {
    !path.is_dir() && access(path, Access::EXEC_OK).is_ok()
}

/// `path` with a leading `~` expanded to `HOME`. `~user` is left as it is.
pub fn expand_home(path: &str) -> PathBuf {
    let home = || std::env::var_os("HOME").filter(|home| !home.is_empty());
    match (path.strip_prefix('~'), home()) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
            join_home(&home, rest)
        }
        _ => PathBuf::from(path),
    }
}

fn join_home(home: &OsStr, rest: &str) -> PathBuf {
    match rest.trim_start_matches('/') {
        "" => PathBuf::from(home),
        rest => Path::new(home).join(rest),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn programs_are_found_on_the_path_and_must_be_executable_files() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str, mode: u32| {
            let path = folder.path().join(name);
            std::fs::write(&path, "#!/bin/sh\n").unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            path
        };
        let tool = place("tool", 0o755);
        place("text", 0o644);
        std::fs::create_dir(folder.path().join("folder")).unwrap();
        let on = |name: &str| find(name, Some(folder.path().into()));

        assert_eq!(on("tool"), Some(tool.clone()));
        assert_eq!(on(tool.to_str().unwrap()), Some(tool));
        assert_eq!(on("text"), None);
        assert_eq!(on("folder"), None);
        assert_eq!(on("nothing"), None);
        assert_eq!(on(""), None);
        assert_eq!(on("${tool}"), None);
        assert_eq!(find("tool", Some("".into())), None);
        assert_eq!(find("sh", None), Some(PathBuf::from("/bin/sh")));
    }

    #[test]
    fn a_tilde_is_home() {
        let home = PathBuf::from(std::env::var_os("HOME").unwrap());
        assert_eq!(expand_home("~"), home);
        assert_eq!(expand_home("~/x/y"), home.join("x/y"));
        assert_eq!(expand_home("~nobody-known/x"), Path::new("~nobody-known/x"));
        assert_eq!(expand_home("/a/~"), Path::new("/a/~"));
    }
}
