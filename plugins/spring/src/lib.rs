//! Chaos Monkey for Spring Boot, through its actuator endpoints: the functions of the Python
//! extension `chaosspring`, by the same names and arguments.

mod actuator;
#[cfg(test)]
mod tests;

/// What a service's Chaos Monkey is up to.
#[chaos_plugin::probes]
pub mod probes {
    use crate::actuator::{Actuator, Failure};
    use chaos_plugin::Json;

    /// Whether Chaos Monkey is enabled.
    pub fn chaosmonkey_enabled(
        /// The actuator's URL: `http://localhost:8080/actuator`.
        base_url: &str,
        /// Headers to send, an object of texts.
        headers: Option<Json>,
        /// Seconds that the service has to answer. Default: as long as the activity has.
        timeout: Option<f64>,
        /// Whether the service's certificate must be valid. Certificates are always verified;
        /// `false` makes a note of it in the log.
        verify_ssl: Option<bool>,
    ) -> Result<bool, Failure> {
        let answer = Actuator::new(base_url, headers, timeout, verify_ssl)?.get("status")?;
        match answer.status {
            200 => Ok(true),
            503 => Ok(false),
            _ => Err(Failure::refused("ChaosMonkey status enquiry", &answer)),
        }
    }

    /// The watchers' configuration.
    pub fn watcher_configuration(
        /// The actuator's URL: `http://localhost:8080/actuator`.
        base_url: &str,
        /// Headers to send, an object of texts.
        headers: Option<Json>,
        /// Seconds that the service has to answer. Default: as long as the activity has.
        timeout: Option<f64>,
        /// As for `chaosmonkey_enabled`.
        verify_ssl: Option<bool>,
    ) -> Result<Json, Failure> {
        Actuator::new(base_url, headers, timeout, verify_ssl)?
            .document("watcher", "ChaosMonkey watcher enquiry")
    }

    /// The assaults' configuration.
    pub fn assaults_configuration(
        /// The actuator's URL: `http://localhost:8080/actuator`.
        base_url: &str,
        /// Headers to send, an object of texts.
        headers: Option<Json>,
        /// Seconds that the service has to answer. Default: as long as the activity has.
        timeout: Option<f64>,
        /// As for `chaosmonkey_enabled`.
        verify_ssl: Option<bool>,
    ) -> Result<Json, Failure> {
        Actuator::new(base_url, headers, timeout, verify_ssl)?
            .document("assaults", "ChaosMonkey assaults enquiry")
    }
}

/// Sets a service's Chaos Monkey on, off, and how.
#[chaos_plugin::actions]
pub mod actions {
    use crate::actuator::{Actuator, Failure};
    use chaos_plugin::Json;

    /// Enables Chaos Monkey; gives the service's answer.
    pub fn enable_chaosmonkey(
        /// The actuator's URL: `http://localhost:8080/actuator`.
        base_url: &str,
        /// Headers to send, an object of texts.
        headers: Option<Json>,
        /// Seconds that the service has to answer. Default: as long as the activity has.
        timeout: Option<f64>,
        /// Whether the service's certificate must be valid. Certificates are always verified;
        /// `false` makes a note of it in the log.
        verify_ssl: Option<bool>,
    ) -> Result<String, Failure> {
        Actuator::new(base_url, headers, timeout, verify_ssl)?.post(
            "enable",
            None,
            "Enable ChaosMonkey",
        )
    }

    /// Disables Chaos Monkey; gives the service's answer.
    pub fn disable_chaosmonkey(
        /// The actuator's URL: `http://localhost:8080/actuator`.
        base_url: &str,
        /// Headers to send, an object of texts.
        headers: Option<Json>,
        /// Seconds that the service has to answer. Default: as long as the activity has.
        timeout: Option<f64>,
        /// As for `enable_chaosmonkey`.
        verify_ssl: Option<bool>,
    ) -> Result<String, Failure> {
        Actuator::new(base_url, headers, timeout, verify_ssl)?.post(
            "disable",
            None,
            "Disable ChaosMonkey",
        )
    }

    /// Changes the assaults' configuration; gives the service's answer.
    pub fn change_assaults_configuration(
        /// The actuator's URL: `http://localhost:8080/actuator`.
        base_url: &str,
        /// What to change, an object such as `{"level": 5, "latencyActive": true}`. Its keys are
        /// Chaos Monkey's and differ between its versions.
        assaults_configuration: Json,
        /// Headers to send, an object of texts.
        headers: Option<Json>,
        /// Seconds that the service has to answer. Default: as long as the activity has.
        timeout: Option<f64>,
        /// As for `enable_chaosmonkey`.
        verify_ssl: Option<bool>,
    ) -> Result<String, Failure> {
        Actuator::new(base_url, headers, timeout, verify_ssl)?.post(
            "assaults",
            Some(assaults_configuration),
            "Change ChaosMonkey Assaults Configuration",
        )
    }
}
