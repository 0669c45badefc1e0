//! When the tool itself is wrong: one clear line instead of a backtrace.

use crate::log::harmless;
use chaos_wasm::log::Redaction;
use std::io::{self, Write as _};
use std::panic::PanicHookInfo;

/// Makes panics say what to do about them. Secrets that are known by then are masked.
pub(crate) fn announce(redaction: Redaction) {
    std::panic::set_hook(Box::new(move |info| {
        let said = harmless(&redaction.text(&said(info)));
        let version = env!("CARGO_PKG_VERSION");
        // Not through the log: the panic may have come from there. Standard error may be closed.
        let _ = writeln!(
            io::stderr(),
            "chaos-wasm {version} has a bug: {said}\n    Please report this line, with the \
             command and the log file, to the project."
        );
    }));
}

fn said(info: &PanicHookInfo<'_>) -> String {
    let message = info.payload_as_str().unwrap_or("no reason given");
    match info.location() {
        Some(place) => format!("{message} ({}:{})", place.file(), place.line()),
        None => message.to_owned(),
    }
}
