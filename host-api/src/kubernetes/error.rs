use crate::Refusal;

/// What an API server said when it refused a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiAnswer {
    /// HTTP status code.
    pub status: u16,
    /// HTTP reason phrase.
    pub phrase: String,
    /// Headers of the answer, without cookies.
    pub headers: Vec<(String, String)>,
    /// The body as sent.
    pub body: String,
    /// `reason` of the `Status` in the body (`NotFound`), if it is one.
    pub reason: Option<String>,
    /// `message` of the `Status` in the body, if it is one.
    pub message: Option<String>,
}

impl ApiAnswer {
    /// Seconds that the server asks to wait before trying again.
    pub fn retry_after(&self) -> Option<u64> {
        self.headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("retry-after"))
            .and_then(|(_, value)| value.trim().parse().ok())
    }

    fn said(&self) -> &str {
        match (&self.message, self.body.is_empty()) {
            (Some(message), _) => message,
            (None, false) => self.body.trim(),
            (None, true) => "no further word",
        }
    }
}

/// Why a Kubernetes call has no answer, or not the one hoped for.
#[derive(Debug, thiserror::Error)]
pub enum KubernetesError {
    /// The door said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It is not known which cluster is meant, or how to log in.
    #[error("no usable Kubernetes cluster: {0}")]
    Config(String),
    /// The call itself is wrong.
    #[error("cannot make this Kubernetes call: {0}")]
    Invalid(String),
    /// Nothing could be sent: refused, DNS, TLS, proxy.
    #[error("failed to connect to the Kubernetes API for {target}: {reason}")]
    Connect {
        /// The call.
        target: String,
        /// The innermost causes.
        reason: String,
    },
    /// The answer did not come in time. A change may have happened all the same.
    #[error("no complete answer from the Kubernetes API to {target} within {seconds} s")]
    TooSlow {
        /// The call.
        target: String,
        /// Time that was allowed.
        seconds: f64,
    },
    /// The API server refused.
    #[error("the Kubernetes API refused {target}: {} {}: {}", .answer.status, .answer.phrase, .answer.said())]
    Api {
        /// The call.
        target: String,
        /// What it said.
        answer: Box<ApiAnswer>,
    },
    /// The answer broke off, or is not what the API promises.
    #[error("broken answer from the Kubernetes API to {target}: {reason}")]
    Broken {
        /// The call.
        target: String,
        /// What was wrong.
        reason: String,
    },
    /// The answer exceeds the limit.
    #[error("the Kubernetes API's answer to {target} is larger than {limit} bytes")]
    TooLarge {
        /// The call.
        target: String,
        /// The limit.
        limit: usize,
    },
}

impl KubernetesError {
    /// The HTTP status, when the API server answered with one.
    pub fn status(&self) -> Option<u16> {
        match self {
            KubernetesError::Api { answer, .. } => Some(answer.status),
            _ => None,
        }
    }
}

/// An error's own text and those below it, each said once, without what may hold credentials.
pub(super) fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        next = error.source();
        // What only repeats its cause adds nothing.
        let repeats = next.is_some_and(|cause| text.ends_with(&cause.to_string()));
        if !repeats && !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts.join(": ")
}
