//! Answers of the host, for the prelude.

use crate::bindings::chaos::host::{http, kubernetes_types};
use crate::bindings::chaos::script::operations::Answer;
use rquickjs::{Ctx, IntoJs, Object, TypedArray, Value};

/// Whether an operation went well; its value, or `{code, message, status, reason}`.
pub(crate) fn answer<'js>(ctx: &Ctx<'js>, answer: Answer) -> rquickjs::Result<(bool, Value<'js>)> {
    let well = |value| Ok((true, value));
    let undefined = || Value::new_undefined(ctx.clone());
    match answer {
        Answer::Slept => well(undefined()),
        Answer::Http(Ok(reply)) => {
            let response = reply.response;
            let told = Object::new(ctx.clone())?;
            told.set("url", reply.url)?;
            told.set("status", response.status)?;
            let headers = response.headers.into_iter();
            let flat: Vec<String> = headers.flat_map(|(name, value)| [name, value]).collect();
            told.set("headers", flat)?;
            told.set("body", TypedArray::new(ctx.clone(), response.body)?)?;
            told.set("elapsedMs", response.elapsed_ns as f64 / 1e6)?;
            well(told.into_value())
        }
        Answer::Objects(Ok(texts)) => well(texts.into_js(ctx)?),
        Answer::Text(Ok(text)) => well(text.into_js(ctx)?),
        Answer::Replicas(Ok(number)) => well(number.into_js(ctx)?),
        Answer::Done(Ok(())) => well(undefined()),
        Answer::Http(Err(error)) => {
            let (code, message) = match error {
                http::Error::Denied(text) => ("denied", text),
                http::Error::TimedOut(text) => ("timed-out", text),
                http::Error::NotConnected(text) => ("not-connected", text),
                http::Error::Invalid(text) => ("invalid", text),
                http::Error::Broken(text) => ("broken", text),
            };
            failed(ctx, code, message, None)
        }
        Answer::Objects(Err(error))
        | Answer::Text(Err(error))
        | Answer::Replicas(Err(error))
        | Answer::Done(Err(error)) => {
            use kubernetes_types::Error;
            let (code, message) = match error {
                Error::Refused(refusal) => {
                    let more = (refusal.status, refusal.reason);
                    return failed(ctx, "refused", refusal.message, Some(more));
                }
                Error::Denied(text) => ("denied", text),
                Error::TimedOut(text) => ("timed-out", text),
                Error::Invalid(text) => ("invalid", text),
                Error::Failed(text) => ("failed", text),
            };
            failed(ctx, code, message, None)
        }
    }
}

fn failed<'js>(
    ctx: &Ctx<'js>,
    code: &str,
    message: String,
    refusal: Option<(u16, String)>,
) -> rquickjs::Result<(bool, Value<'js>)> {
    let told = Object::new(ctx.clone())?;
    told.set("code", code)?;
    told.set("message", message)?;
    if let Some((status, reason)) = refusal {
        told.set("status", status)?;
        told.set("reason", reason)?;
    }
    Ok((false, told.into_value()))
}
