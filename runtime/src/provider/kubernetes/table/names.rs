//! Names that chaosk8s knows besides those that are served.

/// What modules of old import from others, which works as well: by whom, what, from where.
pub(super) const IMPORTED: &[(&str, &[&str], &str)] = &[
    (
        "chaosk8s.probes",
        &[
            "deployment_available_and_healthy",
            "deployment_fully_available",
            "deployment_not_fully_available",
        ],
        "chaosk8s.deployment.probes",
    ),
    (
        "chaosk8s.probes",
        &["all_pods_healthy", "pod_is_not_available", "read_pod_logs"],
        "chaosk8s.pod.probes",
    ),
    (
        "chaosk8s.probes",
        &["service_is_initialized"],
        "chaosk8s.service.probes",
    ),
    (
        "chaosk8s.actions",
        &["create_deployment", "delete_deployment", "scale_deployment"],
        "chaosk8s.deployment.actions",
    ),
    ("chaosk8s.actions", &["delete_pods"], "chaosk8s.pod.actions"),
    (
        "chaosk8s.actions",
        &["delete_replica_set"],
        "chaosk8s.replicaset.actions",
    ),
    (
        "chaosk8s.actions",
        &["delete_service"],
        "chaosk8s.service.actions",
    ),
];

/// Functions that are not served yet, by module.
pub(super) const NOT_SERVED: &[(&str, &[&str])] = &[
    (
        "chaosk8s.chaosmesh.network.actions",
        &[
            "add_latency",
            "corrupt_packets",
            "delete_network_fault",
            "duplicate_packets",
            "reorder_packets",
            "set_bandwidth",
            "set_loss",
        ],
    ),
    (
        "chaosk8s.chaosmesh.network.probes",
        &["get_network_fault", "get_network_faults"],
    ),
    (
        "chaosk8s.chaosmesh.stress.actions",
        &["delete_stressor", "stress_cpu", "stress_memory"],
    ),
    (
        "chaosk8s.chaosmesh.stress.probes",
        &["get_stressor", "get_stressors"],
    ),
    (
        "chaosk8s.crd.actions",
        &[
            "apply_from_json",
            "apply_from_yaml",
            "create_cluster_custom_object",
            "create_custom_object",
            "delete_cluster_custom_object",
            "delete_custom_object",
            "patch_cluster_custom_object",
            "patch_custom_object",
            "replace_cluster_custom_object",
            "replace_custom_object",
        ],
    ),
    (
        "chaosk8s.crd.probes",
        &[
            "get_cluster_custom_object",
            "get_custom_object",
            "list_cluster_custom_objects",
            "list_custom_objects",
        ],
    ),
    (
        "chaosk8s.daemonset.actions",
        &[
            "create_daemon_set",
            "delete_daemon_set",
            "update_daemon_set",
        ],
    ),
    (
        "chaosk8s.daemonset.probes",
        &[
            "daemon_set_available_and_healthy",
            "daemon_set_fully_available",
            "daemon_set_not_fully_available",
            "daemon_set_partially_available",
        ],
    ),
    (
        "chaosk8s.deployment.actions",
        &["create_deployment", "delete_deployment"],
    ),
    ("chaosk8s.event.probes", &["get_events"]),
    (
        "chaosk8s.namespace.actions",
        &["create_namespace", "delete_namespace"],
    ),
    ("chaosk8s.namespace.probes", &["namespace_exists"]),
    (
        "chaosk8s.networking.actions",
        &[
            "allow_dns_access",
            "create_ingress",
            "create_network_policy",
            "delete_ingress",
            "deny_all_egress",
            "deny_all_ingress",
            "remove_allow_dns_access",
            "remove_deny_all_egress",
            "remove_deny_all_ingress",
            "remove_network_policy",
            "update_ingress",
        ],
    ),
    ("chaosk8s.networking.probes", &["ingress_exists"]),
    ("chaosk8s.node.actions", &["create_node", "delete_nodes"]),
    (
        "chaosk8s.node.probes",
        &[
            "all_nodes_must_be_ready_to_schedule",
            "get_all_node_status_conditions",
            "get_nodes",
            "nodes_must_be_healthy",
            "verify_nodes_condition",
        ],
    ),
    ("chaosk8s.pod.actions", &["exec_in_pods"]),
    ("chaosk8s.replicaset.actions", &["delete_replica_set"]),
    (
        "chaosk8s.secret.actions",
        &["create_secret", "delete_secret"],
    ),
    ("chaosk8s.secret.probes", &["secret_exists"]),
    (
        "chaosk8s.service.actions",
        &["create_service_endpoint", "delete_service"],
    ),
    (
        "chaosk8s.statefulset.actions",
        &[
            "create_statefulset",
            "remove_statefulset",
            "scale_statefulset",
        ],
    ),
    (
        "chaosk8s.statefulset.probes",
        &[
            "statefulset_fully_available",
            "statefulset_not_fully_available",
        ],
    ),
    (
        "chaosk8s.actions",
        &[
            "kill_microservice",
            "remove_service_endpoint",
            "start_microservice",
        ],
    ),
    ("chaosk8s.probes", &["secret_exists"]),
];
