//! Where in a run controls are called.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

/// Before or after what it accompanies. Also a control's `scope`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Before it.
    Before,
    /// After it, also when it was interrupted.
    After,
}

/// What is accompanied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// The whole run.
    Experiment,
    /// One check of the hypothesis.
    Hypothesis,
    /// The method.
    Method,
    /// The rollbacks, all together.
    Rollback,
    /// One activity, wherever it is.
    Activity,
}

/// One such place, and the function that a plugin exports for it: `before-activity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hook {
    /// Before or after.
    pub side: Side,
    /// What.
    pub level: Level,
}

impl Side {
    /// As documents write it.
    pub fn name(self) -> &'static str {
        match self {
            Side::Before => "before",
            Side::After => "after",
        }
    }
}

impl Level {
    /// In the order in which a run comes to them.
    pub const ALL: [Level; 5] = [
        Level::Experiment,
        Level::Hypothesis,
        Level::Method,
        Level::Rollback,
        Level::Activity,
    ];

    /// As in a function's name.
    pub fn name(self) -> &'static str {
        match self {
            Level::Experiment => "experiment",
            Level::Hypothesis => "hypothesis",
            Level::Method => "method",
            Level::Rollback => "rollback",
            Level::Activity => "activity",
        }
    }
}

impl Hook {
    /// Before something.
    pub fn before(level: Level) -> Hook {
        let side = Side::Before;
        Hook { side, level }
    }

    /// After something.
    pub fn after(level: Level) -> Hook {
        let side = Side::After;
        Hook { side, level }
    }

    /// Every one.
    pub fn all() -> impl Iterator<Item = Hook> {
        let both = |level| [Hook::before(level), Hook::after(level)];
        Level::ALL.into_iter().flat_map(both)
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.side.name(), self.level.name())
    }
}

/// A text that names no [`Hook`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no control is called '{0}'")]
pub struct NotAHook(String);

impl FromStr for Hook {
    type Err = NotAHook;

    fn from_str(text: &str) -> Result<Hook, NotAHook> {
        let found = Hook::all().find(|hook| hook.to_string() == text);
        found.ok_or_else(|| NotAHook(text.to_owned()))
    }
}

impl Serialize for Hook {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hook {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Hook, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}
