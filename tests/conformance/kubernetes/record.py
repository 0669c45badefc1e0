#!/usr/bin/env python3
"""Records what chaosk8s sends to an API server and gives back, case by case.

Run it where chaostoolkit-lib, chaostoolkit-kubernetes 0.39.0 and kubernetes 37 are installed:

    python record.py > recorded.json

The API server is a script of answers, not a cluster: the same answers are served to chaos-wasm by
`main.rs`, which compares calls, results and failures. Where chaos-wasm differs on purpose, the case
says how (`ours`) and why (`reason`).
"""
import copy
import json
import logging
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

os.environ["KUBECONFIG"] = "/nonexistent/kubeconfig"
for name in list(os.environ):
    if name.lower().endswith("_proxy") or name.startswith("KUBERNETES_"):
        del os.environ[name]
logging.disable(logging.CRITICAL)

import chaosk8s.node.actions
from chaoslib.exceptions import ActivityFailed
from chaoslib.provider.python import run_python_activity

PODS = "/api/v1/namespaces/default/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
SERVICES = "/api/v1/namespaces/default/services"
NODES = "/api/v1/nodes"


def pod(name, phase="Running", uid=None, created="2026-01-01T00:00:00Z", ns="default", **more):
    made = {
        "metadata": {"name": name, "namespace": ns, "uid": uid or f"uid-{name}", "creationTimestamp": created},
        "spec": {"containers": [{"name": "main"}], "nodeName": "n1", "volumes": []},
        "status": {"phase": phase},
    }
    made["metadata"].update(more.get("metadata", {}))
    made["spec"].update(more.get("spec", {}))
    made["status"].update(more.get("status", {}))
    return made


def deployment(name, wanted, **status):
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "main"}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "default", "uid": f"uid-{name}", "resourceVersion": "5"},
        "spec": {"replicas": wanted, "selector": {"matchLabels": {"app": name}}, "template": template},
        "status": status,
    }


def node(name):
    return {"metadata": {"name": name, "uid": f"uid-{name}"}, "spec": {}, "status": {}}


def service(name):
    return {"metadata": {"name": name, "namespace": "default"}, "spec": {"ports": [{"port": 80}]}}


def answer(method, path, body=None, status=200, **more):
    made = {"method": method, "path": path, "status": status, **more}
    if "text" not in made and "events" not in made:
        made["text"] = json.dumps(body)
    return made


def items(path, *found):
    return answer("GET", path, {"metadata": {"resourceVersion": "1"}, "items": list(found)})


def refused(method, path, status, reason, message):
    said = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "reason": reason, "code": status}
    return answer(method, path, said, status)


def owned(kind="ReplicaSet"):
    return {"ownerReferences": [{"apiVersion": "apps/v1", "kind": kind, "name": "o", "uid": "u", "controller": True}]}


def conditions(*pairs):
    return {"conditions": [{"type": kind, "status": status} for kind, status in pairs]}


CASES = []


def case(name, function, arguments, *answers, **more):
    module, _, func = function.rpartition(".")
    CASES.append({"name": name, "module": f"chaosk8s.{module}", "func": func, "arguments": arguments, "answers": list(answers), **more})


