//! What guests used, for the record.

use super::meter::Usage;
use chaos_host_api::permit;
use serde::{Deserialize, Serialize};
use std::sync::Mutex;

/// One call of a guest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GuestUse {
    /// The plugin's name.
    pub plugin: String,
    /// SHA-256 of its file, as a policy pins it.
    pub digest: String,
    /// As in WIT; as asked, of a plugin that does not describe its functions.
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
    /// SHA-256 of its file, as a policy pins it.
    pub digest: String,
    /// Line by line; what was denied; the narrowest lines that would do.
    pub grants: permit::Usage,
}

impl RightsUse {
    /// Masks secrets in the places that were called, which a guest's arguments may have named.
    pub(crate) fn mask(&mut self, mask: &dyn Fn(&mut String)) {
        let lacking = self
            .grants
            .lacking
            .iter_mut()
            .map(|lacking| &mut lacking.line);
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
        let mut guests = self
            .0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        guests.push(guest);
    }

    /// All of them, in the order of their ends.
    pub fn take(&self) -> Vec<GuestUse> {
        let mut guests = self
            .0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        std::mem::take(&mut guests)
    }
}
