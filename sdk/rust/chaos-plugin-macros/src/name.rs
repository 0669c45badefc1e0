//! Names: Rust's `snake_case` and `CamelCase` to WIT's `kebab-case`, and back the same.

use heck::{ToKebabCase, ToSnakeCase, ToUpperCamelCase};
use syn::Ident;
use syn::ext::IdentExt;

/// What wit-bindgen appends `_` to, because Rust keeps the word for itself.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "if", "impl", "in",
    "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The name of a function, parameter or field.
pub(crate) fn snake(ident: &Ident) -> syn::Result<String> {
    let error = |message: String| Err(syn::Error::new(ident.span(), message));
    let written = ident.to_string();
    if let Some(word) = written.strip_prefix("r#") {
        return error(format!(
            "write `{word}_`: the underscore is taken off outside of Rust"
        ));
    }
    if written.starts_with('_') {
        return error(format!(
            "`{written}` starts with an underscore, which names of exported functions, parameters and fields cannot"
        ));
    }
    let kebab = written.to_kebab_case();
    check_words(ident, &kebab)?;
    let back = rust(&kebab);
    if back != written {
        return error(format!(
            "write `{back}`: outside of Rust this name is `{kebab}`"
        ));
    }
    Ok(kebab)
}

/// The name of a variant's case.
pub(crate) fn camel(ident: &Ident) -> syn::Result<String> {
    let written = ident.unraw().to_string();
    let kebab = type_name(ident)?;
    let back = kebab.to_upper_camel_case();
    if back != written {
        return Err(syn::Error::new(
            ident.span(),
            format!("write `{back}`: outside of Rust this name is `{kebab}`"),
        ));
    }
    Ok(kebab)
}

/// The name of a type, which never has to be found again by wit-bindgen.
pub(crate) fn type_name(ident: &Ident) -> syn::Result<String> {
    let kebab = ident.unraw().to_string().to_kebab_case();
    check_words(ident, &kebab)?;
    Ok(kebab)
}

/// The Rust name that wit-bindgen gives to a function, parameter or field, and to the parts of a
/// package's name.
pub(crate) fn rust(kebab: &str) -> String {
    if KEYWORDS.contains(&kebab) {
        return format!("{kebab}_");
    }
    kebab.to_snake_case()
}

/// Whether a text is a WIT name as it stands.
pub(crate) fn is_kebab(text: &str) -> bool {
    text.split('-').all(is_word)
}

fn is_word(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_lowercase())
        && word
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
}

fn check_words(ident: &Ident, kebab: &str) -> syn::Result<()> {
    if is_kebab(kebab) {
        return Ok(());
    }
    let message = if kebab.is_ascii() {
        format!("`{ident}` is `{kebab}` outside of Rust, where each word must start with a letter")
    } else {
        format!("`{ident}` has letters outside of a-z, which exported names cannot have")
    };
    Err(syn::Error::new(ident.span(), message))
}
