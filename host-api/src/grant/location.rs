//! Where HTTP requests may go: `scheme://host[:port]/path[*]`.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use url::{Host, Url};

/// A pattern for URLs. The scheme and the port are exact; the host is exact or all names below a
/// suffix (`*.example.com`); the path is exact, or a prefix when it ends in `*`. Queries are not
/// looked at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UrlPattern {
    /// `None`: anywhere.
    origin: Option<OriginPattern>,
    path: PathPattern,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct OriginPattern {
    https: bool,
    host: HostPattern,
    port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum HostPattern {
    /// In lower case, as in a URL (`xn--`).
    Name(String),
    /// Any name that ends in a dot and this.
    Below(String),
    Address(IpAddr),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct PathPattern {
    /// As [`canonical_path`] writes it.
    text: String,
    is_prefix: bool,
}

impl UrlPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn parse(text: &str) -> Result<UrlPattern, String> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(format!(
                "'{text}' is no URL pattern: write scheme://host[:port]/path, such as \
                 http://127.0.0.1:8080/*"
            ));
        };
        let https = match scheme {
            "http" => false,
            "https" => true,
            other => {
                let hint = super::spelling::hint(other, &["http", "https"]);
                return Err(format!("'{other}' is no scheme; {hint}"));
            }
        };
        let Some(slash) = rest.find('/') else {
            return Err(format!(
                "'{text}' has no path: end it with / for that alone, with /* for every path"
            ));
        };
        let (authority, path) = rest.split_at(slash);
        if authority.contains('@') {
            return Err("user and password do not belong into a grant".to_owned());
        }
        let (host, port) = split_port(authority)?;
        let origin = OriginPattern {
            https,
            host: HostPattern::parse(host)?,
            port: port.unwrap_or(if https { 443 } else { 80 }),
        };
        Ok(UrlPattern {
            origin: Some(origin),
            path: PathPattern::parse(path)?,
        })
    }

    /// Reads a pattern that may also leave the place open: `*`, or `*` and a path.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn parse_open(text: &str) -> Result<UrlPattern, String> {
        match text.strip_prefix('*') {
            Some("") => Ok(UrlPattern {
                origin: None,
                path: PathPattern::parse("/*")?,
            }),
            Some(path) if path.starts_with('/') => Ok(UrlPattern {
                origin: None,
                path: PathPattern::parse(path)?,
            }),
            _ => UrlPattern::parse(text),
        }
    }

    /// Whether the place is left open.
    pub(super) fn is_anywhere(&self) -> bool {
        self.origin.is_none()
    }

    /// The narrowest pattern for `url`: its path, exactly. `None` when no pattern can name it.
    pub(crate) fn exactly(url: &Url) -> Option<UrlPattern> {
        let path = canonical_path(url.path());
        let text = match path.contains('*') {
            // A star is literal in a URL only.
            true => return None,
            false => format!("{}{path}", origin(url)?),
        };
        UrlPattern::parse(&text).ok().filter(|own| own.matches(url))
    }

    /// Whether requests to `url` are meant.
    pub fn matches(&self, url: &Url) -> bool {
        self.matches_origin(url) && self.path.matches(&canonical_path(url.path()))
    }

    /// Whether the path is all that keeps [`UrlPattern::matches`] from being true, and only since
    /// it could mean another path to the server than it seems to.
    pub(crate) fn fails_for_ambiguity(&self, url: &Url) -> bool {
        let path = canonical_path(url.path());
        self.matches_origin(url)
            && !self.path.matches(&path)
            && self.path.is_prefix
            && path.starts_with(&self.path.text)
    }

    pub(crate) fn matches_origin(&self, url: &Url) -> bool {
        let Some(OriginPattern { https, host, port }) = &self.origin else {
            return matches!(url.scheme(), "http" | "https");
        };
        let scheme = if *https { "https" } else { "http" };
        url.scheme() == scheme && url.port_or_known_default() == Some(*port) && host.matches(url)
    }

    /// Whether everything that `self` matches is matched by `other` too.
    pub fn is_within(&self, other: &UrlPattern) -> bool {
        let origin = match (&self.origin, &other.origin) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(other)) => {
                own.https == other.https
                    && own.port == other.port
                    && own.host.is_within(&other.host)
            }
        };
        origin && self.path.is_within(&other.path)
    }

    /// Whether names (rather than one address) are meant.
    pub(super) fn is_of_names(&self) -> bool {
        let origin = self.origin.as_ref();
        !origin.is_some_and(|origin| matches!(origin.host, HostPattern::Address(_)))
    }

    /// The pattern in words.
    pub(super) fn explain(&self) -> String {
        let path = &self.path;
        let path = match (path.is_prefix, path.text.as_str()) {
            (true, "/") => "every path".to_owned(),
            (true, text) => format!("every path that begins with {text}"),
            (false, text) => format!("the path {text} alone"),
        };
        let Some(OriginPattern { https, host, port }) = &self.origin else {
            return format!("wherever the operator allows, {path}");
        };
        let scheme = if *https { "HTTPS" } else { "HTTP" };
        let host = match host {
            HostPattern::Name(name) => name.clone(),
            HostPattern::Below(suffix) => format!("every host below {suffix}"),
            HostPattern::Address(address) => address.to_string(),
        };
        format!("{host}, {scheme} port {port}, {path}")
    }
}

