//! Where a request goes: an absolute URL, quoted as `requests` quotes it.

use std::borrow::Cow;
use url::{Host, Url};

/// The scheme, which decides about TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Http,
    Https,
}

/// A parsed absolute URL.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) scheme: Scheme,
    /// Without user information, path and query quoted; the query is kept beside it because
    /// [`Url`] quotes one more character (`'`) than `requests` does.
    base: Url,
    query: Option<String>,
    credentials: Option<(String, String)>,
}

impl Target {
    /// Reads an absolute `http` or `https` URL.
    ///
    /// # Errors
    /// What is wrong with it, in words; never its user information.
    pub(super) fn parse(text: &str) -> Result<Target, String> {
        let text = text.trim_start();
        let shown = without_userinfo(text);
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(format!(
                "invalid URL '{shown}': no scheme; perhaps you meant http://{shown}"
            ));
        };
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            other => {
                return Err(format!(
                    "invalid URL '{shown}': the scheme {other} is neither http nor https"
                ));
            }
        };
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        let (rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, Some(query)),
            None => (rest, None),
        };
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, "/"),
        };
        let quoted = format!("{}://{authority}{}", scheme.name(), quote(path, is_path));
        let mut base =
            Url::parse(&quoted).map_err(|error| format!("invalid URL '{shown}': {error}"))?;
        let credentials = (!base.username().is_empty() || base.password().is_some()).then(|| {
            (
                unquote(base.username()),
                unquote(base.password().unwrap_or("")),
            )
        });
        // Cannot fail: the URL has a host.
        let _ = base.set_username("");
        let _ = base.set_password(None);
        Ok(Target {
            scheme,
            base,
            query: query.map(|query| quote(query, |byte| is_path(byte) || byte == b'?')),
            credentials,
        })
    }

    /// The target of a redirect from here to `location`, which may be relative.
    ///
    /// # Errors
    /// As [`Target::parse`].
    pub(super) fn join(&self, location: &str) -> Result<Target, String> {
        let location = location.trim();
        let absolute = location
            .find("://")
            .is_some_and(|at| !location[..at].contains(['/', '?', '#']));
        if absolute {
            return Target::parse(location);
        }
        if let Some(rest) = location.strip_prefix("//") {
            return Target::parse(&format!("{}://{rest}", self.scheme.name()));
        }
        let origin = self.origin();
        let path = self.base.path();
        Target::parse(&match location.as_bytes().first() {
            None | Some(b'#') => self.shown(),
            Some(b'/') => format!("{origin}{location}"),
            Some(b'?') => format!("{origin}{path}{location}"),
            Some(_) => {
                let folder = path.rfind('/').map_or("/", |slash| &path[..=slash]);
                format!("{origin}{folder}{location}")
            }
        })
    }

    /// The URL without user information and query: what grants look at.
    pub(super) fn place(&self) -> &Url {
        &self.base
    }

    /// Host name or address literal, without brackets.
    pub(super) fn host(&self) -> String {
        match self.base.host() {
            Some(Host::Ipv6(address)) => address.to_string(),
            Some(host) => host.to_string(),
            None => String::new(),
        }
    }

    /// The port, the scheme's own when none is written.
    pub(super) fn port(&self) -> u16 {
        self.base.port().unwrap_or(self.scheme.default_port())
    }

    /// For the `Host` header: the port only when it is not the scheme's own.
    pub(super) fn authority(&self) -> String {
        let host = self.base.host_str().unwrap_or_default();
        match self.base.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// For the request line.
    pub(super) fn path_and_query(&self) -> String {
        match &self.query {
            Some(query) if !query.is_empty() => format!("{}?{query}", self.base.path()),
            _ => self.base.path().to_owned(),
        }
    }

    /// `http://host:port`.
    pub(super) fn origin(&self) -> String {
        format!("{}://{}", self.scheme.name(), self.authority())
    }

    /// The whole URL without user information, for messages and for a proxy's request line.
    pub(super) fn shown(&self) -> String {
        format!("{}{}", self.origin(), self.path_and_query())
    }

    /// User and password written into the URL.
    pub(super) fn credentials(&self) -> Option<(&str, &str)> {
        self.credentials
            .as_ref()
            .map(|(user, password)| (user.as_str(), password.as_str()))
    }

    /// Whether credentials meant for `self` may go to `next`: the same host and port, or the same
    /// host where only plain HTTP on its own port became HTTPS on its own.
    pub(super) fn shares_credentials_with(&self, next: &Target) -> bool {
        let upgraded = self.scheme == Scheme::Http
            && self.port() == 80
            && next.scheme == Scheme::Https
            && next.port() == 443;
        self.host() == next.host()
            && (upgraded || (self.scheme == next.scheme && self.port() == next.port()))
    }
}

