//! A live line about what is being waited for, on terminals only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal as _};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A wait is shown once it has lasted this long: shorter ones would make the terminal flicker.
const PATIENCE: Duration = Duration::from_millis(300);
/// How often the line is drawn anew.
const TICK: Duration = Duration::from_millis(200);

/// The line, when there is one. Without a terminal it does nothing.
pub(crate) struct Progress(Option<Terminal>);

struct Terminal {
    line: Arc<Mutex<Line>>,
    waits: Sender<Wait>,
}

/// What is on the terminal.
#[derive(Default)]
struct Line {
    /// Counts the waits; what belongs to an earlier one is not drawn any more.
    wait: u64,
    bar: Option<ProgressBar>,
}

struct Wait {
    number: u64,
    label: String,
    seconds: Option<f64>,
}

impl Progress {
    /// `wanted`: whether the console's format leaves room for it.
    pub(crate) fn new(wanted: bool) -> Progress {
        if !wanted || !io::stderr().is_terminal() {
            return Progress(None);
        }
        let line = Arc::new(Mutex::new(Line::default()));
        let (waits, coming) = channel();
        let drawn = Arc::clone(&line);
        // Ends with the process; without a thread there is no line, and nothing else is lost.
        let drawing = std::thread::Builder::new()
            .name("progress".to_owned())
            .spawn(move || draw(&coming, &drawn));
        Progress(drawing.is_ok().then_some(Terminal { line, waits }))
    }

    /// Whether anything is ever drawn.
    pub(crate) fn visible(&self) -> bool {
        self.0.is_some()
    }

    /// A wait began (`seconds`: how long at most), or with an empty label, is over.
    pub(crate) fn show(&self, label: &str, seconds: Option<f64>) {
        let Some(terminal) = &self.0 else {
            return;
        };
        let mut line = lock(&terminal.line);
        line.wait += 1;
        if let Some(bar) = line.bar.take() {
            bar.finish_and_clear();
        }
        if !label.is_empty() {
            // The thread lives as long as the process.
            let _ = terminal.waits.send(Wait {
                number: line.wait,
                label: label.replace('\n', " "),
                seconds,
            });
        }
    }

    /// Lets `write` write to the terminal without the line in its way.
    pub(crate) fn suspend(&self, write: impl FnOnce()) {
        let line = self.0.as_ref().map(|terminal| lock(&terminal.line));
        match line.as_ref().and_then(|line| line.bar.as_ref()) {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }
}

fn lock(line: &Mutex<Line>) -> MutexGuard<'_, Line> {
    line.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Draws each wait that lasts.
fn draw(waits: &Receiver<Wait>, line: &Mutex<Line>) {
    let mut next = waits.recv().ok();
    while let Some(wait) = next {
        next = match waits.recv_timeout(PATIENCE) {
            Ok(newer) => Some(newer),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => {
                let mut line = lock(line);
                if line.wait == wait.number {
                    line.bar = Some(begin(&wait));
                }
                drop(line);
                waits.recv().ok()
            }
        };
    }
}

fn begin(wait: &Wait) -> ProgressBar {
    let template = match wait.seconds {
        Some(seconds) => format!("{{spinner}} {{msg}} {{elapsed}} of at most {seconds:.0}s"),
        None => "{spinner} {msg} {elapsed}".to_owned(),
    };
    let style = ProgressStyle::with_template(&template)
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
        .with_style(style)
        .with_elapsed(PATIENCE)
        .with_message(wait.label.clone());
    bar.enable_steady_tick(TICK);
    bar
}
