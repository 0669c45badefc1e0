//! A process and everything that it started.

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use std::time::Duration;

/// How often an unreaped process is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// The group that a process leads, and its descendants elsewhere. Must only be signalled while
/// the leader is unreaped: afterwards its id may belong to others.
pub(super) struct Family {
    leader: Pid,
    /// Descendants that left the group, found at the first signal: once their parents are gone
    /// nobody knows whose they were.
    strays: Option<strays::Strays>,
}

impl Family {
    pub(super) fn of(leader: Pid) -> Family {
        Family {
            leader,
            strays: None,
        }
    }

    /// Sends `signal` to every member that is left.
    pub(super) fn signal(&mut self, signal: Signal) {
        let strays = self
            .strays
            .get_or_insert_with(|| strays::Strays::of(self.leader));
        // Failing means that there is nobody left.
        let _ = kill_process_group(self.leader, signal);
        strays.signal(signal);
    }

    /// Returns once the leader has exited, without reaping it.
    pub(super) async fn leader_exited(&self) {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        while let Ok(None) = waitid(WaitId::Pid(self.leader), options) {
            tokio::time::sleep(LOOK).await;
        }
    }
}

#[cfg(target_os = "linux")]
mod strays {
    use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
    use std::collections::HashMap;
    use std::os::fd::OwnedFd;

    /// Handles on descendants outside the group; a handle never means another process.
    pub(super) struct Strays(Vec<OwnedFd>);

    /// What `/proc/<pid>/stat` says about a process's place.
    #[derive(Clone, Copy)]
    struct Place {
        parent: i32,
        group: i32,
    }

    impl Strays {
        pub(super) fn of(leader: Pid) -> Strays {
            let leader = leader.as_raw_nonzero().get();
            let places: HashMap<i32, Place> = all().collect();
            let is_ours = |pid: i32| {
                let mut at = pid;
                // As deep as there are processes: a chain that a race made circular ends too.
                for _ in 0..places.len() {
                    match places.get(&at) {
                        Some(place) if place.parent == leader => return true,
                        Some(place) => at = place.parent,
                        None => return false,
                    }
                }
                false
            };
            let strays = places
                .iter()
                .filter(|(pid, place)| place.group != leader && is_ours(**pid));
            Strays(
                strays
                    .filter_map(|(pid, place)| handle(*pid, *place))
                    .collect(),
            )
        }

        pub(super) fn signal(&self, signal: Signal) {
            for stray in &self.0 {
                // Failing means that it has ended.
                let _ = pidfd_send_signal(stray, signal);
            }
        }
    }

    /// A handle, unless the id passed to another process while we were looking.
    fn handle(pid: i32, seen: Place) -> Option<OwnedFd> {
        let handle = pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok()?;
        place(pid)
            .is_some_and(|now| now.group == seen.group)
            .then_some(handle)
    }

    fn all() -> impl Iterator<Item = (i32, Place)> {
        let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        entries.filter_map(|entry| {
            let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
            Some((pid, place(pid)?))
        })
    }

    fn place(pid: i32) -> Option<Place> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // "<pid> (<name, which may hold anything>) <state> <parent> <group> ..."
        let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(1);
        Some(Place {
            parent: fields.next()?.parse().ok()?,
            group: fields.next()?.parse().ok()?,
        })
    }
}

#[cfg(not(target_os = "linux"))]
mod strays {
    use rustix::process::{Pid, Signal};

    /// Not looked for on this system.
    pub(super) struct Strays;

    impl Strays {
        pub(super) fn of(_leader: Pid) -> Strays {
            Strays
        }

        pub(super) fn signal(&self, _signal: Signal) {}
    }
}
