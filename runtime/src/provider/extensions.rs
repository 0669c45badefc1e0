//! What is known of Python modules that cannot run here.

use crate::experiment;

/// A published extension of Chaos Toolkit.
struct Extension {
    /// Its top-level Python module.
    module: &'static str,
    /// The package that holds it.
    package: &'static str,
    /// What it speaks to.
    system: &'static str,
}

const fn extension(module: &'static str, package: &'static str, system: &'static str) -> Extension {
    Extension {
        module,
        package,
        system,
    }
}

/// By their repositories' sources.
const EXTENSIONS: &[Extension] = &[extension("chaosaws", "chaostoolkit-aws", "AWS")];

/// Message and hint for a Python function that nobody here serves.
pub(super) fn refusal(module: &str, function: &str, activity: &str) -> (String, String) {
    let _ = function;
    let top = module.split('.').next().unwrap_or(module);
    let message = format!("could not find Python module '{module}' in activity '{activity}'");
    let known = EXTENSIONS.iter().find(|known| known.module == top);
    let hint = match known {
        Some(known) => format!("{} {}", known.package, known.system),
        None => match experiment::nearest(top, EXTENSIONS.iter().map(|known| known.module)) {
            Some(near) => format!("did you mean '{near}'?"),
            None => String::new(),
        },
    };
    (message, hint)
}
