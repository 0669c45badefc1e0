//! Toxiproxy, through its HTTP API: the functions of the Python extension `chaostoxi`, by the same
//! names and arguments. The experiment's configuration says where it is: `toxiproxy_url`, or
//! `toxiproxy_host` and `toxiproxy_port`.

mod api;
#[cfg(test)]
mod tests;

/// What proxies there are.
#[chaos_plugin::probes]
pub mod probes {
    use crate::api::{Failure, Toxiproxy};
    use chaos_plugin::Json;

    /// Whether there is a proxy of that name.
    pub fn proxy_exist(
        /// The proxy.
        proxy_name: &str,
    ) -> Result<bool, Failure> {
        let found = Toxiproxy::configured()?.proxy(proxy_name)?;
        Ok(found.is_some_and(|proxy| proxy.get("name").is_some_and(|name| name == proxy_name)))
    }

    /// One attribute of a proxy; null if there is no such proxy.
    pub fn get_proxy_attribute(
        /// The proxy.
        proxy_name: &str,
        /// `name`, `listen`, `upstream`, `enabled` or `toxics`.
        attribute: &str,
    ) -> Result<Option<Json>, Failure> {
        let Some(mut proxy) = Toxiproxy::configured()?.proxy(proxy_name)? else {
            return Ok(None);
        };
        match proxy.remove(attribute) {
            Some(value) => Ok(Some(value.into())),
            None => Err(Failure::no_attribute(proxy_name, attribute, &proxy)),
        }
    }
}

/// Proxies and toxics, made, changed and removed.
#[chaos_plugin::actions]
pub mod actions {
    use crate::api::{Change, Failure, NewProxy, NewToxic, Toxiproxy, resolved};
    use chaos_plugin::Json;
    use serde_json::{Value, json};

    /// Creates a proxy, to which toxics can be added.
    pub fn create_proxy(
        /// The proxy.
        proxy_name: &str,
        /// The host that it stands before.
        upstream_host: &str,
        /// The port that it stands before.
        // As wide as this: for a `u64` texts of digits do, as environment variables are.
        upstream_port: u64,
        /// The address that it listens at. Default: `0.0.0.0`.
        listen_host: Option<&str>,
        /// The port that it listens at. Default: 0, any that is free; the log says which.
        listen_port: Option<u64>,
        /// Whether it begins at once. Default: true.
        enabled: Option<bool>,
    ) -> Result<bool, Failure> {
        let listen_host = listen_host.unwrap_or("0.0.0.0");
        let listen_port = listen_port.unwrap_or(0);
        let proxy = NewProxy {
            name: proxy_name,
            listen: format!("{listen_host}:{listen_port}"),
            upstream: format!(
                "{}:{upstream_port}",
                resolved("upstream_host", upstream_host)?
            ),
            enabled: enabled.unwrap_or(true),
        };
        Toxiproxy::configured()?.create_proxy(&proxy)?;
        Ok(true)
    }

    /// Disables a proxy: what it stands before seems to be down.
    pub fn disable_proxy(
        /// The proxy.
        proxy_name: &str,
    ) -> Result<bool, Failure> {
        modify_proxy(proxy_name, None, None, Some(false))
    }

    /// Enables a proxy that was disabled.
    pub fn enable_proxy(
        /// The proxy.
        proxy_name: &str,
    ) -> Result<bool, Failure> {
        modify_proxy(proxy_name, None, None, Some(true))
    }

    /// Changes what is given of a proxy, and nothing else.
    pub fn modify_proxy(
        /// The proxy.
        proxy_name: &str,
        /// Host and port to listen at.
        listen_address: Option<&str>,
        /// Host and port to stand before.
        upstream_address: Option<&str>,
        /// Whether it lets anything through.
        enabled: Option<bool>,
    ) -> Result<bool, Failure> {
        let change = Change {
            listen: listen_address,
            upstream: upstream_address,
            enabled,
        };
        Toxiproxy::configured()?.modify_proxy(proxy_name, &change)?;
        Ok(true)
    }

    /// Removes a proxy. One that is not there is a line in the log.
    pub fn delete_proxy(
        /// The proxy.
        proxy_name: &str,
    ) -> Result<(), Failure> {
        Toxiproxy::configured()?.delete_proxy(proxy_name)
    }

    /// Enables all proxies and removes all toxics. Gives whether that went well.
    pub fn reset() -> Result<bool, Failure> {
        Toxiproxy::configured()?.reset()
    }

