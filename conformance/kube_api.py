"""Lets the real kubectl judge command lines: `KubeApi().judge(words)` gives its complaints.

kubectl needs a server. This one, on loopback, answers discovery with the kinds of a cluster, has a
sample of every object that is asked for, and judges new ones by the schemas of Kubernetes; it has no
subresources (logs, scale) and no streams. A command is accepted when kubectl is done with it, or when
all that it reports is that the server does not have such a thing or keeps no stream open: flags,
arguments, resource names, manifests, patches and output templates were right by then.
"""

import json
import os
import re
import subprocess
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import kubernetes_validate

VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
GROUPS = {
    "v1": "pods/po/Pod services/svc/Service nodes/no/Node! namespaces/ns/Namespace! secrets//Secret "
          "configmaps/cm/ConfigMap serviceaccounts/sa/ServiceAccount events/ev/Event "
          "replicationcontrollers/rc/ReplicationController persistentvolumes/pv/PersistentVolume! "
          "persistentvolumeclaims/pvc/PersistentVolumeClaim endpoints/ep/Endpoints "
          "resourcequotas/quota/ResourceQuota limitranges/limits/LimitRange",
    "apps/v1": "deployments/deploy/Deployment daemonsets/ds/DaemonSet statefulsets/sts/StatefulSet "
               "replicasets/rs/ReplicaSet",
    "batch/v1": "jobs//Job cronjobs/cj/CronJob",
    "networking.k8s.io/v1": "networkpolicies/netpol/NetworkPolicy ingresses/ing/Ingress",
    "rbac.authorization.k8s.io/v1": "roles//Role rolebindings//RoleBinding clusterroles//ClusterRole! "
                                    "clusterrolebindings//ClusterRoleBinding!",
    "certificates.k8s.io/v1": "certificatesigningrequests/csr/CertificateSigningRequest!",
    "admissionregistration.k8s.io/v1": "mutatingwebhookconfigurations//MutatingWebhookConfiguration! "
                                       "validatingwebhookconfigurations//ValidatingWebhookConfiguration!",
    "apiextensions.k8s.io/v1": "customresourcedefinitions/crd/CustomResourceDefinition!",
    "authorization.k8s.io/v1": "selfsubjectaccessreviews//SelfSubjectAccessReview! "
                               "selfsubjectrulesreviews//SelfSubjectRulesReview!",
    "discovery.k8s.io/v1": "endpointslices//EndpointSlice",
    "policy/v1": "poddisruptionbudgets/pdb/PodDisruptionBudget",
    "autoscaling/v2": "horizontalpodautoscalers/hpa/HorizontalPodAutoscaler",
    "storage.k8s.io/v1": "storageclasses/sc/StorageClass!",
    "metrics.k8s.io/v1beta1": "pods//PodMetrics nodes//NodeMetrics!",
}
SUBRESOURCES = {"v1": ["pods/log", "pods/exec", "pods/eviction", "pods/ephemeralcontainers",
                       "serviceaccounts/token", "namespaces/finalize"],
                "apps/v1": ["deployments/scale", "statefulsets/scale", "replicasets/scale"]}
MISSING = "this server has nothing at"
# What kubectl says after the server has answered that it does not have something.
ANSWERS = [MISSING, "(NotFound)", "no rollout history found"]


def resource_list(version):
    resources = []
    for entry in GROUPS[version].split():
        plural, short, kind = entry.rstrip("!").split("/")
        resources.append({"name": plural, "singularName": kind.lower(), "kind": kind, "verbs": VERBS,
                          "namespaced": not entry.endswith("!"), "shortNames": [short] if short else []})
    resources += [{"name": name, "singularName": "", "kind": "Status", "namespaced": True, "verbs": VERBS}
                  for name in SUBRESOURCES.get(version, [])]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources}


def group_list():
    groups = []
    for version in GROUPS:
        if "/" in version:
            name, number = version.split("/")
            entry = {"groupVersion": version, "version": number}
            groups.append({"name": name, "versions": [entry], "preferredVersion": entry})
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def openapi(version):
    """Says of every kind that the server checks fields itself, as servers do since 1.27."""
    paths = {}
    for entry in GROUPS[version].split():
        plural, _, kind = entry.rstrip("!").split("/")
        group, number = version.split("/") if "/" in version else ("", version)
        method = {"parameters": [{"name": "fieldValidation", "in": "query"}], "responses": {},
                  "x-kubernetes-group-version-kind": {"group": group, "version": number, "kind": kind}}
        paths[f"{root_of(version)}/{plural}/{{name}}"] = dict.fromkeys(("put", "patch", "post"), method)
    return {"openapi": "3.0.0", "info": {"title": "stub", "version": "1"}, "paths": paths}


def root_of(version):
    return f"/apis/{version}" if "/" in version else f"/api/{version}"


def sample_object(version, kind, name, namespace):
    pod = {"nodeName": "node", "serviceAccountName": "default",
           "containers": [{"name": "main", "image": "example.com/image:1"}]}
    labels = {"app": "sample"}
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "sample", "uid": "2", "controller": True}
    spec = {"Pod": pod, "Node": {"podCIDR": "10.0.0.0/24"}}.get(kind, {})
    if version == "apps/v1":
        spec = {"replicas": 1, "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": pod}}
    sample = {"apiVersion": version, "kind": kind, "metadata": {
        "name": name, "uid": "1", "resourceVersion": "1", "labels": labels,
        **({"ownerReferences": [owner]} if kind == "Pod" else {}),
        **({"namespace": namespace} if namespace else {})}}
    if spec:
        sample |= {"spec": spec, "status": {"phase": "Running", "containerStatuses": [], "replicas": 1}}
    if "Role" in kind:
        sample |= {"rules": []} if "Binding" not in kind else {"subjects": [], "roleRef": {}}
    return sample


