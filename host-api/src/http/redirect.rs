//! Following redirects as the reference's HTTP client does.

use super::connect::basic;
use super::target::Target;
use super::{HttpRequest, HttpResponse};
use crate::Effect;
use crate::placeholder::{Placeholders, Secret, Spelling};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use http_body_util::Full;
use std::borrow::Cow;

/// One request on the way through redirects.
#[derive(Debug, Clone)]
pub(super) struct Hop {
    pub(super) target: Target,
    pub(super) method: Method,
    pub(super) effect: Effect,
    headers: HeaderMap,
    body: Bytes,
    cookies: Vec<(String, String)>,
}

impl Hop {
    /// The first one.
    ///
    /// # Errors
    /// What is wrong with the request; header values are not shown.
    pub(super) fn first(request: &HttpRequest, of_guest: bool) -> Result<Hop, String> {
        let target = Target::parse(&request.url)?;
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| format!("'{}' is not an HTTP method", request.method.escape_debug()))?;
        if of_guest && target.credentials().is_some() {
            return Err(
                "the URL holds a user name or a password; use `basic-authorization`".to_owned(),
            );
        }
        if method == Method::CONNECT {
            return Err("CONNECT is for proxies, not for activities".to_owned());
        }
        let mut headers = HeaderMap::new();
        for (name, value) in &request.headers {
            let parsed = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| format!("'{}' is not a header name", name.escape_debug()))?;
            let value = header_value(name, value)?;
            if of_guest {
                check_header(&parsed, &value, &target)?;
            }
            headers.append(parsed, value);
        }
        // The length of the body is known and sent as such, whatever the caller wrote.
        headers.remove(CONTENT_LENGTH);
        headers.remove(TRANSFER_ENCODING);
        if let Some((user, password)) = target.credentials() {
            headers.insert(
                AUTHORIZATION,
                header_value("Authorization", &basic(user, password))?,
            );
        }
        Ok(Hop {
            target,
            method,
            effect: request.effect,
            headers,
            body: request.body.clone(),
            cookies: Vec::new(),
        })
    }

    /// The next one, when `response` is a redirect.
    ///
    /// # Errors
    /// It leads nowhere that can be asked.
    pub(super) fn next(&self, response: &HttpResponse) -> Result<Option<Hop>, String> {
        if !matches!(response.status, 301 | 302 | 303 | 307 | 308) {
            return Ok(None);
        }
        let Some(location) = response
            .headers
            .iter()
            .find_map(|(name, value)| name.eq_ignore_ascii_case("location").then_some(value))
        else {
            return Ok(None);
        };
        // Sent as UTF-8 bytes by many servers, which headers carry as Latin-1.
        let bytes: Vec<u8> = location
            .chars()
            .filter_map(|c| u8::try_from(c).ok())
            .collect();
        let location = String::from_utf8(bytes).unwrap_or_else(|_| location.clone());
        let mut next = self.clone();
        next.target = self
            .target
            .join(&location)
            .map_err(|reason| format!("redirected to a place that cannot be asked: {reason}"))?;
        let becomes_get = match response.status {
            302 | 303 => self.method != Method::HEAD,
            301 => self.method == Method::POST,
            _ => false,
        };
        if becomes_get && self.method != Method::GET {
            next.method = Method::GET;
            next.effect = Effect::Read;
        }
        if !matches!(response.status, 307 | 308) {
            next.body = Bytes::new();
            next.headers.remove(http::header::CONTENT_TYPE);
        }
        next.headers.remove(HOST);
        if !self.target.shares_credentials_with(&next.target) {
            next.headers.remove(AUTHORIZATION);
        }
        next.remember_cookies(self, response);
        Ok(Some(next))
    }

    /// Cookies set by a redirect go to further requests to the same host, which is what logins
    /// by redirect need; nothing else of RFC 6265 matters within one activity.
    fn remember_cookies(&mut self, from: &Hop, response: &HttpResponse) {
        if from.target.host() != self.target.host() {
            self.cookies.clear();
            self.headers.remove(http::header::COOKIE);
            return;
        }
        for (name, value) in &response.headers {
            if !name.eq_ignore_ascii_case("set-cookie") {
                continue;
            }
            let pair = value.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                let name = name.trim().to_owned();
                self.cookies.retain(|(known, _)| *known != name);
                self.cookies.push((name, value.trim().to_owned()));
            }
        }
    }

    /// The request to send. A proxy that `forwards` plain HTTP gets the whole URL.
    ///
    /// # Errors
    /// The URL does not fit into a request.
    pub(super) fn request(
        &self,
        forwarded: Option<&Option<HeaderValue>>,
        placeholders: Option<&Placeholders>,
    ) -> Result<http::Request<Full<Bytes>>, String> {
        let uri = match forwarded {
            Some(_) => self.target.shown(),
            None => self.target.path_and_query(),
        };
        let mut uri = Cow::Owned(uri.into_bytes());
        let mut body = self.body.clone();
        if let Some(placeholders) = placeholders {
            uri = Cow::Owned(placeholders.fill(&uri, Spelling::Percent).into_owned());
            let spelling = self
                .headers
                .get(CONTENT_TYPE)
                .and_then(|kind| kind.to_str().ok());
            let spelling = Spelling::of_body(spelling.unwrap_or_default());
            if let Cow::Owned(filled) = placeholders.fill(&self.body, spelling) {
                body = filled.into();
            }
        }
        let length = body.len();
        let mut request = http::Request::new(Full::new(body));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() =
            http::Uri::try_from(uri.as_ref()).map_err(|error| format!("{error}"))?;
        let headers = request.headers_mut();
        headers.insert(HOST, header_value("Host", &self.target.authority())?);
        for name in self.headers.keys() {
            headers.remove(name);
            for value in self.headers.get_all(name) {
                headers.append(name, filled(name, value, placeholders)?);
            }
        }
        if let Some(Some(credentials)) = forwarded {
            headers.insert(http::header::PROXY_AUTHORIZATION, credentials.clone());
        }
        if !self.cookies.is_empty() && !headers.contains_key(http::header::COOKIE) {
            let pairs: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            headers.insert(
                http::header::COOKIE,
                header_value("Cookie", &pairs.join("; "))?,
            );
        }
        if length > 0 || !matches!(self.method, Method::GET | Method::HEAD) {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        Ok(request)
    }

    /// The secrets that it takes along, each once.
    pub(super) fn secrets<'p>(&self, placeholders: &'p Placeholders) -> Vec<&'p Secret> {
        let url = self.target.path_and_query();
        let headers = self.headers.values().map(HeaderValue::as_bytes);
        let texts = headers.chain([url.as_bytes(), &self.body]);
        let mut secrets = Vec::new();
        for secret in texts.flat_map(|text| placeholders.within(text)) {
            if !secrets.contains(&secret) {
                secrets.push(secret);
            }
        }
        secrets
    }

    /// Bytes of body.
    pub(super) fn body_bytes(&self) -> u64 {
        u64::try_from(self.body.len()).unwrap_or(u64::MAX)
    }

    /// Whether doing it twice is as good as doing it once (RFC 9110, 9.2.2).
    pub(super) fn may_be_repeated(&self) -> bool {
        matches!(
            self.method,
            Method::GET
                | Method::HEAD
                | Method::PUT
                | Method::DELETE
                | Method::OPTIONS
                | Method::TRACE
        )
    }

    /// Adds `Authorization` unless there is one.
    pub(super) fn authorize(&mut self, credentials: &str) {
        if let Ok(value) = HeaderValue::from_str(credentials) {
            self.headers.entry(AUTHORIZATION).or_insert(value);
        }
    }
}