# Pods: probes
three = items(PODS, pod("a"), pod("b"), pod("c", "Pending"))
case("pods_in_phase: all are", "pod.probes.pods_in_phase", {"label_selector": "app=x"}, items(PODS, pod("a"), pod("b")))
case("pods_in_phase: another namespace and phase", "pod.probes.pods_in_phase", {"label_selector": "app in (x, y)", "ns": "staging", "phase": "Pending"}, items("/api/v1/namespaces/staging/pods", pod("a", "Pending", ns="staging")))
case("pods_in_phase: one is not", "pod.probes.pods_in_phase", {"label_selector": "app=x"}, three)
case("pods_in_phase: one is not, told not to raise", "pod.probes.pods_in_phase", {"label_selector": "app=x", "raise_on_invalid_phase": False}, three)
case("pods_in_phase: none found", "pod.probes.pods_in_phase", {"label_selector": "app=x"}, items(PODS))
case("pods_in_phase: no selector, none found", "pod.probes.pods_in_phase", {"label_selector": None}, items(PODS))
case("pods_in_phase: forbidden", "pod.probes.pods_in_phase", {"label_selector": "app=x"}, refused("GET", PODS, 403, "Forbidden", "pods is forbidden"))
case("pods_in_phase: unauthorized", "pod.probes.pods_in_phase", {"label_selector": "app=x"}, refused("GET", PODS, 401, "Unauthorized", "Unauthorized"))
case("pods_in_phase: broken server", "pod.probes.pods_in_phase", {"label_selector": "app=x"}, refused("GET", PODS, 500, "InternalError", "oops"))
case("pods_in_phase: bad selector", "pod.probes.pods_in_phase", {"label_selector": "a b"}, refused("GET", PODS, 400, "BadRequest", "unable to parse"))
case("pods_not_in_phase: none is", "pod.probes.pods_not_in_phase", {"label_selector": "app=x", "phase": "Failed"}, three)
case("pods_not_in_phase: one is", "pod.probes.pods_not_in_phase", {"label_selector": "app=x"}, three)
case("pods_not_in_phase: one is, told not to raise", "pod.probes.pods_not_in_phase", {"label_selector": "app=x", "raise_on_in_phase": False}, three)
case("pods_not_in_phase: none found", "pod.probes.pods_not_in_phase", {"label_selector": ""}, items(PODS))
ready = pod("a", status=conditions(("Ready", "True"), ("Initialized", "True")))
wanted = [{"type": "Ready", "status": "True"}]
case("pods_in_conditions: all are", "pod.probes.pods_in_conditions", {"label_selector": "app=x", "conditions": wanted}, items(PODS, ready))
case("pods_in_conditions: one is not", "pod.probes.pods_in_conditions", {"label_selector": "app=x", "conditions": wanted}, items(PODS, ready, pod("b", status=conditions(("Ready", "False")))))
case("pods_in_conditions: told not to raise", "pod.probes.pods_in_conditions", {"label_selector": "app=x", "conditions": wanted, "raise_on_invalid_conditions": False}, items(PODS, pod("b", status=conditions(("Ready", "False")))))
case("pods_in_conditions: none found", "pod.probes.pods_in_conditions", {"label_selector": "app=x", "conditions": wanted}, items(PODS))
case("pods_in_conditions: a pod without any", "pod.probes.pods_in_conditions", {"label_selector": "app=x", "conditions": wanted, "raise_on_invalid_conditions": False}, items(PODS, pod("b")), ours={"output": False}, reason="a pod too new to have conditions does not match; the reference crashes")
case("count_pods: all", "pod.probes.count_pods", {"label_selector": "app=x"}, three)
case("count_pods: of a phase", "pod.probes.count_pods", {"label_selector": "", "phase": "Pending"}, three)
case("count_pods: none", "pod.probes.count_pods", {"label_selector": "app=x"}, items(PODS))
case("count_pods: not found", "pod.probes.count_pods", {"label_selector": "app=x"}, refused("GET", PODS, 404, "NotFound", "the server could not find the requested resource"))
case("count_min_pods: enough", "pod.probes.count_min_pods", {"label_selector": "app=x"}, three)
case("count_min_pods: too few", "pod.probes.count_min_pods", {"label_selector": "app=x", "min_count": 3}, three)
case("pod_is_not_available: it is not", "pod.probes.pod_is_not_available", {"name": "web"}, items(PODS, pod("a", "Pending")))
case("pod_is_not_available: it is", "pod.probes.pod_is_not_available", {"name": "web"}, items(PODS, pod("a")))
case("pod_is_not_available: told not to raise", "pod.probes.pod_is_not_available", {"name": "web", "label_selector": "app={name}", "raise_on_is_available": False}, items(PODS, pod("a")))
case("all_pods_healthy: yes", "pod.probes.all_pods_healthy", {}, items(PODS, pod("a"), pod("b", "Succeeded")))
case("all_pods_healthy: no", "pod.probes.all_pods_healthy", {"ns": "default"}, three)
case("all_pods_healthy: told not to raise", "pod.probes.all_pods_healthy", {"raise_on_any_unhealthy": False}, items(PODS, pod("a", "Failed")))
case("all_pods_healthy: imported by the old module", "probes.all_pods_healthy", {}, items(PODS))
case("all_microservices_healthy: yes", "probes.all_microservices_healthy", {}, items(PODS, pod("a")))
case("all_microservices_healthy: no", "probes.all_microservices_healthy", {}, three)
case("microservice_is_not_available: it is", "probes.microservice_is_not_available", {"name": "web"}, items(PODS, pod("a")))
case("microservice_is_not_available: it is not", "probes.microservice_is_not_available", {"name": "web"}, items(PODS))

