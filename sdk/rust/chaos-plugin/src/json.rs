/// Any JSON value, as its text.
///
/// A parameter of this type takes whatever the experiment has there; a result of this type is
/// that value, not a text. For values whose shape is known, structs are better: the experiment is
/// then checked before it runs.
///
/// ```
/// use chaos_plugin::Json;
///
/// #[chaos_plugin::probes]
/// pub mod probes {
///     use chaos_plugin::Json;
///
///     /// Gives back what it got.
///     pub fn echo(value: Json) -> Json {
///         value
///     }
/// }
/// # fn main() {
/// # assert_eq!(probes::echo(Json::from_text("[1]")).text(), "[1]");
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Json {
    #[doc(hidden)]
    pub json_text: String,
}

impl Json {
    /// The JSON that a text is. Whether it is JSON is for the host to say.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self {
            json_text: text.into(),
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.json_text
    }

    /// The text, taken out.
    pub fn into_text(self) -> String {
        self.json_text
    }

    /// The JSON of a value.
    ///
    /// # Errors
    /// A map's keys are not texts, or the value's own `Serialize` fails.
    #[cfg(feature = "json")]
    pub fn new(value: &impl serde::Serialize) -> Result<Self, serde_json::Error> {
        serde_json::to_string(value).map(Self::from_text)
    }

    /// The value of a type.
    ///
    /// # Errors
    /// The JSON is not one of that type.
    #[cfg(feature = "json")]
    pub fn parse<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.json_text)
    }
}

#[cfg(feature = "json")]
impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        Self::from_text(value.to_string())
    }
}

/// The text that a JSON text is, as of `"a"`; none for any other JSON.
pub(crate) fn text_of(json: &str) -> Option<String> {
    let mut letters = json.trim().strip_prefix('"')?.strip_suffix('"')?.chars();
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return None,
            '\\' => text.push(match letters.next()? {
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => escaped(&mut letters)?,
                plain @ ('"' | '\\' | '/') => plain,
                _ => return None,
            }),
            other => text.push(other),
        }
    }
    Some(text)
}

/// What follows `\u`: one UTF-16 unit, or two that belong together.
fn escaped(letters: &mut std::str::Chars<'_>) -> Option<char> {
    let first = unit(letters)?;
    if !(0xd800..0xdc00).contains(&first) {
        return char::from_u32(first);
    }
    (letters.next()? == '\\' && letters.next()? == 'u').then_some(())?;
    let second = unit(letters)?
        .checked_sub(0xdc00)
        .filter(|low| *low < 0x400)?;
    char::from_u32(0x10000 + ((first - 0xd800) << 10) + second)
}

fn unit(letters: &mut std::str::Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0, |unit, _| Some(unit << 4 | letters.next()?.to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_comes_out_of_its_json() {
        for (json, text) in [
            (r#""""#, Some("")),
            (r#" "a b" "#, Some("a b")),
            (r#""a\"\\\/\n\u00e9""#, Some("a\"\\/\né")),
            (r#""\ud83d\ude00""#, Some("😀")),
            (r#""\ud83d""#, None),
            (r#""\ud83d\u0041""#, None),
            (r#""a"b""#, None),
            (r#""\x""#, None),
            ("\"", None),
            ("7", None),
            ("null", None),
        ] {
            assert_eq!(text_of(json).as_deref(), text, "{json}");
        }
    }
}
