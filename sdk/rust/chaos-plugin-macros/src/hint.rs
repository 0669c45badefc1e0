//! What to write instead of a type that cannot be exported.

/// By the last word of the type's path.
pub(crate) fn instead_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "usize" => "its size depends on the machine: write `u32` or `u64`",
        "isize" => "its size depends on the machine: write `i32` or `i64`",
        "u128" | "i128" => "exported numbers have at most 64 bits: write `u64`, `i64` or `String`",
        "str" => "write `&str` or `String`",
        "HashMap" | "BTreeMap" | "IndexMap" => "write `Vec<(K, V)>`",
        "HashSet" | "BTreeSet" | "VecDeque" | "LinkedList" => "write `Vec<T>`",
        "Box" | "Rc" | "Arc" | "Cow" | "RefCell" | "Cell" | "Mutex" => {
            "write the type within, without it"
        }
        "Duration" => "write `f64` and name the parameter for its unit, as in `timeout_seconds`",
        "SystemTime" | "Instant" => "write `f64` for seconds, or `String`",
        "PathBuf" | "Path" | "OsString" | "Url" | "Uri" => "write `String`",
        "Value" => "write `chaos_plugin::Json`",
        "Self" => "name the type",
        _ => return None,
    })
}