# Logs
log = answer("GET", f"{PODS}/a/log", plain=True, text="2026-01-01T00:00:00Z hello\n2026-01-01T00:00:01Z world\n")
case("read_pod_logs: by name", "pod.probes.read_pod_logs", {"name": "web"}, items(PODS, pod("a")), log)
case("read_pod_logs: a container before it restarted", "pod.probes.read_pod_logs", {"label_selector": "app=x", "container_name": "main", "from_previous": True}, items(PODS, pod("a")), log)
ours_since = [["container", ""], ["follow", "false"], ["previous", "false"], ["timestamps", "true"], ["sinceSeconds", "600"]]
case("read_pod_logs: the last minutes", "pod.probes.read_pod_logs", {"label_selector": "", "last": "10 minutes"}, items(PODS, pod("a")), log, ours={"queries": {f"{PODS}/a/log": ours_since}}, reason="the reference comes out a second short")
case("read_pod_logs: no pod", "pod.probes.read_pod_logs", {"label_selector": "app=x"}, items(PODS))
case("read_pod_logs: container not named", "pod.probes.read_pod_logs", {"label_selector": "app=x"}, items(PODS, pod("a")), refused("GET", f"{PODS}/a/log", 400, "BadRequest", "a container name must be specified"))
case("read_microservices_logs: by name", "probes.read_microservices_logs", {"name": "web"}, items(PODS, pod("a")), log)
case("read_microservices_logs: forbidden", "probes.read_microservices_logs", {"name": "web"}, refused("GET", PODS, 403, "Forbidden", "no"))
found = {"a": "x hello", "b": "y"}
case("should_be_found_in_logs: in all", "pod.probes.should_be_found_in_logs", {"pattern": "hel+o|y", "value": found})
case("should_be_found_in_logs: not in all", "pod.probes.should_be_found_in_logs", {"pattern": "hello", "value": found})
case("should_be_found_in_logs: in one", "pod.probes.should_be_found_in_logs", {"pattern": "hello", "value": found, "all_containers": False})
case("should_be_found_in_logs: in none", "pod.probes.should_be_found_in_logs", {"pattern": "^hello", "value": found, "all_containers": False})
case("should_be_found_in_logs: nothing to search", "pod.probes.should_be_found_in_logs", {"pattern": "x"})

# Pods: actions
def gone(name, ns="default"):
    return answer("DELETE", f"/api/v1/namespaces/{ns}/pods/{name}", pod(name))


