use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

/// The parts of a run, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The hypothesis is checked before anything is injected.
    Before,
    /// The method.
    Method,
    /// The hypothesis is checked again.
    After,
    /// The rollbacks.
    Rollbacks,
}

/// One step of a run; written `before/0`, `during/17/0`, `method/2`, `after/0`, `rollback/1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StepId {
    /// A probe of the check before the method.
    Before(usize),
    /// A probe of the n-th check during the method.
    During(usize, usize),
    /// An activity of the method.
    Method(usize),
    /// A probe of the check after the method.
    After(usize),
    /// A rollback.
    Rollback(usize),
}

impl fmt::Display for StepId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StepId::Before(index) => write!(formatter, "before/{index}"),
            StepId::During(check, index) => write!(formatter, "during/{check}/{index}"),
            StepId::Method(index) => write!(formatter, "method/{index}"),
            StepId::After(index) => write!(formatter, "after/{index}"),
            StepId::Rollback(index) => write!(formatter, "rollback/{index}"),
        }
    }
}

/// A text that is no [`StepId`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a step")]
pub struct NotAStep(String);

impl FromStr for StepId {
    type Err = NotAStep;

    fn from_str(text: &str) -> Result<StepId, NotAStep> {
        let wrong = || NotAStep(text.to_owned());
        let number = |part: &str| part.parse::<usize>().map_err(|_| wrong());
        let (stage, rest) = text.split_once('/').ok_or_else(wrong)?;
        match stage {
            "before" => Ok(StepId::Before(number(rest)?)),
            "method" => Ok(StepId::Method(number(rest)?)),
            "after" => Ok(StepId::After(number(rest)?)),
            "rollback" => Ok(StepId::Rollback(number(rest)?)),
            "during" => {
                let (check, index) = rest.split_once('/').ok_or_else(wrong)?;
                Ok(StepId::During(number(check)?, number(index)?))
            }
            _ => Err(wrong()),
        }
    }
}

impl Serialize for StepId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for StepId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<StepId, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}
