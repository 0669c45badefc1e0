//! What guests used, for the record.

use chaos_host_api::permit;
use chaos_host_api::policy::Digest;
use serde::{Deserialize, Serialize};
use std::sync::Mutex;

/// What one call of a guest used.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Usage {
    /// Seconds from the call to its answer.
    pub wall_seconds: f64,
    /// Seconds that the guest itself computed.
    pub cpu_seconds: f64,
    /// Seconds that it waited for the host.
    pub host_seconds: f64,
    /// The most bytes of memories and tables at once.
    pub memory_bytes: u64,
    /// Calls of the host.
    pub host_calls: u64,
    /// Bytes between guest and host, both ways.
    pub host_bytes: u64,
    /// Lines logged.
    pub log_lines: u64,
    /// Lines dropped, because they were too many.
    #[serde(default, skip_serializing_if = "is_none")]
    pub log_lines_dropped: u64,
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

/// One call of a guest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GuestUse {
    /// The plugin's name.
    pub plugin: String,
    /// The file's.
    pub digest: Digest,
    /// As in WIT.
    pub function: String,
    /// What it used.
    pub usage: Usage,
}

/// A plugin's rights and what they were used for in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RightsUse {
    /// The plugin's name.
    pub plugin: String,
    /// The file's.
    pub digest: Digest,
    /// Line by line; what was denied; the narrowest lines that would do.
    pub grants: permit::Usage,
}

impl RightsUse {
    /// Masks secrets in the places that were called, which a guest's arguments may have named.
    pub(crate) fn mask(&mut self, mask: &mut dyn FnMut(&mut String)) {
        let lacking = self.grants.lacking.iter_mut().map(|lacking| &mut lacking.line);
        lacking.for_each(mask);
    }
}

/// The guests that were called for one activity.
#[derive(Debug, Default)]
pub struct Guests(Mutex<Vec<GuestUse>>);

impl Guests {
    /// Notes one.
    pub fn note(&self, guest: GuestUse) {
        // A panic of another thread leaves a list that is whole.
        let mut guests = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        guests.push(guest);
    }

    /// All of them, in the order of their ends.
    pub fn take(&self) -> Vec<GuestUse> {
        let mut guests = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        std::mem::take(&mut guests)
    }
}