impl Scheme {
    pub(super) fn name(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

/// A URL as messages may show it: what stands before an `@` of its authority is masked.
pub fn without_userinfo(url: &str) -> Cow<'_, str> {
    let start = url.find("://").map_or(0, |at| at + 3);
    let authority = &url[start..];
    let end = authority.find(['/', '?', '#']).unwrap_or(authority.len());
    match authority[..end].rfind('@') {
        Some(at) => Cow::Owned(format!(
            "{}{}{}",
            &url[..start],
            crate::redact::MASK,
            &authority[at..]
        )),
        None => Cow::Borrowed(url),
    }
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn is_path(byte: u8) -> bool {
    is_unreserved(byte) || b"!$&'()*+,;=:@/".contains(&byte)
}

/// Percent-encodes what is not `allowed`. Escapes that are already there stay (those of unreserved
/// characters are undone), unless there is a stray `%`: then every `%` is taken literally.
fn quote(text: &str, allowed: impl Fn(u8) -> bool) -> String {
    let bytes = text.as_bytes();
    let escape = |at: usize| -> Option<u8> {
        let digits = text.get(at + 1..at + 3)?;
        digits
            .bytes()
            .all(|digit| digit.is_ascii_hexdigit())
            .then(|| u8::from_str_radix(digits, 16).ok())
            .flatten()
    };
    let escaped = (0..bytes.len()).all(|at| bytes[at] != b'%' || escape(at).is_some());
    let mut quoted = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        if byte == b'%'
            && let Some(value) = escape(at - 1)
        {
            at += 2;
            if !escaped {
                quoted.push_str(&format!("%25{value:02X}"));
            } else if is_unreserved(value) {
                quoted.push(char::from(value));
            } else {
                quoted.push_str(&format!("%{value:02X}"));
            }
        } else if allowed(byte) {
            quoted.push(char::from(byte));
        } else {
            quoted.push_str(&format!("%{byte:02X}"));
        }
    }
    quoted
}

fn unquote(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let escaped = (byte == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match escaped {
            Some(value) => {
                bytes.push(value);
                rest = &tail[2..];
            }
            None => {
                bytes.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]
    use super::*;
    use proptest::prelude::*;

    fn sent(url: &str) -> String {
        let target = Target::parse(url).unwrap();
        format!("{} {}", target.authority(), target.path_and_query())
    }

    #[test]
    fn urls_are_quoted_as_requests_quotes_them() {
        assert_eq!(sent("http://h"), "h /");
        assert_eq!(sent("http://h:80/a b?c d#e"), "h /a%20b?c%20d");
        assert_eq!(sent("https://h:80/%7Eme/%2f"), "h:80 /~me/%2F");
        assert_eq!(sent("http://h/100%?q=5%"), "h /100%25?q=5%25");
        assert_eq!(sent("http://h/a/../b/./c"), "h /b/c");
        assert_eq!(sent("http://h?q='x'"), "h /?q='x'");
        assert_eq!(sent("http://[::1]:8080/é"), "[::1]:8080 /%C3%A9");
        assert_eq!(sent("http://bücher.example/"), "xn--bcher-kva.example /");
    }

    #[test]
    fn what_is_no_url_is_said_without_its_credentials() {
        for url in [
            "ftp://u:s3cret@h/",
            "u:s3cret@h/",
            "http://u:s3cret@/",
            "http://u:s3cret@h:x/",
        ] {
            let error = Target::parse(url).unwrap_err();
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn user_information_is_taken_out() {
        let target = Target::parse("http://us%40r:p%3Aw@h/x").unwrap();
        assert_eq!(target.credentials(), Some(("us@r", "p:w")));
        assert_eq!(target.shown(), "http://h/x");
        assert_eq!(
            without_userinfo("http://u:p@h/x@y"),
            "http://********@h/x@y"
        );
        assert_eq!(without_userinfo("http://h/x@y"), "http://h/x@y");
    }

    #[test]
    fn redirects_resolve_against_where_they_came_from() {
        let from = Target::parse("http://h:8080/a/b?c=d").unwrap();
        for (location, expected) in [
            ("e", "http://h:8080/a/e"),
            ("../e", "http://h:8080/e"),
            ("/e?f", "http://h:8080/e?f"),
            ("?g", "http://h:8080/a/b?g"),
            ("//other/x", "http://other/x"),
            ("https://other/x?u=http://y", "https://other/x?u=http://y"),
            ("/to?u=http://y", "http://h:8080/to?u=http://y"),
            ("", "http://h:8080/a/b?c=d"),
        ] {
            assert_eq!(from.join(location).unwrap().shown(), expected, "{location}");
        }
        assert!(from.join("file:///etc/passwd").is_err());
    }

    #[test]
    fn credentials_stay_with_their_host() {
        let at = |url: &str| Target::parse(url).unwrap();
        assert!(at("http://h/a").shares_credentials_with(&at("https://h/b")));
        assert!(at("http://h:1/a").shares_credentials_with(&at("http://h:1/b")));
        assert!(!at("https://h/a").shares_credentials_with(&at("http://h/b")));
        assert!(!at("http://h/a").shares_credentials_with(&at("http://i/b")));
        assert!(!at("http://h:1/a").shares_credentials_with(&at("http://h:2/b")));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_quoting_is_stable(rest in ".{0,40}") {
            if let Ok(target) = Target::parse(&format!("http://h/{rest}")) {
                let once = target.shown();
                prop_assert!(once.bytes().all(|byte| byte.is_ascii_graphic()));
                prop_assert_eq!(Target::parse(&once).unwrap().shown(), once);
            }
            let _ = Target::parse(&rest);
        }
    }
}
