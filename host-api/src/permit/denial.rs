use super::Layer;
use std::fmt;

/// A call that was not granted. It was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The list that lacks a line: `http`, `kubernetes`, ...
    pub key: &'static str,
    /// The call, for people: `GET http://10.0.0.1/x`.
    pub call: String,
    /// The documents that do not grant it: `plugin.toml`, `chaos-wasm.toml [plugins.checkout]`.
    pub layers: Vec<String>,
    /// The narrowest line that would grant it; `None` where no line can.
    pub line: Option<String>,
    /// Why not, where that is more than a missing line.
    pub reason: Option<String>,
}

impl fmt::Display for Denial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "denied: {}: ", self.call)?;
        if let Some(reason) = &self.reason {
            formatter.write_str(reason)?;
        }
        if self.layers.is_empty() {
            return Ok(());
        }
        let between = if self.reason.is_some() { "; " } else { "" };
        let layers = self.layers.join(" and ");
        write!(formatter, "{between}not granted by {layers}")?;
        let (key, Some(line)) = (self.key, &self.line) else {
            return Ok(());
        };
        if self.layers == [Layer::COMMAND_LINE] {
            return write!(formatter, "; to allow it add {layers} '{key} {line}'");
        }
        let whose = if self.layers.len() > 1 {
            "their"
        } else {
            "its"
        };
        write!(
            formatter,
            "; to allow it add to {whose} `{key}`: \"{line}\""
        )
    }
}

impl std::error::Error for Denial {}
