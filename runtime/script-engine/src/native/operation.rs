//! Operations that are begun.

use super::bytes_of;
use crate::bindings::chaos::host::http::Request;
use crate::bindings::chaos::host::kubernetes_read::Selection;
use crate::bindings::chaos::script::operations::{
    self, ContainerLog, Creation, Deletion, Eviction, Listing, Object, Operation, Patching, Scaling,
};
use rquickjs::{Ctx, FromJs, IntoJs, TypedArray, Value};

/// A number, or the text that says why there is none.
fn start<'js>(ctx: &Ctx<'js>, operation: &Operation) -> rquickjs::Result<Value<'js>> {
    match operations::start(operation) {
        Ok(id) => id.into_js(ctx),
        Err(why) => why.into_js(ctx),
    }
}

/// `headers`: name, value, name, value, ...
pub(super) fn start_http<'js>(
    ctx: Ctx<'js>,
    method: String,
    url: String,
    headers: Vec<String>,
    body: Option<TypedArray<'js, u8>>,
    timeout_ms: Option<u32>,
    redirects: u8,
) -> rquickjs::Result<Value<'js>> {
    let mut headers = headers.into_iter();
    let pairs = std::iter::from_fn(|| Some((headers.next()?, headers.next()?)));
    let request = Request {
        method,
        url,
        headers: pairs.collect(),
        body: body.as_ref().map(bytes_of).unwrap_or_default(),
        timeout_ms,
        redirects,
    };
    start(&ctx, &Operation::Http(request))
}

pub(super) fn start_sleep(ctx: Ctx<'_>, milliseconds: f64) -> rquickjs::Result<Value<'_>> {
    // Too long, or no number: what fits.
    let nanoseconds = (milliseconds * 1e6) as u64;
    start(&ctx, &Operation::Sleep(nanoseconds))
}

/// What a call of Kubernetes may say; the prelude sees to it that it says what it must.
struct Said<'js>(rquickjs::Object<'js>);

impl<'js> Said<'js> {
    fn get<T: FromJs<'js>>(&self, name: &str) -> rquickjs::Result<Option<T>> {
        self.0.get(name)
    }

    fn text(&self, name: &str) -> rquickjs::Result<String> {
        Ok(self.get(name)?.unwrap_or_default())
    }

    fn object(&self) -> rquickjs::Result<Object> {
        Ok(Object {
            resource: self.text("resource")?,
            namespace: self.get("namespace")?,
            name: self.text("name")?,
        })
    }
}

pub(super) fn start_kubernetes<'js>(
    ctx: Ctx<'js>,
    verb: String,
    said: rquickjs::Object<'js>,
) -> rquickjs::Result<Value<'js>> {
    let said = Said(said);
    let operation = match verb.as_str() {
        "list" => Operation::KubernetesList(Listing {
            resource: said.text("resource")?,
            selection: Selection {
                namespace: said.get("namespace")?,
                labels: said.get("labels")?,
                fields: said.get("fields")?,
            },
        }),
        "get" => Operation::KubernetesGet(said.object()?),
        "log" => Operation::KubernetesLog(ContainerLog {
            namespace: said.text("namespace")?,
            pod: said.text("name")?,
            container: said.get("container")?,
            lines: said.get("lines")?.unwrap_or(u32::MAX),
        }),
        "delete" => Operation::KubernetesDelete(Deletion {
            object: said.object()?,
            grace_seconds: said.get("graceSeconds")?,
        }),
        "evict" => Operation::KubernetesEvict(Eviction {
            namespace: said.text("namespace")?,
            pod: said.text("name")?,
            grace_seconds: said.get("graceSeconds")?,
        }),
        "patch" => Operation::KubernetesPatch(Patching {
            object: said.object()?,
            patch: said.text("json")?,
        }),
        "scale" => Operation::KubernetesScale(Scaling {
            resource: said.text("resource")?,
            namespace: said.text("namespace")?,
            name: said.text("name")?,
            replicas: said.get("replicas")?.unwrap_or_default(),
        }),
        "create" => Operation::KubernetesCreate(Creation {
            resource: said.text("resource")?,
            namespace: said.get("namespace")?,
            object: said.text("json")?,
        }),
        other => return format!("no such call: {other}").into_js(&ctx),
    };
    start(&ctx, &operation)
}
