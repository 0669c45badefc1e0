//! In WebAssembly: the imports of `chaos:host`, by wit-bindgen.
//!
//! What a plugin does not call is not among its imports: the linker drops the code, and what turns
//! the module into a component looks at the code that is left.

mod bindings {
    #![allow(
        missing_docs,
        unreachable_pub,
        unsafe_op_in_unsafe_fn,
        clippy::all,
        reason = "generated"
    )]

    wit_bindgen::generate!({ path: "wit", world: "host" });
}

use bindings::chaos::host as wit;

pub(crate) mod log {
    use super::wit::log;
    use crate::log::Level;

    pub(crate) fn write(level: Level, message: &str) {
        let level = match level {
            Level::Debug => log::Level::Debug,
            Level::Info => log::Level::Info,
            Level::Warning => log::Level::Warning,
            Level::Error => log::Level::Error,
        };
        log::write(level, message);
    }
}

pub(crate) use self::wit::{clock, random};

pub(crate) mod configuration {
    use super::wit::configuration;
    use crate::configuration::Error;

    pub(crate) fn get(name: &str) -> Result<Option<String>, Error> {
        configuration::get(name).map_err(|configuration::Error::Denied(text)| Error::Denied(text))
    }
}

pub(crate) mod secrets {
    use super::wit::secrets;
    use crate::secrets::Error;

    pub(crate) fn placeholder(target: &str, key: &str) -> Result<String, Error> {
        secrets::placeholder(target, key).map_err(error)
    }

    pub(crate) fn basic_authorization(
        user: &str,
        target: &str,
        key: &str,
    ) -> Result<String, Error> {
        secrets::basic_authorization(user, target, key).map_err(error)
    }

    fn error(error: secrets::Error) -> Error {
        match error {
            secrets::Error::Denied(text) => Error::Denied(text),
            secrets::Error::Unknown(text) => Error::Unknown(text),
        }
    }
}

pub(crate) mod http {
    use std::time::Duration;

    use super::wit::http;
    use crate::http::{Error, Request, Response};

    pub(crate) fn send(request: Request) -> Result<Response, Error> {
        let described = describe(&request);
        http::send(&outgoing(request)).map_or_else(
            |refused| Err(error(refused)),
            |answer| Ok(response(described, answer)),
        )
    }

    pub(crate) struct Exchange {
        described: String,
        exchange: http::Exchange,
    }

    impl Exchange {
        pub(crate) fn begin(request: Request) -> Self {
            Self {
                described: describe(&request),
                exchange: http::Exchange::new(&outgoing(request)),
            }
        }

        pub(crate) fn ready(&self) -> bool {
            self.exchange.ready()
        }

        pub(crate) fn wait(self) -> Result<Response, Error> {
            let answer = self.exchange.wait();
            answer.map_or_else(
                |refused| Err(error(refused)),
                |answer| Ok(response(self.described, answer)),
            )
        }
    }

    fn describe(request: &Request) -> String {
        format!("{} {}", request.method, request.url)
    }

    fn outgoing(request: Request) -> http::Request {
        http::Request {
            timeout_ms: request.timeout_ms(),
            method: request.method,
            url: request.url,
            headers: request.headers,
            body: request.body,
            redirects: request.redirects,
        }
    }

    fn response(request: String, answer: http::Response) -> Response {
        let http::Response {
            status,
            headers,
            body,
            elapsed_ns,
        } = answer;
        Response {
            status,
            headers,
            body,
            elapsed: Duration::from_nanos(elapsed_ns),
            request,
        }
    }

    fn error(error: http::Error) -> Error {
        match error {
            http::Error::Denied(text) => Error::Denied(text),
            http::Error::TimedOut(text) => Error::TimedOut(text),
            http::Error::NotConnected(text) => Error::NotConnected(text),
            http::Error::Invalid(text) => Error::Invalid(text),
            http::Error::Broken(text) => Error::Broken(text),
        }
    }
}

pub(crate) mod kubernetes {
    use super::wit::{
        kubernetes_read as read, kubernetes_types as types, kubernetes_write as write,
    };
    use crate::kubernetes::{Error, List, Refusal};

    pub(crate) fn list(list: List) -> Result<Vec<String>, Error> {
        let List {
            resource,
            namespace,
            labels,
            fields,
        } = list;
        read::list(
            &resource,
            &read::Selection {
                namespace,
                labels,
                fields,
            },
        )
        .map_err(error)
    }

    pub(crate) fn get(
        resource: &str,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<String, Error> {
        read::get(resource, namespace, name).map_err(error)
    }

    pub(crate) fn log(
        namespace: &str,
        pod: &str,
        container: Option<&str>,
        lines: u32,
    ) -> Result<String, Error> {
        read::log(namespace, pod, container, lines).map_err(error)
    }

    pub(crate) fn delete(
        resource: &str,
        namespace: Option<&str>,
        name: &str,
        grace: Option<u32>,
    ) -> Result<(), Error> {
        write::delete(resource, namespace, name, grace).map_err(error)
    }

    pub(crate) fn evict(namespace: &str, pod: &str, grace: Option<u32>) -> Result<(), Error> {
        write::evict(namespace, pod, grace).map_err(error)
    }

    pub(crate) fn patch(
        resource: &str,
        namespace: Option<&str>,
        name: &str,
        patch: &str,
    ) -> Result<String, Error> {
        write::patch(resource, namespace, name, patch).map_err(error)
    }

    pub(crate) fn scale(
        resource: &str,
        namespace: &str,
        name: &str,
        replicas: u32,
    ) -> Result<u32, Error> {
        write::scale(resource, namespace, name, replicas).map_err(error)
    }

    pub(crate) fn create(
        resource: &str,
        namespace: Option<&str>,
        object: &str,
    ) -> Result<String, Error> {
        write::create(resource, namespace, object).map_err(error)
    }

    fn error(error: types::Error) -> Error {
        match error {
            types::Error::Denied(text) => Error::Denied(text),
            types::Error::TimedOut(text) => Error::TimedOut(text),
            types::Error::Refused(types::Refusal {
                status,
                reason,
                message,
            }) => Error::Refused(Refusal {
                status,
                reason,
                message,
            }),
            types::Error::Invalid(text) => Error::Invalid(text),
            types::Error::Failed(text) => Error::Failed(text),
        }
    }
}