running = items(PODS, pod("a-1", created="2026-01-03T00:00:00Z"), pod("a-2", created="2026-01-01T00:00:00Z"), pod("b-1", created="2026-01-02T00:00:00Z"))
everyone = [gone("a-1"), gone("a-2"), gone("b-1")]
case("terminate_pods: the first", "pod.actions.terminate_pods", {"label_selector": "app=x"}, running, *everyone)
case("terminate_pods: by pattern", "pod.actions.terminate_pods", {"name_pattern": "1$", "qty": 5}, running, *everyone)
case("terminate_pods: the oldest two at once", "pod.actions.terminate_pods", {"order": "oldest", "qty": 2, "grace_period": 0}, running, *everyone)
case("terminate_pods: all, with grace", "pod.actions.terminate_pods", {"all": True, "grace_period": 7}, running, *everyone)
case("terminate_pods: a percentage", "pod.actions.terminate_pods", {"mode": "percentage", "qty": 40}, running, *everyone)
case("terminate_pods: none wanted", "pod.actions.terminate_pods", {"qty": 0}, running)
case("terminate_pods: none found", "pod.actions.terminate_pods", {"label_selector": "app=x"}, items(PODS))
case("terminate_pods: negative", "pod.actions.terminate_pods", {"qty": -1})
case("terminate_pods: bad mode", "pod.actions.terminate_pods", {"mode": "most"})
case("terminate_pods: bad order", "pod.actions.terminate_pods", {"order": "newest"})
case("terminate_pods: forbidden", "pod.actions.terminate_pods", {"label_selector": "app=x"}, running, refused("DELETE", f"{PODS}/a-1", 403, "Forbidden", "no"))
case("terminate_pods: one went by itself", "pod.actions.terminate_pods", {"qty": 2}, running, refused("DELETE", f"{PODS}/a-1", 404, "NotFound", "gone"), gone("a-2"), ours={"calls": [["GET", PODS], ["DELETE", f"{PODS}/a-1"], ["DELETE", f"{PODS}/a-2"]], "output": ["a-2"]}, reason="a pod that went by itself is what was wanted; the reference stops there")
case("delete_pods: by pattern", "pod.actions.delete_pods", {"name": "b-"}, running, *everyone)
case("delete_pods: imported by the old module", "actions.delete_pods", {"label_selector": "app=x"}, running, *everyone)
case("delete_pods: forbidden", "pod.actions.delete_pods", {}, refused("GET", PODS, 403, "Forbidden", "no"))

# Deployments
web = f"{DEPLOYMENTS}/web"
for function in ("deployment.actions.scale_deployment", "actions.scale_microservice"):
    case(f"{function}: done", function, {"name": "web", "replicas": 0}, answer("PATCH", web, deployment("web", 0)))
    case(f"{function}: not found", function, {"name": "web", "replicas": 3}, refused("PATCH", web, 404, "NotFound", 'deployments.apps "web" not found'))
case("rollout_deployment: done", "deployment.actions.rollout_deployment", {"name": "web"}, answer("PATCH", web, deployment("web", 1)), ours={"stamp": True}, reason="the time is now, and well-formed")
case("rollout_deployment: conflict", "deployment.actions.rollout_deployment", {"name": "web"}, refused("PATCH", web, 409, "Conflict", "changed"), ours={"stamp": True}, reason="the time is now, and well-formed")
for function, repaired in (("deployment.probes.deployment_available_and_healthy", {}), ("probes.microservice_available_and_healthy", {"ours": {"output": True}, "reason": "the reference drops the result"})):
    case(f"{function}: yes", function, {"name": "web"}, items(DEPLOYMENTS, deployment("web", 2, availableReplicas=2)), **repaired)
    case(f"{function}: no", function, {"name": "web", "label_selector": "a=b"}, items(DEPLOYMENTS, deployment("web", 2, availableReplicas=1)))
    case(f"{function}: not there", function, {"name": "web"}, items(DEPLOYMENTS))
case("deployment_available_and_healthy: scaled to nothing", "deployment.probes.deployment_available_and_healthy", {"name": "web"}, items(DEPLOYMENTS, deployment("web", 0)))
case("deployment_available_and_healthy: told not to raise", "deployment.probes.deployment_available_and_healthy", {"name": "web", "raise_on_unavailable": False}, items(DEPLOYMENTS))
partly = "deployment.probes.deployment_partially_available"
case("deployment_partially_available: yes", partly, {"name": "web"}, items(DEPLOYMENTS, deployment("web", 2, availableReplicas=1)))
case("deployment_partially_available: not there", partly, {"name": "web"}, items(DEPLOYMENTS))
case("deployment_partially_available: no", partly, {"name": "web"}, items(DEPLOYMENTS, deployment("web", 2)), ours={"failure": "chaoslib.exceptions.ActivityFailed: Deployment 'web' is not healthy"}, reason="the reference crashes on its own expectation")
case("deployment_partially_available: told not to raise", partly, {"name": "web", "raise_on_not_partially_available": False}, items(DEPLOYMENTS))


