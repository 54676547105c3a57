//! Kubernetes: the door with its editor in one Pod, behind Pomerium's ingress controller.

use doorcode_settings::Problem;

use crate::container::{CERTIFICATE, HOME, IMAGE, PORT, RUN, SETTINGS_FILE, USER, block};
use crate::page;
use crate::plan::Plan;
use crate::pomerium;
use crate::quote;

/// Manifests for `kubectl apply -f`.
pub(crate) fn write(plan: &Plan) -> Result<String, Problem> {
    Ok([
        header(plan),
        settings(plan),
        deployment(),
        network(),
        ingress(plan),
    ]
    .join("---\n"))
}

fn header(plan: &Plan) -> String {
    let host = plan.proxy.public_url.host();
    let stem = host.file_stem();
    let claims = format!(
        r#"{{"spec":{{"jwtClaimHeaders":{{"{}":"{}"}}}}}}"#,
        pomerium::claim_header(plan),
        pomerium::claim(plan)
    );
    let steps = page::before([
        "Pomerium's ingress controller in the cluster, with its global settings: https://www.pomerium.com/docs/deploy/k8s/install"
            .to_owned(),
        format!(
            "The user in a header of Pomerium's own making; without it a browser's header of that name would pass through:\n  \
             kubectl patch pomerium global --type merge --patch {}",
            quote::shell(&claims)
        ),
        format!("The image, from Doorcode's sources, in a registry of yours; its name goes into the Deployment below:\n  docker build -f Containerfile -t {IMAGE} ."),
        format!(
            "The door's certificate, with a root of its own that only Pomerium is told to trust; again before its 824 days are over:\n  \
             kubectl create namespace doorcode\n  \
             export XDG_DATA_HOME=\"$(mktemp -d)\" && printf '[gateway]\\nhosts = [\"{host}\"]\\n' > \"$XDG_DATA_HOME/settings.toml\"\n  \
             doorcode --settings \"$XDG_DATA_HOME/settings.toml\" cert issue {host}\n  \
             kubectl -n doorcode create secret generic doorcode-door \\\n    \
             --from-file=tls.crt=\"$XDG_DATA_HOME/doorcode/certs/{stem}.crt\" --from-file=tls.key=\"$XDG_DATA_HOME/doorcode/certs/{stem}.key\"\n  \
             doorcode --settings \"$XDG_DATA_HOME/settings.toml\" cert export {host} |\n    \
             kubectl -n doorcode create secret generic doorcode-root --from-file=ca.crt=/dev/stdin\n  \
             rm -r \"$XDG_DATA_HOME\"; unset XDG_DATA_HOME"
        ),
        "The certificate for browsers, as secret doorcode-public of type kubernetes.io/tls; cert-manager makes it from the Ingress."
            .to_owned(),
    ]);
    format!(
        r#"# Doorcode behind Pomerium's ingress, for one person. Written by: doorcode recipe kubernetes
# Save as doorcode.yaml, then: kubectl apply -f doorcode.yaml
#
# Door and editor are one container. The door starts the editor, watches it, and is the only one that can open its socket,
# which is in a folder that belongs to this user alone; in a second container the editor would be out of its sight, and the
# socket open to whoever shares the volume.
{steps}
apiVersion: v1
kind: Namespace
metadata:
  name: doorcode
  labels:
    # The Pod keeps to the strictest of Kubernetes' standards, and nothing else is let in here.
    pod-security.kubernetes.io/enforce: restricted
"#
    )
}

fn settings(plan: &Plan) -> String {
    format!(
        r#"# The door's settings. There is no secret in them: Pomerium's statements are verified with its public keys.
apiVersion: v1
kind: ConfigMap
metadata:
  name: doorcode-settings
  namespace: doorcode
data:
  settings.toml: |
{}---
# Work, extensions, sign-ins.
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: doorcode-home
  namespace: doorcode
spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests:
      storage: 10Gi
"#,
        block(&plan.table, "    ")
    )
}