impl FromStr for UrlPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<UrlPattern, String> {
        UrlPattern::parse(text)
    }
}

impl fmt::Display for UrlPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Some(origin) => write!(formatter, "{origin}")?,
            None => formatter.write_str("*")?,
        }
        formatter.write_str(&self.path.text)?;
        formatter.write_str(if self.path.is_prefix { "*" } else { "" })
    }
}

impl fmt::Display for OriginPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, default) = match self.https {
            true => ("https", 443),
            false => ("http", 80),
        };
        write!(formatter, "{scheme}://")?;
        match &self.host {
            HostPattern::Name(name) => formatter.write_str(name)?,
            HostPattern::Below(suffix) => write!(formatter, "*.{suffix}")?,
            HostPattern::Address(IpAddr::V4(address)) => write!(formatter, "{address}")?,
            HostPattern::Address(IpAddr::V6(address)) => write!(formatter, "[{address}]")?,
        }
        match self.port == default {
            true => Ok(()),
            false => write!(formatter, ":{}", self.port),
        }
    }
}

/// `http://host:port`, without user information. `None` for URLs that have no host.
pub(crate) fn origin(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    let port = url
        .port()
        .map_or_else(String::new, |port| format!(":{port}"));
    Some(format!("{}://{host}{port}", url.scheme()))
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), String> {
    let colon = match authority.rfind(']') {
        Some(bracket) => authority[bracket..].find(':').map(|at| bracket + at),
        None => authority.rfind(':'),
    };
    let Some(colon) = colon else {
        return Ok((authority, None));
    };
    let (host, port) = (&authority[..colon], &authority[colon + 1..]);
    let plain = port.bytes().all(|byte| byte.is_ascii_digit()) && !port.starts_with('0');
    match port.parse() {
        Ok(number) if plain => Ok((host, Some(number))),
        _ => Err(format!(
            "'{port}' is no port: write a number from 1 to 65535, or nothing for the scheme's own"
        )),
    }
}

impl HostPattern {
    fn parse(text: &str) -> Result<HostPattern, String> {
        let (name, below) = match text.strip_prefix("*.") {
            Some(suffix) => (suffix, true),
            None => (text, false),
        };
        let sound = |name: &str| {
            if name.contains('*') {
                return Err(format!(
                    "'{text}': a star stands for names at the beginning only, as in *.example.com"
                ));
            }
            if name.ends_with('.') {
                return Err(format!("'{text}': leave out the dot at the end"));
            }
            match name.contains("..") || name.starts_with('.') {
                true => Err(format!("'{text}': there is nothing between two dots")),
                false => Ok(()),
            }
        };
        sound(name)?;
        if name.contains('%') {
            return Err(format!("'{text}': write the host without escapes"));
        }
        let host = Host::parse(name).map_err(|error| format!("'{text}' is no host: {error}"))?;
        // Other letters may have become stars and dots.
        if let Host::Domain(name) = &host {
            sound(name)?;
        }
        match host {
            Host::Domain(name) if below => Ok(HostPattern::Below(name)),
            Host::Domain(name) => Ok(HostPattern::Name(name)),
            _ if below => Err(format!("'{text}': there are no names below an address")),
            Host::Ipv4(address) if address.to_string() == name => {
                Ok(HostPattern::Address(IpAddr::V4(address)))
            }
            Host::Ipv4(address) => Err(format!("'{text}': write this address as {address}")),
            Host::Ipv6(address) => Ok(HostPattern::Address(IpAddr::V6(address))),
        }
    }

