//! What is known of Python modules that are not served here.

use crate::experiment;

/// A published extension of Chaos Toolkit.
struct Extension {
    /// Its top-level Python module.
    module: &'static str,
    /// The package that holds it.
    package: &'static str,
    /// What it is for.
    system: &'static str,
    /// What does the same without Python, beginning with a verb.
    instead: &'static str,
}

const fn extension(
    module: &'static str,
    package: &'static str,
    system: &'static str,
    instead: &'static str,
) -> Extension {
    Extension {
        module,
        package,
        system,
        instead,
    }
}

/// Modules and packages as their repositories name them.
const EXTENSIONS: &[Extension] = &[
    extension(
        "chaosaddons",
        "chaostoolkit-addons",
        "generic tolerances and controls",
        "use a tolerance of type 'jsonpath', 'range' or 'regex'",
    ),
    extension(
        "chaosansible",
        "chaostoolkit-ansible",
        "Ansible",
        "call `ansible` in a process activity",
    ),
    extension(
        "chaosaws",
        "chaostoolkit-aws",
        "Amazon Web Services",
        "call `aws` in a process activity",
    ),
    extension(
        "chaosazure",
        "chaostoolkit-azure",
        "Microsoft Azure",
        "call `az` in a process activity",
    ),
    extension(
        "chaoscf",
        "chaostoolkit-cloud-foundry",
        "Cloud Foundry",
        "call `cf` in a process activity",
    ),
    extension(
        "chaosconsul",
        "chaostoolkit-consul",
        "Consul",
        "call its HTTP API in an http activity, or `consul` in a process activity",
    ),
    extension(
        "chaosdatadog",
        "chaostoolkit-datadog",
        "Datadog",
        "call its HTTP API in an http activity",
    ),
    extension(
        "chaosdynatrace",
        "chaostoolkit-dynatrace",
        "Dynatrace",
        "call its HTTP API in an http activity",
    ),
    extension(
        "chaoselasticsearch",
        "chaostoolkit-elasticsearch",
        "Elasticsearch",
        "call its HTTP API in an http activity",
    ),
    extension(
        "chaosgandi",
        "chaostoolkit-gandi",
        "Gandi",
        "call its HTTP API in an http activity",
    ),
    extension(
        "chaosgce",
        "chaostoolkit-google-cloud",
        "Google Cloud",
        "call `gcloud` in a process activity",
    ),
    extension(
        "chaosgcp",
        "chaostoolkit-google-cloud-platform",
        "Google Cloud",
        "call `gcloud` in a process activity",
    ),
    extension(
        "chaosgrafana",
        "chaostoolkit-grafana",
        "Grafana",
        "call its HTTP API in an http activity",
    ),
    extension(
        "chaosgremlin",
        "chaostoolkit-gremlin",
        "Gremlin",
        "call its HTTP API in an http activity",
    ),
    extension(
        "chaoshub",
        "chaostoolkit-chaoshub",
        "Chaos Hub",
        "leave it out: that service has ended",
    ),
    extension(
        "chaoshumio",
        "chaostoolkit-humio",
        "Humio",
        "call its HTTP API in an http activity",
    ),
    extension(
        "chaosinstana",
        "chaostoolkit-instana",
        "Instana",
        "call its HTTP API in an http activity",
    ),
    extension(
        "chaosistio",
        "chaostoolkit-istio",
        "Istio",
        "call `kubectl apply` in a process activity",
    ),
    extension(
        "chaosk6",
        "chaostoolkit-k6",
        "k6",
        "call `k6` in a process activity",
    ),
    extension(
        "chaoskafka",
        "chaostoolkit-kafka",
        "Kafka",
        "call Kafka's own commands in process activities",
    ),
    extension(
        "chaoslocust",
        "chaostoolkit-locust",
        "Locust",
        "call `locust --headless` in a process activity",
    ),
    extension(
        "chaosoci",
        "chaostoolkit-oci",
        "Oracle Cloud",
        "call `oci` in a process activity",
    ),
    extension(
        "chaosopenstack",
        "chaostoolkit-openstack",
        "OpenStack",
        "call `openstack` in a process activity",
    ),
    extension(
        "chaospixie",
        "chaostoolkit-pixie",
        "Pixie",
        "call `px` in a process activity",
    ),
    extension(
        "chaosprometheus",
        "chaostoolkit-prometheus",
        "Prometheus",
        "call its HTTP API (/api/v1/query) in an http activity",
    ),
    extension(
        "chaosreliably",
        "chaostoolkit-reliably",
        "Reliably",
        "call the system itself in http or process activities",
    ),
    extension(
        "chaossaltstack",
        "chaostoolkit-saltstack",
        "SaltStack",
        "call `salt` in a process activity",
    ),
    extension(
        "chaosservicefabric",
        "chaostoolkit-service-fabric",
        "Service Fabric",
        "call `sfctl` in a process activity",
    ),
    extension(
        "chaosslack",
        "chaostoolkit-slack",
        "Slack",
        "call its HTTP API in an http activity",
    ),
    extension(
        "chaosspring",
        "chaostoolkit-spring",
        "Chaos Monkey for Spring Boot",
        "call its HTTP API (/actuator/chaosmonkey) in an http activity",
    ),
    extension(
        "chaosterraform",
        "chaostoolkit-terraform",
        "Terraform",
        "call `terraform` in a process activity",
    ),
    extension(
        "chaostoxi",
        "chaostoolkit-toxiproxy",
        "Toxiproxy",
        "call its HTTP API in an http activity",
    ),
    extension(
        "chaostracing",
        "chaostoolkit-opentracing",
        "OpenTracing and OpenTelemetry",
        "leave it out: it only reports",
    ),
    extension(
        "chaosturbulence",
        "chaostoolkit-turbulence",
        "BOSH Turbulence",
        "call its HTTP API in an http activity",
    ),
    extension(
        "chaosvsphere",
        "chaostoolkit-vsphere",
        "VMware vSphere",
        "call `govc` in a process activity",
    ),
    extension(
        "chaoswm",
        "chaostoolkit-wiremock",
        "WireMock",
        "call its HTTP API (/__admin) in an http activity",
    ),
    extension(
        "ibmcloud",
        "chaostoolkit-ibmcloud",
        "IBM Cloud",
        "call `ibmcloud` in a process activity",
    ),
];

