//! Which plugins serve which Python modules.

use super::plugin::Module;
use super::{Provider, extensions};
use crate::document::{Pointer, Problems};
use std::collections::BTreeMap;

/// From Python modules to plugins' names. A module's submodules belong to it, unless they have an
/// entry of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modules(BTreeMap<String, String>);

impl Default for Modules {
    /// The extensions of Chaos Toolkit that have a plugin of the same functions.
    fn default() -> Modules {
        let known = [
            ("chaosprometheus", "prometheus"),
            ("chaosspring", "spring"),
            ("chaostoxi", "toxiproxy"),
        ];
        Modules(
            known
                .into_iter()
                .map(|(module, plugin)| (module.to_owned(), plugin.to_owned()))
                .collect(),
        )
    }
}

impl Modules {
    /// These and `more`, which count where both speak of one module.
    #[must_use]
    pub fn with(mut self, more: impl IntoIterator<Item = (String, String)>) -> Modules {
        self.0.extend(more);
        self
    }

    /// The plugin that serves a Python module.
    pub fn plugin_of(&self, module: &str) -> Option<&str> {
        let mut part = module;
        loop {
            if let Some(plugin) = self.0.get(part) {
                return Some(plugin);
            }
            (part, _) = part.rsplit_once('.')?;
        }
    }

    /// Says that nobody serves a Python activity's module, if that is so. `at` is the provider's
    /// place.
    pub fn check(
        &self,
        provider: &Provider,
        activity: &str,
        at: &Pointer,
        problems: &mut Problems,
    ) {
        if let Provider::Plugin(plugin) = provider
            && let Module::Python(module) = &plugin.component.module
            && self.plugin_of(module).is_none()
        {
            let (message, hint) = extensions::refusal(module, &plugin.function, activity);
            problems.error(&at.key("module"), message).hint(hint);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_module_counts_and_only_whole_names_do() {
        let own = [("chaosspring.probes".to_owned(), "own".to_owned())];
        let modules = Modules::default().with(own);
        assert_eq!(modules.plugin_of("chaosspring.actions"), Some("spring"));
        assert_eq!(modules.plugin_of("chaosspring.probes"), Some("own"));
        assert_eq!(modules.plugin_of("chaosspring"), Some("spring"));
        assert_eq!(modules.plugin_of("chaosspringer"), None);
        assert_eq!(modules.plugin_of("load.spike"), None);
    }
}