fn deployment() -> String {
    let [_, key] = CERTIFICATE;
    let image = quote::yaml(IMAGE);
    format!(
        r#"apiVersion: apps/v1
kind: Deployment
metadata:
  name: doorcode
  namespace: doorcode
  labels: {{app: doorcode}}
spec:
  # One editor for one home; the old one ends before the new one starts.
  replicas: 1
  strategy:
    type: Recreate
  selector:
    matchLabels: {{app: doorcode}}
  template:
    metadata:
      labels: {{app: doorcode}}
    spec:
      # The editor's terminal has no business with the cluster.
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: 30
      securityContext:
        runAsNonRoot: true
        runAsUser: {USER}
        runAsGroup: {USER}
        fsGroup: {USER}
        fsGroupChangePolicy: OnRootMismatch
        seccompProfile:
          type: RuntimeDefault
      initContainers:
        # A secret's file is readable to its group, and the door serves no key that others can read: a copy of its own, in
        # memory. And a folder for the sockets that belongs to this user, which a volume's own folder does not.
        - name: private-files
          image: {image}
          command: ["sh", "-c", "umask 077 && mkdir -p {RUN}/user && cp /secret/tls.crt /secret/tls.key {RUN}/ && chmod 600 {RUN}/tls.crt {key}"]
          securityContext: &security
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
          resources:
            limits: {{cpu: 100m, memory: 32Mi}}
          volumeMounts:
            - {{name: door-key, mountPath: /secret, readOnly: true}}
            - {{name: run, mountPath: {RUN}}}
      containers:
        - name: doorcode
          image: {image}
          ports:
            - {{name: door, containerPort: {PORT}}}
          env:
            - {{name: XDG_RUNTIME_DIR, value: {RUN}/user}}
          securityContext: *security
          # By command, not by http: no path of the door is open to somebody whom Pomerium has not signed in. A stopped editor
          # is a state that a person may want, so nothing is restarted for it; a door that does not answer is restarted.
          startupProbe:
            exec: &status
              command: [doorcode, --settings, {SETTINGS_FILE}, status]
            periodSeconds: 5
            timeoutSeconds: 5
            failureThreshold: 24
          readinessProbe:
            exec: *status
            periodSeconds: 10
            timeoutSeconds: 5
          livenessProbe:
            tcpSocket: {{port: door}}
            periodSeconds: 20
            timeoutSeconds: 5
          resources:
            requests: {{cpu: 250m, memory: 512Mi}}
            limits: {{memory: 4Gi}}
          volumeMounts:
            - {{name: settings, mountPath: /etc/doorcode, readOnly: true}}
            - {{name: home, mountPath: {HOME}}}
            - {{name: run, mountPath: {RUN}}}
            - {{name: tmp, mountPath: /tmp}}
      volumes:
        - name: settings
          configMap: {{name: doorcode-settings}}
        - name: door-key
          secret: {{secretName: doorcode-door}}
        - name: home
          persistentVolumeClaim: {{claimName: doorcode-home}}
        - name: run
          emptyDir: {{medium: Memory, sizeLimit: 16Mi}}
        - name: tmp
          emptyDir: {{sizeLimit: 2Gi}}
"#
    )
}

fn network() -> String {
    format!(
        r#"apiVersion: v1
kind: Service
metadata:
  name: doorcode
  namespace: doorcode
spec:
  selector: {{app: doorcode}}
  ports:
    - {{name: door, port: {PORT}, targetPort: door}}
---
# Nothing but Pomerium reaches the door. Outward the editor is free: it fetches extensions and packages, and the door
# Pomerium's keys.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: doorcode
  namespace: doorcode
spec:
  podSelector:
    matchLabels: {{app: doorcode}}
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: pomerium
      ports:
        - {{port: door}}
"#
    )
}

fn ingress(plan: &Plan) -> String {
    let host = plan.proxy.public_url.host().to_string();
    let host = quote::yaml(&host);
    format!(
        r#"apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: doorcode
  namespace: doorcode
  annotations:
    # The editor is a WebSocket; without this it stays blank.
    ingress.pomerium.io/allow_websockets: "true"
    # The door compares the host with public_url; without this: 421, trusted_proxy_host_not_allowed.
    ingress.pomerium.io/preserve_host_header: "true"
    # The signed statement of who it is, X-Pomerium-Jwt-Assertion; without this: 401, trusted_proxy_assertion_missing.
    ingress.pomerium.io/pass_identity_headers: "true"
    # TLS to the door, and to no other: its certificate is checked, for this name.
    ingress.pomerium.io/secure_upstream: "true"
    ingress.pomerium.io/tls_custom_ca_secret: doorcode-root
    ingress.pomerium.io/tls_server_name: {host}
    # Who may come in; the door asks again (allow_users).
    ingress.pomerium.io/policy: |
{policy}spec:
  ingressClassName: pomerium
  tls:
    - hosts: [{host}]
      secretName: doorcode-public
  rules:
    - host: {host}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: doorcode
                port: {{name: door}}
"#,
        policy = pomerium::policy(plan, "      "),
    )
}
