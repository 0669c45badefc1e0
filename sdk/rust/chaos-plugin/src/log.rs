//! Lines for the run's log.
//!
//! ```
//! # let host = chaos_plugin::mock::Host::new();
//! use chaos_plugin::log;
//!
//! log::info("asking");
//! log::warning(format!("slow: {} ms", 812));
//! # assert_eq!(host.log().len(), 2);
//! ```

use std::panic;
use std::sync::Once;

use crate::host;

/// How important a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// For whoever looks for a fault in the plugin.
    Debug,
    /// What happens.
    Info,
    /// Something is odd, and it goes on.
    Warning,
    /// Something went wrong.
    Error,
}

/// Writes a line. The host takes control characters out, and cuts what is too long or too much.
pub fn write(level: Level, message: impl AsRef<str>) {
    host::log::write(level, message.as_ref());
}

/// Writes a line for whoever looks for a fault.
pub fn debug(message: impl AsRef<str>) {
    write(Level::Debug, message);
}

/// Writes a line about what happens.
pub fn info(message: impl AsRef<str>) {
    write(Level::Info, message);
}

/// Writes a line about something odd.
pub fn warning(message: impl AsRef<str>) {
    write(Level::Warning, message);
}

/// Writes a line about something that went wrong.
pub fn error(message: impl AsRef<str>) {
    write(Level::Error, message);
}

/// Has panics write their message and place to the log, as the host sees only that there was one.
///
/// The attributes do this. A plugin with a WIT of its own calls it first in each export. Outside
/// of WebAssembly nothing changes.
pub fn install_panic_hook() {
    static ONCE: Once = Once::new();
    if cfg!(target_family = "wasm") {
        ONCE.call_once(|| {
            panic::set_hook(Box::new(|panic| {
                host::log::write(Level::Error, &panic.to_string())
            }));
        });
    }
}