def watch(*events, **more):
    lines = [{"type": kind, "object": made} for kind, made in events]
    return answer("GET", DEPLOYMENTS, events=lines, **more)


up, down = deployment("web", 2, readyReplicas=2), deployment("web", 2, readyReplicas=1)
for ready_function, gone_function in (
    ("deployment.probes.deployment_fully_available", "deployment.probes.deployment_not_fully_available"),
    ("probes.deployment_is_fully_available", "probes.deployment_is_not_fully_available"),
):
    case(f"{ready_function}: at once", ready_function, {"name": "web"}, watch(("ADDED", up)))
    case(f"{ready_function}: after a while", ready_function, {"name": "web", "label_selector": "app={name}"}, watch(("ADDED", down), ("MODIFIED", up)))
    case(f"{ready_function}: too late", ready_function, {"name": "web", "timeout": 1}, watch(("ADDED", down)))
    case(f"{gone_function}: at once", gone_function, {"name": "web"}, watch(("ADDED", down)))
    case(f"{gone_function}: after a while", gone_function, {"name": "web"}, watch(("ADDED", up), ("MODIFIED", down)))
    case(f"{gone_function}: too late", gone_function, {"name": "web", "timeout": 1}, watch(("ADDED", up)))
case("deployment_fully_available: told not to raise", "deployment.probes.deployment_fully_available", {"name": "web", "timeout": 1, "raise_on_not_fully_available": False}, watch())
case("deployment_not_fully_available: told not to raise", "deployment.probes.deployment_not_fully_available", {"name": "web", "timeout": 1, "raise_on_fully_available": False}, watch(("ADDED", up)))
case("deployment_fully_available: the watch ends meanwhile", "deployment.probes.deployment_fully_available", {"name": "web"}, watch(("ADDED", down), end=True), watch(("ADDED", up)), ours={"calls": [["GET", DEPLOYMENTS]]}, reason="the reference goes on from the version seen last, we begin anew with the present state")
case("deployment_fully_available: forbidden", "deployment.probes.deployment_fully_available", {"name": "web"}, refused("GET", DEPLOYMENTS, 403, "Forbidden", "no"))

# Nodes
two = items(NODES, node("n1"), node("n2"))
for verb, function in (("unschedule", "node.actions.cordon_node"), ("schedule", "node.actions.uncordon_node")):
    case(f"{function}: by name", function, {"name": "n1"}, items(NODES, node("n1")), answer("PATCH", f"{NODES}/n1", node("n1")))
    case(f"{function}: by labels", function, {"label_selector": "pool=a"}, two, answer("PATCH", f"{NODES}/n1", node("n1")), answer("PATCH", f"{NODES}/n2", node("n2")))
    case(f"{function}: all", function, {}, two, answer("PATCH", f"{NODES}/n1", node("n1")), answer("PATCH", f"{NODES}/n2", node("n2")))
    case(f"{function}: none found", function, {"name": "n9", "label_selector": "pool=a"}, items(NODES))
    case(f"{function}: forbidden", function, {"name": "n1"}, items(NODES, node("n1")), refused("PATCH", f"{NODES}/n1", 403, "Forbidden", "no"))

ALL = "/api/v1/pods"
one_node = [items(NODES, node("n1")), answer("PATCH", f"{NODES}/n1", node("n1"))]
# The reference lists a node again to cordon it.
drained = [["GET", NODES], ["PATCH", f"{NODES}/n1"], ["GET", ALL]]


def eviction(name):
    return answer("POST", f"{PODS}/{name}/eviction", {"kind": "Status", "apiVersion": "v1", "status": "Success"}, 201)