class Cluster:
    """What the server answers; it forgets everything before each command."""

    def __init__(self, empty=False):
        self.asked, self.empty, self.gone = [], empty, set()

    def answer(self, method, url, body):
        """Status and body for a request."""
        path = url.split("?")[0].rstrip("/")
        self.asked.append((method, url))
        fixed = {"/api": {"kind": "APIVersions", "versions": ["v1"]}, "/apis": group_list(),
                 "/version": {"major": "1", "minor": "32", "gitVersion": "v1.32.0"},
                 "/openapi/v3": {"paths": {root_of(v)[1:]: {"serverRelativeURL": f"/openapi/v3{root_of(v)}"}
                                           for v in GROUPS}}}
        if path in fixed:
            return 200, fixed[path]
        if path.startswith("/openapi/v3/"):
            return 200, openapi(re.sub(r"^/openapi/v3/apis?/", "", path))
        for version in GROUPS:
            if path == root_of(version):
                return 200, resource_list(version)
            if path.startswith(root_of(version) + "/"):
                found = self.resource(method, version, path.removeprefix(root_of(version)), body)
                return found or not_found(path)
        return not_found(path)

    def resource(self, method, version, rest, body):
        match = re.fullmatch(r"(?:/namespaces/([^/]+)(?=/))?/([a-z]+)(?:/([^/]+))?(?:/([a-z]+))?", rest)
        namespace, plural, name, subresource = match.groups() if match else (None,) * 4
        kinds = {entry.split("/")[0]: entry.rstrip("!").split("/")[2] for entry in GROUPS[version].split()}
        if plural not in kinds:
            return None
        key, kind = (version, plural, namespace, name), kinds[plural]
        if method == "DELETE" or subresource == "eviction":
            self.gone.add(key)
            return 200, {"kind": "Status", "apiVersion": "v1", "status": "Success"}
        if subresource and subresource != "ephemeralcontainers":
            return None
        if method == "POST":
            return received(version, kind, body)
        if name is None:
            items = [sample_object(version, kind, "sample", namespace or "default")]
            return 200, {"apiVersion": version, "kind": f"{kind}List", "items": items,
                         "metadata": {"resourceVersion": "1"}}
        if key in self.gone or self.empty:
            return None
        return 200, sample_object(version, kind, name, namespace)


def received(version, kind, body):
    """A new object, judged by the schemas of Kubernetes as a server does with strict fields."""
    if version.startswith("authorization.k8s.io"):
        return 201, {**body, "status": {"allowed": False, "incomplete": False,
                                        "resourceRules": [], "nonResourceRules": []}}
    if "kind" not in body:
        return None  # in protobuf: kubectl made it from flags
    try:
        kubernetes_validate.validate(body, "1.32", strict=True)
    except kubernetes_validate.ValidationError as error:
        where = ".".join(map(str, error.absolute_path))
        return 400, status(400, "BadRequest", f"{kind}: {where}: {error.message}")
    return 201, body


def status(code, reason, message):
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code,
            "reason": reason, "message": message}


def not_found(path):
    return 404, status(404, "NotFound", f"{MISSING} {path}")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self):
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(sent or b"{}")
        except ValueError:
            body = {}
        status, answer = self.server.cluster.answer(self.command, self.path, body)
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = reply

    def log_message(self, *_):
        pass


class KubeApi:
    """The server, and a folder in which kubectl runs so that it finds no configuration of the user's."""

    def __init__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.cluster = Cluster()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.folder = tempfile.TemporaryDirectory()
        config = Path(self.folder.name, "config")
        url = f"http://127.0.0.1:{self.server.server_port}"
        config.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "stub",
            "clusters": [{"name": "stub", "cluster": {"server": url}}],
            "users": [{"name": "stub", "user": {}}],
            "contexts": [{"name": "stub", "context": {"cluster": "stub", "user": "stub"}}]}))
        self.environment = {"PATH": os.environ["PATH"], "KUBECONFIG": str(config), "HOME": self.folder.name,
                            "KUBECACHEDIR": str(Path(self.folder.name, "cache"))}

    def judge(self, words, stdin="", files=()):
        """The complaints about one command line, given as words that begin with `kubectl`.

        `files` are (name, text) pairs that lie in the folder in which it runs.
        """
        for name, text in files:
            Path(self.folder.name, name).write_text(text)
        self.server.cluster = Cluster(empty=words[1] in ("apply", "create"))
        try:
            run = subprocess.run(words, input=stdin, capture_output=True, text=True, timeout=20,
                                 env=self.environment, cwd=self.folder.name)
        except subprocess.TimeoutExpired:
            watches = "watch=true" in self.server.cluster.asked[-1][1]
            return [] if watches else ["kubectl does not end within 20 s"]
        text = " ".join(run.stderr.split())
        if run.returncode == 0 or any(answer in text for answer in ANSWERS):
            return []
        asked = self.server.cluster.asked
        path, _, query = asked[-1][1].partition("?") if asked else ("", "", "")
        if path.endswith(("/exec", "/attach", "/portforward")) or "watch=true" in query:
            return []
        return [text[:400] or f"exits {run.returncode}"]