    /// Removes a toxic. Gives whether that went well.
    pub fn delete_toxic(
        /// The proxy.
        for_proxy: &str,
        /// The toxic.
        toxic_name: &str,
    ) -> Result<bool, Failure> {
        Toxiproxy::configured()?.delete_toxic(for_proxy, toxic_name)
    }

    /// Creates a toxic of any type.
    pub fn create_toxic(
        /// The proxy.
        for_proxy: &str,
        /// The toxic.
        toxic_name: &str,
        /// `latency`, `bandwidth`, `slow_close`, `timeout`, `slicer`, `limit_data`, or another that
        /// the server knows.
        toxic_type: &str,
        /// `downstream` or `upstream`. Default: `downstream`.
        stream: Option<&str>,
        /// The part of the connections that it is for, from 0 to 1. Default: 1.
        toxicity: Option<f64>,
        /// What its type knows, an object such as `{"latency": 5000}`.
        attributes: Option<Json>,
    ) -> Result<bool, Failure> {
        let attributes = match attributes {
            Some(json) => json
                .parse()
                .map(Value::Object)
                .map_err(|_| Failure::NoObject)?,
            None => Value::Null,
        };
        Toxiproxy::configured()?.create_toxic(
            for_proxy,
            &NewToxic {
                name: toxic_name,
                type_: toxic_type,
                stream: stream.unwrap_or("downstream"),
                toxicity: toxicity.unwrap_or(1.0),
                attributes,
            },
        )
    }

    /// Delays all that comes down through a proxy.
    pub fn create_latency_toxic(
        /// The proxy.
        for_proxy: &str,
        /// The toxic.
        toxic_name: &str,
        /// Milliseconds.
        latency: i64,
        /// Milliseconds more or less. Default: 0.
        jitter: Option<i64>,
    ) -> Result<bool, Failure> {
        let attributes = json!({"latency": latency, "jitter": jitter.unwrap_or(0)});
        downstream(for_proxy, toxic_name, "latency", attributes)
    }

    /// Limits how fast data come down through a proxy.
    pub fn create_bandwith_degradation_toxic(
        /// The proxy.
        for_proxy: &str,
        /// The toxic.
        toxic_name: &str,
        /// Kilobytes in a second.
        rate: i64,
    ) -> Result<bool, Failure> {
        downstream(for_proxy, toxic_name, "bandwidth", json!({"rate": rate}))
    }

    /// Delays the end of connections.
    pub fn create_slow_connection_close_toxic(
        /// The proxy.
        for_proxy: &str,
        /// The toxic.
        toxic_name: &str,
        /// Milliseconds.
        delay: i64,
    ) -> Result<bool, Failure> {
        downstream(for_proxy, toxic_name, "slow_close", json!({"delay": delay}))
    }

    /// Stops all data, and closes connections after a while.
    pub fn create_timeout_toxic(
        /// The proxy.
        for_proxy: &str,
        /// The toxic.
        toxic_name: &str,
        /// Milliseconds; 0: connections stay open until the toxic is removed.
        timeout: i64,
    ) -> Result<bool, Failure> {
        downstream(
            for_proxy,
            toxic_name,
            "timeout",
            json!({"timeout": timeout}),
        )
    }

    /// Cuts what comes down into small pieces.
    pub fn create_slicer_toxic(
        /// The proxy.
        for_proxy: &str,
        /// The toxic.
        toxic_name: &str,
        /// Bytes of a piece.
        average_size: i64,
        /// Bytes more or less; fewer than `average_size`.
        size_variation: i64,
        /// Microseconds between pieces.
        delay: i64,
    ) -> Result<bool, Failure> {
        let attributes = json!({
            "average_size": average_size,
            "size_variation": size_variation,
            "delay": delay,
        });
        downstream(for_proxy, toxic_name, "slicer", attributes)
    }

    /// Closes a connection when so much has come down.
    pub fn create_limiter_toxic(
        /// The proxy.
        for_proxy: &str,
        /// The toxic.
        toxic_name: &str,
        /// Bytes.
        bytes_limit: i64,
    ) -> Result<bool, Failure> {
        downstream(
            for_proxy,
            toxic_name,
            "limit_data",
            json!({"bytes": bytes_limit}),
        )
    }

    /// A toxic for all connections.
    fn downstream(
        for_proxy: &str,
        name: &str,
        type_: &str,
        attributes: Value,
    ) -> Result<bool, Failure> {
        let toxic = NewToxic {
            name,
            type_,
            stream: "downstream",
            toxicity: 1.0,
            attributes,
        };
        Toxiproxy::configured()?.create_toxic(for_proxy, &toxic)
    }
}
