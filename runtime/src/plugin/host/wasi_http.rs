//! `wasi:http/outgoing-handler`, by the same way as `chaos:host/http`: an ordinary HTTP library
//! works, and can do no more.

use super::State;
use super::http::Way;
use bytes::Bytes;
use chaos_host_api::Refusal;
use chaos_host_api::http::{HttpError, HttpResponse};
use http::{HeaderValue, Uri, header, request};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use wasmtime_wasi_http::{
    Error, RequestOptions, Result, WasiBody, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

/// What the implementation of `wasi:http` calls.
#[derive(Default)]
pub(in crate::plugin) struct Hooks {
    /// `None`: the guest has met a limit.
    way: Option<Way>,
    /// Bytes of requests and answers since the last look.
    passed: Arc<AtomicUsize>,
}

/// Each function of `wasi:http` begins here, so here it is counted.
impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        let passed = self.hooks.passed.swap(0, Ordering::Relaxed);
        let within_limits = self.meter.note_host_call(passed);
        self.hooks.way = within_limits.then(|| self.way());
        WasiHttpCtxView {
            hooks: &mut self.hooks,
            table: &mut self.table,
            ctx: &mut self.wasi_http,
        }
    }
}

type Sent = Result<(
    http::Response<WasiBody>,
    Box<dyn Future<Output = Result<()>> + Send>,
)>;

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Result<()>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let way = self.way.clone();
        let passed = Arc::clone(&self.passed);
        Box::new(async move {
            let way = way.ok_or(Error::ConnectionLimitReached)?;
            let (head, body) = request.into_parts();
            let url = url(&head.uri)?;
            let body = collect(body, way.most()).await?;
            passed.fetch_add(url.len() + body.len(), Ordering::Relaxed);
            let response = send(&way, head, url, body, options.unwrap_or_default()).await?;
            passed.fetch_add(response.body().len(), Ordering::Relaxed);
            let response = response.map(|body| {
                let body = Full::new(body).map_err(Error::from);
                body.boxed_unsync()
            });
            // The body is here: nothing is left to be driven.
            let done: Box<dyn Future<Output = Result<()>> + Send> = Box::new(async { Ok(()) });
            Ok((response, done))
        })
    }

    /// The door makes it from the URL.
    fn set_host_header(&mut self) -> bool {
        false
    }
}

/// The URL of a request in parts. A path that brings an authority of its own, or an authority
/// that brings a path, has not become part of a [`Uri`].
fn url(uri: &Uri) -> Result<String> {
    let scheme = uri.scheme_str().ok_or(Error::HttpRequestUriInvalid)?;
    let authority = uri.authority().ok_or(Error::HttpRequestUriInvalid)?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let path = if path.starts_with('?') {
        format!("/{path}")
    } else {
        path.to_owned()
    };
    if authority.as_str().contains('@') || !path.starts_with('/') {
        return Err(Error::HttpRequestUriInvalid);
    }
    Ok(format!("{scheme}://{authority}{path}"))
}

/// The body, once the guest has written all of it.
async fn collect(body: WasiBody, most: usize) -> Result<Bytes> {
    match Limited::new(body, most).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(Error::HttpRequestBodySize(u64::try_from(most).ok()))
        }
        Err(error) => Err(match error.downcast::<Error>() {
            Ok(error) => *error,
            Err(other) => Error::InternalError(Some(other.to_string())),
        }),
    }
}

async fn send(
    way: &Way,
    head: request::Parts,
    url: String,
    body: Bytes,
    options: RequestOptions,
) -> Result<http::Response<Bytes>> {
    let mut headers = Vec::new();
    for (name, value) in &head.headers {
        // Checked against the body, and made anew from it.
        if *name != header::CONTENT_LENGTH {
            // Headers carry bytes as Latin-1.
            let text = value.as_bytes().iter().copied().map(char::from).collect();
            headers.push((name.as_str().to_owned(), text));
        }
    }
    let mut request = way.request(head.method.as_str().to_owned(), url, headers, body);
    request.connect_timeout = options.connect_timeout;
    // The guest sees the first byte when the last one has arrived, and never waits between them.
    request.answer_timeout = options.first_byte_timeout;
    match way.exchange(request, None).await {
        Ok(response) => incoming(response),
        Err(error) => {
            // The codes of `wasi:http` cannot say what would allow a request.
            tracing::debug!("{}", way.told(&error));
            Err(failure(way, error))
        }
    }
}

fn incoming(response: HttpResponse) -> Result<http::Response<Bytes>> {
    let mut made = http::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        let bytes: Option<Vec<u8>> = value.chars().map(|c| u8::try_from(c).ok()).collect();
        let value = bytes.and_then(|bytes| HeaderValue::from_bytes(&bytes).ok());
        made = made.header(name, value.ok_or(Error::HttpProtocolError)?);
    }
    made.body(response.body)
        .map_err(|_| Error::HttpProtocolError)
}

fn failure(way: &Way, error: HttpError) -> Error {
    let text = way.told(&error);
    match error {
        HttpError::Refused(Refusal::TooLate) | HttpError::TooSlow { .. } => {
            Error::HttpResponseTimeout
        }
        HttpError::Refused(_) => {
            tracing::warn!("{text}");
            Error::HttpRequestDenied
        }
        HttpError::Connect { .. } => Error::ConnectionRefused,
        HttpError::Invalid(_) => Error::InternalError(Some(text)),
        HttpError::Broken { .. } => Error::HttpResponseIncomplete,
        HttpError::TooLarge { limit, .. } => Error::HttpResponseBodySize(u64::try_from(limit).ok()),
    }
}