def left(name):
    return refused("GET", f"{PODS}/{name}", 404, "NotFound", "gone")


def there(name, **more):
    return answer("GET", f"{PODS}/{name}", pod(name, **more))


def drains(name, arguments, *answers, calls=(), reason="a node is not listed twice", **ours):
    case(f"drain_nodes: {name}", "node.actions.drain_nodes", arguments, *one_node, *answers, ours={"calls": drained + [list(call) for call in calls], **ours}, reason=reason)


post, get = ("POST", f"{PODS}/a/eviction"), ("GET", f"{PODS}/a")
drains("no pods", {"name": "n1"}, items(ALL))
drains("one leaves, the others stay", {"name": "n1"}, items(ALL, pod("a", metadata=owned()), pod("d", metadata=owned("DaemonSet")), pod("m", metadata={"annotations": {"kubernetes.io/config.mirror": "x"}}), pod("l", metadata=owned(), spec={"volumes": [{"name": "v", "emptyDir": {}}]})), eviction("a"), there("a", metadata=owned()), left("a"), calls=[post, get])
drains("local storage too", {"name": "n1", "delete_pods_with_local_storage": True}, items(ALL, pod("a", metadata=owned(), spec={"volumes": [{"name": "v", "emptyDir": {}}]})), eviction("a"), left("a"), calls=[post, get])
drains("made anew elsewhere under the same name", {"name": "n1"}, items(ALL, pod("a", metadata=owned("StatefulSet"))), eviction("a"), there("a", uid="another"), calls=[post, get])
drains("a finished pod", {"name": "n1"}, items(ALL, pod("a", "Succeeded")), eviction("a"), left("a"), calls=[post, get])
drains("an unmanaged pod", {"name": "n1"}, items(ALL, pod("a")), failure="chaoslib.exceptions.ActivityFailed: Pod 'a' on node 'n1' is unmanaged, cannot drain this node. Delete it manually first?", reason="the reference crashes on a pod without owners")
drains("a pod whose owner does not control it", {"name": "n1"}, items(ALL, pod("a", metadata={"ownerReferences": [{"apiVersion": "v1", "kind": "Thing", "name": "o", "uid": "u"}]})))
drains("too late", {"name": "n1", "timeout": 1}, items(ALL, pod("a", metadata=owned())), eviction("a"), there("a"), calls=[post, get])
drains("eviction forbidden", {"name": "n1"}, items(ALL, pod("a", metadata=owned())), refused("POST", f"{PODS}/a/eviction", 403, "Forbidden", "no"), calls=[post])
drains("a disruption budget gives way", {"name": "n1"}, items(ALL, pod("a", metadata=owned())), refused("POST", f"{PODS}/a/eviction", 429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget."), eviction("a"), left("a"), calls=[post, get], output=["n1"], reason="the reference gives up at once; kubectl tries again, and so do we")
case("drain_nodes: no such node", "node.actions.drain_nodes", {"name": "n9"}, items(NODES))
hosting = [two, items("/api/v1/namespaces/shop/pods", pod("p1", ns="shop"), pod("p2", ns="shop")), answer("PATCH", f"{NODES}/n1", node("n1")), items(ALL)]
case("drain_nodes: the nodes that host certain pods", "node.actions.drain_nodes", {"pod_label_selector": "app=x", "pod_namespace": "shop"}, *hosting, ours={"calls": [["GET", NODES], ["GET", "/api/v1/namespaces/shop/pods"], ["PATCH", f"{NODES}/n1"], ["GET", ALL]], "output": ["n1"]}, reason="a node is taken once, however many of the pods it hosts")

# Services
case("service_is_initialized: by name", "service.probes.service_is_initialized", {"name": "web"}, items(SERVICES, service("web")))
case("service_is_initialized: by both", "service.probes.service_is_initialized", {"name": "web", "label_selector": "a=b"}, items(SERVICES, service("web")))
case("service_is_initialized: any", "service.probes.service_is_initialized", {}, items(SERVICES, service("kubernetes")))
case("service_is_initialized: no", "service.probes.service_is_initialized", {"label_selector": "a=b"}, items(SERVICES))
case("service_is_initialized: told not to raise", "service.probes.service_is_initialized", {"name": "web", "raise_if_service_not_initialized": False}, items(SERVICES))
case("service_endpoint_is_initialized: no selector", "probes.service_endpoint_is_initialized", {"name": "web", "label_selector": None}, items(SERVICES, service("web")))
case("service_endpoint_is_initialized: no", "probes.service_endpoint_is_initialized", {"name": "web", "label_selector": None}, items(SERVICES))
repaired_query = [["fieldSelector", "metadata.name=web"], ["labelSelector", "name in (web)"]]
case("service_endpoint_is_initialized: default selector", "probes.service_endpoint_is_initialized", {"name": "web"}, items(SERVICES, service("web")), ours={"queries": {SERVICES: repaired_query}}, reason="the reference sends the braces, which no API server takes")

# Arguments that make no sense
TYPE = "the reference's TypeError in words that say which argument"
case("terminate_pods: quantity as text", "pod.actions.terminate_pods", {"qty": "2"}, running, ours={"calls": [], "failure": "TypeError: argument 'qty' of terminate_pods() must be a number, not a string"}, reason=TYPE)
case("terminate_pods: no grace", "pod.actions.terminate_pods", {"grace_period": None}, running, ours={"calls": [], "failure": "TypeError: argument 'grace_period' of terminate_pods() must be an integer, not nothing"}, reason=TYPE)


class Script:
    """Answers in the order given, the last of each method and path again and again."""

    def __init__(self, answers):
        self.answers = copy.deepcopy(answers)
        self.calls = []
        self.lock = threading.Lock()

    def next(self, method, path):
        with self.lock:
            fitting = [a for a in self.answers if (a["method"], a["path"]) == (method, path)]
            if len(fitting) > 1:
                self.answers.remove(fitting[0])
            return fitting[0] if fitting else None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def respond(self):
        script = self.server.script
        url = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call = {"method": self.command, "path": url.path, "query": parse_qsl(url.query, keep_blank_values=True)}
        if raw:
            call["body"] = json.loads(raw)
        if self.command == "PATCH":
            call["content_type"] = self.headers.get("Content-Type")
        script.calls.append(call)
        found = script.next(self.command, url.path)
        if found is None:
            found = {"status": 599, "text": "not in the script"}
        if "events" in found:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Connection", "close")
            self.end_headers()
            for event in found["events"]:
                self.wfile.write(json.dumps(event).encode() + b"\n")
            self.wfile.flush()
            if not found.get("end"):
                time.sleep(2.5)
            self.close_connection = True
            return
        body = found["text"].encode()
        self.send_response_only(found["status"])
        self.send_header("Content-Type", "text/plain" if found.get("plain") else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = do_DELETE = respond


def run(recorded):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.script = Script(recorded["answers"])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"http://127.0.0.1:{server.server_port}"
    provider = {
        "type": "python",
        "module": recorded["module"],
        "func": recorded["func"],
        "arguments": recorded["arguments"],
        "secrets": ["cluster"],
    }
    try:
        activity = {"type": "probe", "name": "recorded", "provider": provider}
        secrets = {"cluster": {"KUBERNETES_HOST": host}}
        recorded["output"] = run_python_activity(activity, {}, secrets)
    except ActivityFailed as failure:
        recorded["failure"] = str(failure).replace(host, "{host}")
    finally:
        server.shutdown()
        server.server_close()
    recorded["calls"] = server.script.calls
    return recorded


if __name__ == "__main__":
    # Ten seconds between two looks at a drained node would only make this slow.
    sleep = time.sleep
    chaosk8s.node.actions.time = type("Time", (), {"time": time.time, "sleep": lambda _: sleep(0.6)})
    recorded = []
    for one in CASES:
        print(one["name"], file=sys.stderr)
        recorded.append(run(one))
    json.dump(recorded, sys.stdout, indent=1)
    print()
