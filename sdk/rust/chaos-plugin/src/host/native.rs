//! Natively: the mock host of the thread, if there is one.

use crate::mock::with_host;

pub(crate) mod log {
    use crate::log::Level;
    use crate::mock::try_with_host;

    pub(crate) fn write(level: Level, message: &str) {
        if try_with_host(|host| host.write(level, message)).is_none() {
            eprintln!("{level:?}: {message}");
        }
    }
}

pub(crate) mod clock {
    use super::with_host;

    pub(crate) fn now() -> u64 {
        with_host(|host| host.clock.now())
    }

    pub(crate) fn monotonic() -> u64 {
        with_host(|host| host.clock.monotonic())
    }

    pub(crate) fn sleep(nanoseconds: u64) {
        with_host(|host| host.clock.pass(nanoseconds));
    }
}

pub(crate) mod random {
    use super::with_host;

    pub(crate) fn bytes(count: u32) -> Vec<u8> {
        let numbers = std::iter::repeat_with(number).flat_map(u64::to_le_bytes);
        numbers
            .take(usize::try_from(count).unwrap_or(usize::MAX))
            .collect()
    }

    pub(crate) fn number() -> u64 {
        with_host(|host| host.random.next())
    }
}

pub(crate) mod configuration {
    use super::with_host;
    use crate::configuration::Error;

    pub(crate) fn get(name: &str) -> Result<Option<String>, Error> {
        Ok(with_host(|host| host.configuration.get(name).cloned()))
    }
}

pub(crate) mod secrets {
    use super::with_host;
    use crate::secrets::Error;

    pub(crate) fn placeholder(target: &str, key: &str) -> Result<String, Error> {
        known(target, key)?;
        Ok(format!("{{secret {target}.{key}}}"))
    }

    pub(crate) fn basic_authorization(
        user: &str,
        target: &str,
        key: &str,
    ) -> Result<String, Error> {
        known(target, key)?;
        Ok(format!(
            "{{basic authorization of {user} with {target}.{key}}}"
        ))
    }

    fn known(target: &str, key: &str) -> Result<(), Error> {
        if with_host(|host| host.secrets.contains(&(target.to_owned(), key.to_owned()))) {
            return Ok(());
        }
        Err(Error::Unknown(format!(
            "the mock host has no secret: call `host.secret({target:?}, {key:?})`"
        )))
    }
}

pub(crate) mod http {
    use super::with_host;
    use crate::http::{Error, Request, Response};

    pub(crate) fn send(request: Request) -> Result<Response, Error> {
        Exchange::begin(request).wait()
    }

    /// An answer that is known, and the moment from which the plugin may know it.
    pub(crate) struct Exchange {
        answer: Result<Response, Error>,
        until: u64,
    }

    impl Exchange {
        pub(crate) fn begin(request: Request) -> Self {
            let (answer, until) = with_host(|host| host.exchange(&request));
            Self { answer, until }
        }

        pub(crate) fn ready(&self) -> bool {
            with_host(|host| host.clock.monotonic() >= self.until)
        }

        pub(crate) fn wait(self) -> Result<Response, Error> {
            with_host(|host| host.clock.pass_until(self.until));
            self.answer
        }
    }
}

pub(crate) mod kubernetes {
    use super::with_host;
    use crate::kubernetes::{Error, List};
    use crate::mock::{Call, Verb};

    fn call(verb: Verb, resource: &str, namespace: Option<&str>, name: Option<&str>) -> Call {
        Call {
            verb,
            resource: resource.to_owned(),
            namespace: namespace.map(str::to_owned),
            name: name.map(str::to_owned),
            labels: None,
            fields: None,
            body: None,
            number: None,
        }
    }

    pub(crate) fn list(list: List) -> Result<Vec<String>, Error> {
        let List {
            resource,
            namespace,
            labels,
            fields,
        } = list;
        let call = call(Verb::List, &resource, namespace.as_deref(), None);
        with_host(|host| {
            host.kubernetes(Call {
                labels,
                fields,
                ..call
            })
        })
    }

    pub(crate) fn get(
        resource: &str,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<String, Error> {
        one(call(Verb::Get, resource, namespace, Some(name)))
    }

    pub(crate) fn log(
        namespace: &str,
        pod: &str,
        container: Option<&str>,
        lines: u32,
    ) -> Result<String, Error> {
        let fields = container.map(str::to_owned);
        one(Call {
            number: Some(lines),
            fields,
            ..call(Verb::Log, "pods", Some(namespace), Some(pod))
        })
    }

    pub(crate) fn delete(
        resource: &str,
        namespace: Option<&str>,
        name: &str,
        grace: Option<u32>,
    ) -> Result<(), Error> {
        let call = call(Verb::Delete, resource, namespace, Some(name));
        with_host(|host| {
            host.kubernetes(Call {
                number: grace,
                ..call
            })
        })
        .map(drop)
    }

    pub(crate) fn evict(namespace: &str, pod: &str, grace: Option<u32>) -> Result<(), Error> {
        let call = call(Verb::Evict, "pods", Some(namespace), Some(pod));
        with_host(|host| {
            host.kubernetes(Call {
                number: grace,
                ..call
            })
        })
        .map(drop)
    }

    pub(crate) fn patch(
        resource: &str,
        namespace: Option<&str>,
        name: &str,
        patch: &str,
    ) -> Result<String, Error> {
        one(Call {
            body: Some(patch.to_owned()),
            ..call(Verb::Patch, resource, namespace, Some(name))
        })
    }

    pub(crate) fn scale(
        resource: &str,
        namespace: &str,
        name: &str,
        replicas: u32,
    ) -> Result<u32, Error> {
        let call = call(Verb::Scale, resource, Some(namespace), Some(name));
        let before = one(Call {
            number: Some(replicas),
            ..call
        })?;
        before
            .parse()
            .map_err(|_| Error::Failed(format!("the mock host's answer is no number: {before}")))
    }

    pub(crate) fn create(
        resource: &str,
        namespace: Option<&str>,
        object: &str,
    ) -> Result<String, Error> {
        one(Call {
            body: Some(object.to_owned()),
            ..call(Verb::Create, resource, namespace, None)
        })
    }

    fn one(call: Call) -> Result<String, Error> {
        Ok(with_host(|host| host.kubernetes(call))?
            .into_iter()
            .next()
            .unwrap_or_default())
    }
}