/// Top-level modules of Python's standard library that an activity may plausibly name.
const STANDARD_LIBRARY: &[&str] = &[
    "asyncio",
    "base64",
    "builtins",
    "collections",
    "csv",
    "datetime",
    "email",
    "fileinput",
    "ftplib",
    "functools",
    "getpass",
    "glob",
    "gzip",
    "hashlib",
    "http",
    "imaplib",
    "importlib",
    "io",
    "ipaddress",
    "itertools",
    "json",
    "linecache",
    "logging",
    "math",
    "multiprocessing",
    "operator",
    "os",
    "pathlib",
    "platform",
    "posix",
    "posixpath",
    "pprint",
    "pwd",
    "random",
    "re",
    "resource",
    "sched",
    "secrets",
    "select",
    "shelve",
    "shlex",
    "shutil",
    "signal",
    "smtplib",
    "socket",
    "sqlite3",
    "ssl",
    "statistics",
    "string",
    "subprocess",
    "sys",
    "syslog",
    "tarfile",
    "tempfile",
    "threading",
    "time",
    "traceback",
    "types",
    "unittest",
    "urllib",
    "uuid",
    "webbrowser",
    "xml",
    "xmlrpc",
    "zipfile",
    "zlib",
];

/// Whether a module belongs to Python's standard library.
pub(super) fn is_standard(module: &str) -> bool {
    STANDARD_LIBRARY.contains(&module.split('.').next().unwrap_or(module))
}

/// Message and hint for a Python function that nobody here serves.
pub(super) fn refusal(module: &str, function: &str, activity: &str) -> (String, String) {
    let top = module.split('.').next().unwrap_or(module);
    let call = format!(
        "call the function through Python, in a process activity: path 'python3', arguments \
         [\"-c\", \"import {module}; print({module}.{function}(...))\"]"
    );
    if is_standard(module) {
        let message = format!(
            "the Python function '{module}.{function}' is not served here, in activity \
             '{activity}'"
        );
        let hint = format!("only a few of Python's standard library are served: {call}");
        return (message, hint);
    }

    let message = format!("could not find Python module '{module}' in activity '{activity}'");
    let known = EXTENSIONS.iter().find(|known| known.module == top);
    let modules = ["chaosk8s"]
        .into_iter()
        .chain(EXTENSIONS.iter().map(|known| known.module));
    let hint = if let Some(known) = known {
        format!(
            "'{top}' is the Python package {} ({}), and Python is not run here: {}, or {call}; \
             or write a plugin (`chaos-wasm plugin new`) and map the module to it in the policy's \
             [modules]",
            known.package, known.system, known.instead,
        )
    } else if let Some(near) = experiment::nearest(top, modules) {
        format!("did you mean '{near}'?")
    } else {
        format!(
            "'{top}' is of no published extension that is known here, perhaps your own, and \
             Python is not run here: {call}; or write a plugin \
             (`chaos-wasm plugin new`) and map the module to it in the policy's [modules]"
        )
    };
    (message, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_of_a_published_extension_is_named() {
        let (message, hint) = refusal("chaosaws.ec2.actions", "stop_instance", "stop it");
        assert_eq!(
            message,
            "could not find Python module 'chaosaws.ec2.actions' in activity 'stop it'"
        );
        assert!(
            hint.contains("chaostoolkit-aws (Amazon Web Services)"),
            "{hint}"
        );
        assert!(hint.contains("`aws`"), "{hint}");
        assert!(
            hint.contains("chaosaws.ec2.actions.stop_instance(...)"),
            "{hint}"
        );
    }

    #[test]
    fn misspelt_modules_are_recognised() {
        assert_eq!(
            refusal("chaosk8.pod", "f", "a").1,
            "did you mean 'chaosk8s'?"
        );
        assert_eq!(
            refusal("chaos_aws.ec2", "f", "a").1,
            "did you mean 'chaosaws'?"
        );
    }

    #[test]
    fn own_modules_and_the_standard_library_get_their_own_words() {
        assert!(refusal("load", "spike", "a").1.contains("perhaps your own"));
        let (message, hint) = refusal("os", "getcwd", "a");
        assert!(message.starts_with("the Python function 'os.getcwd' is not served here"));
        assert!(hint.contains("standard library"), "{hint}");
    }

    #[test]
    fn the_table_is_sorted_and_without_duplicates() {
        assert!(EXTENSIONS.is_sorted_by_key(|known| known.module));
        assert!(
            EXTENSIONS
                .windows(2)
                .all(|pair| pair[0].module != pair[1].module)
        );
        assert!(STANDARD_LIBRARY.is_sorted());
    }
}
