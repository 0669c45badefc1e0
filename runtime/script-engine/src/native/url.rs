//! URLs and forms as browsers read and write them.

use form_urlencoded::Serializer;
use url::{Url, quirks};

/// A URL and its parts: href, origin, protocol, username, password, host, hostname, port, pathname,
/// search, hash. None: it is no URL.
type Parts = Option<Vec<String>>;

pub(super) fn parse(text: String, base: Option<String>) -> Parts {
    let parsed = match base {
        Some(base) => Url::parse(&base).and_then(|base| base.join(&text)),
        None => Url::parse(&text),
    };
    parsed.ok().map(|url| parts(&url))
}

/// The URL with another part; as it was when it cannot have that one.
pub(super) fn change(href: String, part: String, value: String) -> Parts {
    let mut url = Url::parse(&href).ok()?;
    // What a part cannot be is ignored, as in browsers.
    match part.as_str() {
        "protocol" => drop(quirks::set_protocol(&mut url, &value)),
        "username" => drop(quirks::set_username(&mut url, &value)),
        "password" => drop(quirks::set_password(&mut url, &value)),
        "host" => drop(quirks::set_host(&mut url, &value)),
        "hostname" => drop(quirks::set_hostname(&mut url, &value)),
        "port" => drop(quirks::set_port(&mut url, &value)),
        "pathname" => quirks::set_pathname(&mut url, &value),
        "search" => quirks::set_search(&mut url, &value),
        "hash" => quirks::set_hash(&mut url, &value),
        _ => return None,
    }
    Some(parts(&url))
}

fn parts(url: &Url) -> Vec<String> {
    let text = str::to_owned;
    vec![
        text(quirks::href(url)),
        quirks::origin(url),
        text(quirks::protocol(url)),
        text(quirks::username(url)),
        text(quirks::password(url)),
        text(quirks::host(url)),
        text(quirks::hostname(url)),
        text(quirks::port(url)),
        text(quirks::pathname(url)),
        text(quirks::search(url)),
        text(quirks::hash(url)),
    ]
}

/// `a=1&b=2` as name, value, name, value, ...
pub(super) fn read_form(text: String) -> Vec<String> {
    let pairs = form_urlencoded::parse(text.as_bytes());
    pairs
        .flat_map(|(name, value)| [name.into_owned(), value.into_owned()])
        .collect()
}

/// The other way round.
pub(super) fn write_form(flat: Vec<String>) -> String {
    let mut form = Serializer::new(String::new());
    let mut flat = flat.into_iter();
    while let (Some(name), Some(value)) = (flat.next(), flat.next()) {
        form.append_pair(&name, &value);
    }
    form.finish()
}
