//! A live line about what is being waited for, on terminals only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Waits shorter than this would only make the terminal flicker.
const SHORTEST_SECONDS: f64 = 0.5;
/// How often the line is drawn anew.
const TICK: Duration = Duration::from_millis(200);

/// The line, when there is one.
pub(crate) struct Progress {
    visible: bool,
    bar: Mutex<Option<ProgressBar>>,
}

impl Progress {
    /// `wanted`: whether the console's format leaves room for it.
    pub(crate) fn new(wanted: bool) -> Progress {
        Progress {
            visible: wanted && io::stderr().is_terminal(),
            bar: Mutex::new(None),
        }
    }

    /// Whether anything is ever drawn.
    pub(crate) fn visible(&self) -> bool {
        self.visible
    }

    /// A wait began (`seconds`: how long at most), or with an empty label, is over.
    pub(crate) fn show(&self, label: &str, seconds: Option<f64>) {
        let mut bar = self.bar.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = bar.take() {
            bar.finish_and_clear();
        }
        let worthwhile = seconds.is_none_or(|seconds| seconds >= SHORTEST_SECONDS);
        if self.visible && worthwhile && !label.is_empty() {
            *bar = Some(begin(label, seconds));
        }
    }

    /// Lets `write` write to the terminal without the line in its way.
    pub(crate) fn suspend(&self, write: impl FnOnce()) {
        let bar = self.bar.lock().unwrap_or_else(PoisonError::into_inner);
        match bar.as_ref() {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }
}

fn begin(label: &str, seconds: Option<f64>) -> ProgressBar {
    let template = match seconds {
        Some(seconds) => format!("{{spinner}} {{msg}} {{elapsed}} of at most {seconds:.0}s"),
        None => "{spinner} {msg} {elapsed}".to_owned(),
    };
    let style = ProgressStyle::with_template(&template)
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
        .with_style(style)
        .with_message(label.replace('\n', " "));
    bar.enable_steady_tick(TICK);
    bar
}
