//! Every limit of the door, each with its reason. A limit is always on: nothing here means "none".

use std::time::Duration;

/// How long an activity may take when its file does not say.
///
/// Long enough for a load test or a drain that waits for pods; short enough that a pipeline with
/// a hanging experiment ends within its own time limit.
pub const DEFAULT_ACTIVITY_TIMEOUT: Duration = Duration::from_secs(600);

/// How long a process group has between SIGTERM and SIGKILL at its deadline.
pub const PROCESS_GRACE: Duration = Duration::from_millis(500);

/// How long the output of a process that has exited is waited for when others hold on to it: those
/// that it left in the background. Long enough for words already said to arrive on a busy machine,
/// short enough that starting a service costs next to nothing.
pub const PROCESS_LINGER: Duration = Duration::from_millis(200);

/// Bytes kept of each of a process's output streams. What exceeds it is read and dropped, and the
/// output says so. Larger than the 10 MB that real probes were seen to print, small enough for a
/// journal that other tools still open.
pub const PROCESS_OUTPUT_BYTES: usize = 16 * 1024 * 1024;

/// Bytes of an HTTP body after decompression; more fails the call, since half a body could be
/// mistaken for the whole.
pub const HTTP_BODY_BYTES: usize = 64 * 1024 * 1024;

/// Redirects followed, as many as the reference's HTTP client does.
pub const HTTP_REDIRECTS: usize = 30;

/// Bytes of an experiment fetched from a URL. Real ones are a few kilobytes.
pub const DOCUMENT_BYTES: usize = 16 * 1024 * 1024;

/// How long fetching an experiment from a URL may take.
pub const DOCUMENT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long one exchange with a vault may take.
pub const VAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long one notification may take; it must not hold up an experiment.
pub const NOTIFICATION_TIMEOUT: Duration = Duration::from_secs(5);

/// How long the answer to a request that may change something is still read after its deadline,
/// so that the record says what became of it.
pub const HTTP_LINGER: Duration = Duration::from_secs(60);

/// Bytes of one answer of a Kubernetes API server: a page of a list, an object, a pod's log. More
/// fails the call, since half a log could be mistaken for the whole.
pub const KUBERNETES_BODY_BYTES: usize = 64 * 1024 * 1024;

/// Objects asked for at once in a list, as many as kubectl asks for.
pub const KUBERNETES_PAGE: usize = 500;

/// Objects of one list. Twice what Kubernetes itself supports in a cluster (150,000 pods).
pub const KUBERNETES_LIST_ITEMS: usize = 300_000;

/// How often a call is made again because the API server asked to come back later, as often as
/// Kubernetes' own client does.
pub const KUBERNETES_RETRIES: u32 = 10;