/// Refuses what would make another request of the one that was granted: another virtual host at
/// the same address, or something between the host and its connection.
fn check_header(name: &HeaderName, value: &HeaderValue, target: &Target) -> Result<(), String> {
    let same_host = || {
        value
            .as_bytes()
            .eq_ignore_ascii_case(target.authority().as_bytes())
    };
    let of_the_connection = [
        "connection",
        "expect",
        "http2-settings",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    let name = name.as_str();
    if name == "host" && !same_host() {
        return Err("the header Host names another host than the URL".to_owned());
    }
    if of_the_connection.contains(&name) || name.starts_with("proxy-") {
        return Err(format!("the header {name} is not a plugin's to set"));
    }
    Ok(())
}

/// A header's value with the secrets in place.
fn filled(
    name: &HeaderName,
    value: &HeaderValue,
    placeholders: Option<&Placeholders>,
) -> Result<HeaderValue, String> {
    let filled = placeholders.map(|all| all.fill(value.as_bytes(), Spelling::Plain));
    match filled {
        Some(Cow::Owned(bytes)) => HeaderValue::from_bytes(&bytes)
            .map(|mut value| {
                value.set_sensitive(true);
                value
            })
            .map_err(|_| {
                format!("the secret for the header {name} is none that headers can carry")
            }),
        _ => Ok(value.clone()),
    }
}

/// Headers are Latin-1 on the wire.
fn header_value(name: &str, value: &str) -> Result<HeaderValue, String> {
    let bytes: Option<Vec<u8>> = value.chars().map(|c| u8::try_from(c).ok()).collect();
    bytes
        .and_then(|bytes| HeaderValue::from_bytes(&bytes).ok())
        .map(|mut value| {
            value.set_sensitive(true);
            value
        })
        .ok_or_else(|| {
            format!(
                "the value of the header {} holds a character that headers cannot carry",
                name.escape_debug()
            )
        })
}