    fn matches(&self, url: &Url) -> bool {
        match (self, url.host()) {
            (HostPattern::Name(own), Some(Host::Domain(host))) => own == host,
            // A star is literal in a URL only, and no name has one.
            (HostPattern::Below(suffix), Some(Host::Domain(host))) => {
                !host.contains('*') && is_below(host, suffix)
            }
            (HostPattern::Address(IpAddr::V4(own)), Some(Host::Ipv4(address))) => *own == address,
            (HostPattern::Address(IpAddr::V6(own)), Some(Host::Ipv6(address))) => *own == address,
            _ => false,
        }
    }

    fn is_within(&self, other: &HostPattern) -> bool {
        match (self, other) {
            (HostPattern::Name(name), HostPattern::Below(suffix)) => is_below(name, suffix),
            (HostPattern::Below(own), HostPattern::Below(suffix)) => {
                own == suffix || is_below(own, suffix)
            }
            (own, other) => own == other,
        }
    }
}

/// Whether `host` ends in a dot and `suffix`, with labels before, none of them empty.
fn is_below(host: &str, suffix: &str) -> bool {
    host.strip_suffix(suffix)
        .and_then(|rest| rest.strip_suffix('.'))
        .is_some_and(|rest| rest.split('.').all(|label| !label.is_empty()))
}

impl PathPattern {
    fn parse(text: &str) -> Result<PathPattern, String> {
        let (path, is_prefix) = match text.strip_suffix('*') {
            Some(prefix) => (prefix, true),
            None => (text, false),
        };
        if path.contains('*') {
            return Err(format!(
                "'{text}': a star stands for the rest of a path only, at its end"
            ));
        }
        if path.contains(['?', '#']) {
            return Err(format!(
                "'{text}': leave out the query; a path is granted with every query"
            ));
        }
        if path.contains(|c: char| c == '\\' || c.is_whitespace() || c.is_control()) {
            return Err(format!("'{text}' holds a character that no path holds"));
        }
        let path = canonical_path(path);
        if path.split('/').any(|segment| matches!(segment, "." | "..")) {
            return Err(format!(
                "'{text}': write the path without . and .. segments"
            ));
        }
        if is_prefix && is_ambiguous(&path) {
            return Err(format!(
                "'{text}': what a server could take for another path fits an exact path only"
            ));
        }
        Ok(PathPattern {
            text: path,
            is_prefix,
        })
    }

    /// `path` as [`canonical_path`] writes it.
    fn matches(&self, path: &str) -> bool {
        match self.is_prefix {
            false => path == self.text,
            true => path.starts_with(&self.text) && (self.text == "/" || !is_ambiguous(path)),
        }
    }

    fn is_within(&self, other: &PathPattern) -> bool {
        match (self.is_prefix, other.is_prefix) {
            (true, false) => false,
            (false, _) => other.matches(&self.text),
            (true, true) => self.text.starts_with(&other.text),
        }
    }
}

/// A path with its escapes in one form: those of letters, digits and `-._~` undone, the others
/// in upper case; what may not stand there as it is, escaped.
pub(crate) fn canonical_path(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut out = String::with_capacity(path.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%').then(|| escape(bytes, at)).flatten();
        at += if escaped.is_some() { 3 } else { 1 };
        let value = escaped.unwrap_or(byte);
        let stands = match escaped {
            Some(value) => is_unreserved(value),
            None => is_unreserved(value) || b"!$&'()*+,;=:@/".contains(&value),
        };
        match stands {
            true => out.push(char::from(value)),
            false => out.push_str(&format!("%{value:02X}")),
        }
    }
    out
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn escape(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
    let value = digit(at + 1)? * 16 + digit(at + 2)?;
    u8::try_from(value).ok()
}

/// Whether a server that undoes escapes (perhaps twice), takes `\` for `/`, or cuts parameters off
/// segments (`..;x`) could see another path than the one written.
fn is_ambiguous(path: &str) -> bool {
    let bytes = path.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%').then(|| escape(bytes, at)).flatten();
        match escaped {
            Some(b'/' | b'\\' | b'%') => return true,
            Some(control) if control.is_ascii_control() => return true,
            _ => {}
        }
        at += if escaped.is_some() { 3 } else { 1 };
        decoded.push(escaped.unwrap_or(byte));
    }
    let Ok(decoded) = String::from_utf8(decoded) else {
        return true;
    };
    decoded.contains('\\')
        || decoded.split('/').any(|segment| {
            let name = segment.split(';').next().unwrap_or_default();
            matches!(name, "." | "..")
        })
}

#[cfg(test)]
mod tests;
