//! Every function that is served, with its arguments and what it comes down to.

use super::{Operation, Served};
use crate::experiment::Kind;
use crate::provider::signature::{Argument, Function};

const SECRETS: Argument = Argument::injected("secrets");
const NS: Argument = Argument::optional("ns", "string", "\"default\"");
const NAME: Argument = Argument::required("name", "string");
const ANY_NAME: Argument = Argument::optional("name", "string", "null");
const SELECTOR: Argument = Argument::required("label_selector", "string");
const ANY_SELECTOR: Argument = Argument::optional("label_selector", "string", "null");
const NAME_SELECTOR: Argument =
    Argument::optional("label_selector", "string", "\"name in ({name})\"");
const PATIENCE: Argument = Argument::optional("timeout", "integer", "30");

/// Every function that is served.
pub(super) const SERVED: &[Served] = &[
    Served {
        function: Function {
            module: "chaosk8s.pod.actions",
            name: "delete_pods",
            kind: Kind::Action,
            doc: "Deletes one pod whose name matches the regular expression `name`.",
            arguments: &[ANY_NAME, NS, ANY_SELECTOR, SECRETS],
        },
        operation: Operation::DeletePods,
        deprecated: Some("terminate_pods"),
    },
    Served {
        function: Function {
            module: "chaosk8s.pod.actions",
            name: "terminate_pods",
            kind: Kind::Action,
            doc: "Deletes pods, selected by labels, by a regular expression on their names, or both: the first `qty`, a random sample (`rand`), a percentage (`mode`), or `all`. Gives the names of the deleted pods.",
            arguments: &[
                ANY_SELECTOR,
                Argument::optional("name_pattern", "string", "null"),
                Argument::optional("all", "boolean", "false"),
                Argument::optional("rand", "boolean", "false"),
                Argument::optional("mode", "string", "\"fixed\""),
                Argument::optional("qty", "integer", "1"),
                Argument::optional("grace_period", "integer", "-1"),
                NS,
                Argument::optional("order", "string", "\"alphabetic\""),
                SECRETS,
            ],
        },
        operation: Operation::TerminatePods,
        deprecated: None,
    },
    Served {
        function: Function {
            module: "chaosk8s.pod.probes",
            name: "all_pods_healthy",
            kind: Kind::Probe,
            doc: "Whether every pod of the namespace is running or has succeeded.",
            arguments: &[
                NS,
                Argument::optional("raise_on_any_unhealthy", "boolean", "true"),
                SECRETS,
            ],
        },
        operation: Operation::AllPodsHealthy,
        deprecated: None,
    },
    Served {
        function: Function {
            module: "chaosk8s.pod.probes",
            name: "count_min_pods",
            kind: Kind::Probe,
            doc: "Whether at least `min_count` matching pods are in the phase.",
            arguments: &[
                SELECTOR,
                Argument::optional("phase", "string", "\"Running\""),
                Argument::optional("min_count", "integer", "2"),
                NS,
                SECRETS,
            ],
        },
        operation: Operation::CountMinPods,
        deprecated: None,
    },
    Served {
        function: Function {
            module: "chaosk8s.pod.probes",
            name: "count_pods",
            kind: Kind::Probe,
            doc: "Counts the pods that match, of one phase if it is given.",
            arguments: &[
                SELECTOR,
                Argument::optional("phase", "string", "null"),
                NS,
                SECRETS,
            ],
        },
        operation: Operation::CountPods,
        deprecated: None,
    },
    Served {
        function: Function {
            module: "chaosk8s.pod.probes",
            name: "pod_is_not_available",
            kind: Kind::Probe,
            doc: "Whether no pod labelled with the name is running.",
            arguments: &[
                NAME,
                NS,
                NAME_SELECTOR,
                Argument::optional("raise_on_is_available", "boolean", "true"),
                SECRETS,
            ],
        },
        operation: Operation::PodIsNotAvailable,
        deprecated: None,
    },
    Served {
        function: Function {
            module: "chaosk8s.pod.probes",
            name: "pods_in_conditions",
            kind: Kind::Probe,
            doc: "Whether every matching pod has all of the conditions, each given as `type` and `status`.",
            arguments: &[
                SELECTOR,
                Argument::required("conditions", "list"),
                NS,
                Argument::optional("raise_on_invalid_conditions", "boolean", "true"),
                SECRETS,
            ],
        },
        operation: Operation::PodsInConditions,
        deprecated: None,
    },
    Served {
        function: Function {
            module: "chaosk8s.pod.probes",
            name: "pods_in_phase",
            kind: Kind::Probe,
            doc: "Whether every matching pod is in the phase. No pod at all is a failure.",
            arguments: &[
                SELECTOR,
                Argument::optional("phase", "string", "\"Running\""),
                NS,
                Argument::optional("raise_on_invalid_phase", "boolean", "true"),
                SECRETS,
            ],
        },
        operation: Operation::PodsInPhase,
        deprecated: None,
    },
    Served {
        function: Function {
            module: "chaosk8s.pod.probes",
            name: "pods_not_in_phase",
            kind: Kind::Probe,
            doc: "Whether no matching pod is in the phase. No pod at all is a failure.",
            arguments: &[
                SELECTOR,
                Argument::optional("phase", "string", "\"Running\""),
                NS,
                Argument::optional("raise_on_in_phase", "boolean", "true"),
                SECRETS,
            ],
        },
        operation: Operation::PodsNotInPhase,
        deprecated: None,
    },
    Served {
        function: Function {
            module: "chaosk8s.pod.probes",
            name: "read_pod_logs",
            kind: Kind::Probe,
            doc: "Reads the logs of the matching pods, each line with its time: a mapping of a pod's name to its log.",
            arguments: &[
                ANY_NAME,
                Argument::optional("last", "string", "null"),
                NS,
                Argument::optional("from_previous", "boolean", "false"),
                NAME_SELECTOR,
                Argument::optional("container_name", "string", "null"),
                SECRETS,
            ],
        },
        operation: Operation::ReadPodLogs,
        deprecated: None,
    },
    Served {
        function: Function {
            module: "chaosk8s.pod.probes",
            name: "should_be_found_in_logs",
            kind: Kind::Probe,
            doc: "Whether a regular expression is found in the logs that read_pod_logs gave; meant as a tolerance.",
            arguments: &[
                Argument::required("pattern", "string"),
                Argument::optional("all_containers", "boolean", "true"),
                Argument::optional("value", "mapping", "null"),
                SECRETS,
            ],
        },
        operation: Operation::ShouldBeFoundInLogs,
        deprecated: None,
    },
    Served {
        function: Function {
            module: "chaosk8s.deployment.actions",
            name: "rollout_deployment",
            kind: Kind::Action,
            doc: "Restarts a deployment's pods by a rollout; does not wait for it.",
            arguments: &[ANY_NAME, NS, SECRETS],
        },
        operation: Operation::RolloutDeployment,
        deprecated: None,
    },
    Served {
        function: Function {
            module: "chaosk8s.deployment.actions",
            name: "scale_deployment",
            kind: Kind::Action,
            doc: "Sets the number of replicas of a deployment; does not wait for them.",
            arguments: &[NAME, Argument::required("replicas", "integer"), NS, SECRETS],
        },
        operation: Operation::ScaleDeployment,
        deprecated: None,
    },
    Served {
        function: Function {
            module: "chaosk8s.deployment.probes",
            name: "deployment_available_and_healthy",
            kind: Kind::Probe,
            doc: "Whether a deployment has all of its replicas available.",
            arguments: &[
                NAME,
                NS,
                ANY_SELECTOR,
                Argument::optional("raise_on_unavailable", "boolean", "true"),
                SECRETS,
            ],
        },
        operation: Operation::DeploymentHealthy,
        deprecated: None,
    },
    Served {
        function: Function {
            module: "chaosk8s.deployment.probes",
            name: "deployment_fully_available",
            kind: Kind::Probe,
            doc: "Waits until all replicas of a deployment are ready, `timeout` seconds at most.",
            arguments: &[
                NAME,
                NS,
                ANY_SELECTOR,
                PATIENCE,
                Argument::optional("raise_on_not_fully_available", "boolean", "true"),
                SECRETS,
            ],
        },
        operation: Operation::DeploymentFullyAvailable,
        deprecated: None,
    },
    Served {
        function: Function {
            module: "chaosk8s.deployment.probes",
            name: "deployment_not_fully_available",
            kind: Kind::Probe,
            doc: "Waits until not all replicas of a deployment are ready, `timeout` seconds at most.",
            arguments: &[
                NAME,
                NS,
                ANY_SELECTOR,
                PATIENCE,
                Argument::optional("raise_on_fully_available", "boolean", "true"),
                SECRETS,
            ],
        },
        operation: Operation::DeploymentNotFullyAvailable,
        deprecated: None,
    },
    Served {
        function: Function {
            module: "chaosk8s.deployment.probes",
            name: "deployment_partially_available",
            kind: Kind::Probe,
            doc: "Whether a deployment has at least one replica available.",
            arguments: &[
                NAME,
                NS,
                ANY_SELECTOR,
                Argument::optional("raise_on_not_partially_available", "boolean", "true"),
                SECRETS,
            ],
        },
        operation: Operation::DeploymentPartiallyAvailable,
        deprecated: None,
    },
    Served {
        function: Function {
            module: "chaosk8s.node.actions",
            name: "cordon_node",
            kind: Kind::Action,
            doc: "Makes nodes unschedulable: without arguments every node.",
            arguments: &[ANY_NAME, ANY_SELECTOR, SECRETS],
        },
        operation: Operation::CordonNode,
        deprecated: None,
    },
    Served {
        function: Function {
            module: "chaosk8s.node.actions",
            name: "drain_nodes",
            kind: Kind::Action,
            doc: "Cordons nodes and evicts their pods, except those of daemon sets and those with local storage, waiting `timeout` seconds per node at most. Undo it by uncordon_node.",
            arguments: &[
                ANY_NAME,
                ANY_SELECTOR,
                Argument::optional("delete_pods_with_local_storage", "boolean", "false"),
                Argument::optional("timeout", "integer", "120"),
                SECRETS,
                Argument::optional("count", "integer", "null"),
                Argument::optional("pod_label_selector", "string", "null"),
                Argument::optional("pod_namespace", "string", "null"),
            ],
        },
        operation: Operation::DrainNodes,
        deprecated: None,
    },
    Served {
        function: Function {
            module: "chaosk8s.node.actions",
            name: "uncordon_node",
            kind: Kind::Action,
            doc: "Makes nodes schedulable again: without arguments every node.",
            arguments: &[ANY_NAME, ANY_SELECTOR, SECRETS],
        },
        operation: Operation::UncordonNode,
        deprecated: None,
    },
    Served {
        function: Function {
            module: "chaosk8s.service.probes",
            name: "service_is_initialized",
            kind: Kind::Probe,
            doc: "Whether a Service of that name exists.",
            arguments: &[
                ANY_NAME,
                NS,
                ANY_SELECTOR,
                Argument::optional("raise_if_service_not_initialized", "boolean", "true"),
                SECRETS,
            ],
        },
        operation: Operation::ServiceIsInitialized,
        deprecated: None,
    },
    Served {
        function: Function {
            module: "chaosk8s.actions",
            name: "scale_microservice",
            kind: Kind::Action,
            doc: "Deprecated: the same as scale_deployment.",
            arguments: &[NAME, Argument::required("replicas", "integer"), NS, SECRETS],
        },
        operation: Operation::ScaleDeployment,
        deprecated: Some("scale_deployment"),
    },
    Served {
        function: Function {
            module: "chaosk8s.probes",
            name: "all_microservices_healthy",
            kind: Kind::Probe,
            doc: "Deprecated: the same as all_pods_healthy.",
            arguments: &[NS, SECRETS],
        },
        operation: Operation::AllPodsHealthy,
        deprecated: Some("all_pods_healthy"),
    },
    Served {
        function: Function {
            module: "chaosk8s.probes",
            name: "deployment_is_fully_available",
            kind: Kind::Probe,
            doc: "Deprecated: the same as deployment_fully_available.",
            arguments: &[NAME, NS, ANY_SELECTOR, PATIENCE, SECRETS],
        },
        operation: Operation::DeploymentFullyAvailable,
        deprecated: Some("deployment_fully_available"),
    },
    Served {
        function: Function {
            module: "chaosk8s.probes",
            name: "deployment_is_not_fully_available",
            kind: Kind::Probe,
            doc: "Deprecated: the same as deployment_not_fully_available.",
            arguments: &[NAME, NS, ANY_SELECTOR, PATIENCE, SECRETS],
        },
        operation: Operation::DeploymentNotFullyAvailable,
        deprecated: Some("deployment_not_fully_available"),
    },
    Served {
        function: Function {
            module: "chaosk8s.probes",
            name: "microservice_available_and_healthy",
            kind: Kind::Probe,
            doc: "Deprecated: the same as deployment_available_and_healthy.",
            arguments: &[NAME, NS, ANY_SELECTOR, SECRETS],
        },
        operation: Operation::DeploymentHealthy,
        deprecated: Some("deployment_available_and_healthy"),
    },
    Served {
        function: Function {
            module: "chaosk8s.probes",
            name: "microservice_is_not_available",
            kind: Kind::Probe,
            doc: "Deprecated: the same as pod_is_not_available.",
            arguments: &[NAME, NS, NAME_SELECTOR, SECRETS],
        },
        operation: Operation::PodIsNotAvailable,
        deprecated: Some("pod_is_not_available"),
    },
    Served {
        function: Function {
            module: "chaosk8s.probes",
            name: "read_microservices_logs",
            kind: Kind::Probe,
            doc: "Deprecated: the same as read_pod_logs.",
            arguments: &[
                ANY_NAME,
                Argument::optional("last", "string", "null"),
                NS,
                Argument::optional("from_previous", "boolean", "false"),
                NAME_SELECTOR,
                Argument::optional("container_name", "string", "null"),
                SECRETS,
            ],
        },
        operation: Operation::ReadPodLogs,
        deprecated: None,
    },
    Served {
        function: Function {
            module: "chaosk8s.probes",
            name: "service_endpoint_is_initialized",
            kind: Kind::Probe,
            doc: "Deprecated: the same as service_is_initialized.",
            arguments: &[NAME, NS, NAME_SELECTOR, SECRETS],
        },
        operation: Operation::ServiceIsInitialized,
        deprecated: Some("service_is_initialized"),
    },
];
