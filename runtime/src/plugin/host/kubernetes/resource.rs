//! Resources as guests write them: `pods`, `deployments.apps`, `deployments.v1.apps`.

use chaos_host_api::kubernetes::Resource;
use std::str::FromStr;

/// A resource, its version perhaps left open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    plural: String,
    version: Option<String>,
    /// Empty for the core group.
    pub(super) group: String,
}

/// The groups of Kubernetes itself, with the version that every supported release serves. Others
/// are asked for.
const VERSIONS: &[(&str, &str)] = &[
    ("", "v1"),
    ("admissionregistration.k8s.io", "v1"),
    ("apiextensions.k8s.io", "v1"),
    ("apiregistration.k8s.io", "v1"),
    ("apps", "v1"),
    ("authentication.k8s.io", "v1"),
    ("authorization.k8s.io", "v1"),
    ("autoscaling", "v2"),
    ("batch", "v1"),
    ("certificates.k8s.io", "v1"),
    ("coordination.k8s.io", "v1"),
    ("discovery.k8s.io", "v1"),
    ("events.k8s.io", "v1"),
    ("networking.k8s.io", "v1"),
    ("node.k8s.io", "v1"),
    ("policy", "v1"),
    ("rbac.authorization.k8s.io", "v1"),
    ("scheduling.k8s.io", "v1"),
    ("storage.k8s.io", "v1"),
];

impl Written {
    /// The resource, if its version is written or well known.
    pub(super) fn resource(&self) -> Option<Resource> {
        let known = VERSIONS.iter().find(|(group, _)| *group == self.group);
        let version = self
            .version
            .clone()
            .or_else(|| known.map(|(_, version)| (*version).to_owned()))?;
        Some(self.clone().at(version))
    }

    /// The resource at that version.
    pub(super) fn at(self, version: String) -> Resource {
        Resource {
            group: self.group.into(),
            version: version.into(),
            plural: self.plural.into(),
        }
    }
}

impl FromStr for Written {
    type Err = String;

    fn from_str(text: &str) -> Result<Written, String> {
        let wrong = || {
            let shown: String = text.chars().take(253).collect();
            format!(
                "'{}' is no resource: write its lower-case plural and its group, such as pods, \
                 deployments.apps or deployments.v1.apps",
                shown.escape_debug()
            )
        };
        let (plural, rest) = text.split_once('.').unwrap_or((text, ""));
        let (first, after) = rest.split_once('.').unwrap_or((rest, ""));
        let (version, group) = match is_version(first) {
            true => (Some(first.to_owned()), after),
            false => (None, rest),
        };
        let is_label = |label: &str| {
            let inner =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            (1..=63).contains(&label.len())
                && label.bytes().all(inner)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let is_group = group.is_empty() || group.split('.').all(is_label);
        let ends_well = !text.ends_with('.');
        match text.len() <= 253 && is_label(plural) && is_group && ends_well {
            true => Ok(Written {
                plural: plural.to_owned(),
                version,
                group: group.to_owned(),
            }),
            false => Err(wrong()),
        }
    }
}

/// `v1`, `v2beta1`.
fn is_version(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('v') else {
        return false;
    };
    let major = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let stage = major
        .strip_prefix("alpha")
        .or_else(|| major.strip_prefix("beta"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    major.len() < rest.len() && (major.is_empty() || stage.is_some_and(digits))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<(String, Option<String>, String)> {
        let read: Written = text.parse().ok()?;
        Some((read.plural, read.version, read.group))
    }

    #[test]
    fn resources_are_read_as_kubectl_reads_them() {
        let some = |plural: &str, version: Option<&str>, group: &str| {
            Some((plural.into(), version.map(str::to_owned), group.into()))
        };
        assert_eq!(read("pods"), some("pods", None, ""));
        assert_eq!(read("pods.v1"), some("pods", Some("v1"), ""));
        assert_eq!(read("deployments.apps"), some("deployments", None, "apps"));
        assert_eq!(
            read("deployments.v1beta2.apps"),
            some("deployments", Some("v1beta2"), "apps")
        );
        assert_eq!(
            read("networkchaos.chaos-mesh.org"),
            some("networkchaos", None, "chaos-mesh.org")
        );
        assert_eq!(read("x.v1alpha.io"), some("x", None, "v1alpha.io"));
    }

    #[test]
    fn what_is_no_resource_is_refused() {
        for text in [
            "",
            ".",
            "..",
            "Pods",
            "pods/log",
            "pods.",
            "pods..apps",
            "pods.v1.",
            "a b",
            "pods?x",
            "../nodes",
            "pods.apps/v1",
            "-pods",
            "pods%2f",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_version_is_known_or_asked_for() {
        let version = |text: &str| {
            let written: Written = text.parse().unwrap();
            written
                .resource()
                .map(|resource| resource.version.into_owned())
        };
        assert_eq!(version("pods").as_deref(), Some("v1"));
        assert_eq!(version("jobs.batch").as_deref(), Some("v1"));
        assert_eq!(version("jobs.v1beta1.batch").as_deref(), Some("v1beta1"));
        assert_eq!(version("networkchaos.chaos-mesh.org"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = read(&text);
        }

        #[test]
        fn what_is_read_is_one_segment_each(text in "[a-z./?%A-Z0-9-]{0,30}") {
            if let Some((plural, version, group)) = read(&text) {
                for part in [plural, version.unwrap_or_default(), group] {
                    prop_assert!(!part.contains(['/', '?', '%']));
                }
            }
        }
    }
}
