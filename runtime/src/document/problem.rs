use super::Pointer;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Said, and the experiment runs.
    Warning,
    /// The experiment is refused.
    Error,
}

/// Something wrong at one place of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad.
    pub severity: Severity,
    /// Where.
    pub pointer: Pointer,
    /// What; the reference's own words where it has the same rule.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Collects problems, so that all of them are reported at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// None yet.
    pub fn new() -> Problems {
        Problems::default()
    }

    /// Adds an error.
    pub fn error(&mut self, pointer: &Pointer, message: impl Into<String>) -> &mut Problem {
        self.push(Severity::Error, pointer, message.into())
    }

    /// Adds a warning.
    pub fn warning(&mut self, pointer: &Pointer, message: impl Into<String>) -> &mut Problem {
        self.push(Severity::Warning, pointer, message.into())
    }

    fn push(&mut self, severity: Severity, pointer: &Pointer, message: String) -> &mut Problem {
        self.0.push(Problem {
            severity,
            pointer: pointer.clone(),
            message,
            hint: None,
        });
        let last = self.0.len() - 1;
        &mut self.0[last]
    }

    /// Whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.errors().next().is_some()
    }

    /// The errors.
    pub fn errors(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter().filter(|p| p.severity == Severity::Error)
    }

    /// The warnings.
    pub fn warnings(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter().filter(|p| p.severity == Severity::Warning)
    }

    /// All of them, in the order found.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }
}

impl Problem {
    /// Adds what to do about it.
    pub fn hint(&mut self, hint: impl Into<String>) -> &mut Problem {
        self.hint = Some(hint.into());
        self
    }
}
