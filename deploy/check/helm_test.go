package check

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// everything switches on all that the chart has.
var everything = []string{
	"--set", "agent.enabled=true", "--set", "networkPolicy.enabled=true", "--set", "serviceMonitor.enabled=true",
	"--set", "prometheusRule.enabled=true", "--set", "grafanaDashboard.enabled=true", "--set", "config.elastic.urls={https://es:9200}",
	"--set", "config.elastic.api_key=env:ES_API_KEY", "--set", "secrets.ES_API_KEY.name=weir-elastic", "--set", "secrets.ES_API_KEY.key=api_key",
	"--set", "config.bus.sasl.mechanism=scram-sha-512", "--set", "config.bus.sasl.user=weir", "--set", "config.bus.sasl.password=env:KAFKA_PASSWORD",
	"--set", "secrets.KAFKA_PASSWORD.name=weir-kafka", "--set", "secrets.KAFKA_PASSWORD.key=password", "--set", "files.ca.secret=kafka-ca", "--set", "logKey.secret=weir-log-key",
}

// monitor is what the chart uses of PodMonitor, which has no types in k8s.io/api.
type monitor struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Selector            metav1.LabelSelector `json:"selector"`
		JobLabel            string               `json:"jobLabel"`
		PodTargetLabels     []string             `json:"podTargetLabels"`
		PodMetricsEndpoints []struct {
			Port, Path, Interval string
		} `json:"podMetricsEndpoints"`
	} `json:"spec"`
}

// rule is a PrometheusRule; its groups are for Prometheus' own parser.
type rule struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              map[string]any `json:"spec"`
}

// typed returns an empty object of a kind.
func typed(kind metav1.TypeMeta) metav1.Object {
	switch kind.APIVersion + " " + kind.Kind {
	case "apps/v1 Deployment":
		return &appsv1.Deployment{}
	case "apps/v1 StatefulSet":
		return &appsv1.StatefulSet{}
	case "apps/v1 DaemonSet":
		return &appsv1.DaemonSet{}
	case "v1 ConfigMap":
		return &corev1.ConfigMap{}
	case "v1 Service":
		return &corev1.Service{}
	case "v1 ServiceAccount":
		return &corev1.ServiceAccount{}
	case "policy/v1 PodDisruptionBudget":
		return &policyv1.PodDisruptionBudget{}
	case "networking.k8s.io/v1 NetworkPolicy":
		return &networkingv1.NetworkPolicy{}
	case "monitoring.coreos.com/v1 PodMonitor":
		return &monitor{}
	case "monitoring.coreos.com/v1 PrometheusRule":
		return &rule{}
	}
	return nil
}

// helmRun runs Helm on the chart.
func helmRun(t *testing.T, args ...string) ([]byte, error) {
	t.Helper()
	cmd := exec.Command(helm(t), args...)
	cmd.Dir = filepath.Join(root(t), "deploy", "helm")
	home := t.TempDir()
	cmd.Env = append(os.Environ(), "HELM_CACHE_HOME="+home, "HELM_CONFIG_HOME="+home, "HELM_DATA_HOME="+home)
	return cmd.CombinedOutput()
}

// render returns the objects of the chart by kind and name. An unknown field anywhere fails the test: Kubernetes would
// drop it without a word, or refuse it.
func render(t *testing.T, args ...string) map[string]metav1.Object {
	t.Helper()
	out, err := helmRun(t, append([]string{"template", "weir", "weir", "--namespace", "logs", "--kube-version", "1.31.0"}, args...)...)
	if err != nil {
		t.Fatalf("helm template: %v\n%s", err, out)
	}
	objects := map[string]metav1.Object{}
	for _, doc := range bytes.Split(out, []byte("\n---\n")) {
		doc = bytes.TrimPrefix(doc, []byte("---\n"))
		var kind metav1.TypeMeta
		if err := yaml.Unmarshal(doc, &kind); err != nil {
			t.Fatalf("%v in\n%s", err, doc)
		}
		if kind.Kind == "" {
			continue // a template that made only comments
		}
		o := typed(kind)
		if o == nil {
			t.Fatalf("no types for %s %s", kind.APIVersion, kind.Kind)
		}
		if err := yaml.UnmarshalStrict(doc, o); err != nil {
			t.Errorf("%v in\n%s", err, doc)
		}
		key := kind.Kind + "/" + o.GetName()
		if objects[key] != nil {
			t.Errorf("%s twice", key)
		}
		objects[key] = o
	}
	return objects
}

// pods returns the pods of the chart by role.
func pods(objects map[string]metav1.Object) map[string]*corev1.PodTemplateSpec {
	out := map[string]*corev1.PodTemplateSpec{}
	for _, o := range objects {
		var p *corev1.PodTemplateSpec
		switch o := o.(type) {
		case *appsv1.Deployment:
			p = &o.Spec.Template
		case *appsv1.StatefulSet:
			p = &o.Spec.Template
		case *appsv1.DaemonSet:
			p = &o.Spec.Template
		default:
			continue
		}
		out[p.Labels["app.kubernetes.io/component"]] = p
	}
	return out
}

func TestChart_Lint(t *testing.T) {
	for _, args := range [][]string{nil, everything} {
		out, err := helmRun(t, append([]string{"lint", "weir", "--strict", "--kube-version", "1.31.0"}, args...)...)
		if err != nil || !bytes.Contains(out, []byte("0 chart(s) failed")) {
			t.Errorf("%v\n%s", err, out)
		}
	}
}

func TestChart_Objects(t *testing.T) {
	has := func(t *testing.T, objects map[string]metav1.Object, names ...string) {
		t.Helper()
		for _, name := range names {
			no := strings.HasPrefix(name, "!")
			if name = strings.TrimPrefix(name, "!"); (objects[name] != nil) == no {
				t.Errorf("%s: there is %v", name, !no)
			}
		}
	}
	tests := []struct {
		name string
		args []string
		want []string
	}{
		{"defaults", nil, []string{"Deployment/weir-ingest", "Deployment/weir-normalise", "Deployment/weir-correlate", "StatefulSet/weir-archive",
			"StatefulSet/weir-console", "StatefulSet/weir-notify", "Service/weir", "Service/weir-archive", "PodDisruptionBudget/weir-ingest", "!PodDisruptionBudget/weir-archive",
			"!Deployment/weir-elastic", "!DaemonSet/weir-agent", "!NetworkPolicy/weir-ingest", "!PodMonitor/weir", "!PrometheusRule/weir", "ServiceAccount/weir"}},
		{"everything", everything, []string{"Deployment/weir-elastic", "DaemonSet/weir-agent", "ConfigMap/weir-agent", "NetworkPolicy/weir-ingest", "!NetworkPolicy/weir-agent",
			"PodMonitor/weir", "PrometheusRule/weir", "ConfigMap/weir-dashboard"}},
		{"a spool that lasts", []string{"--set", "roles.ingest.persistence.enabled=true"}, []string{"StatefulSet/weir-ingest", "!Deployment/weir-ingest", "Service/weir-ingest"}},
		{"one role less", []string{"--set", "roles.archive.enabled=false"}, []string{"!StatefulSet/weir-archive", "!ConfigMap/weir-archive", "!Service/weir-archive"}},
		{"an account of yours", []string{"--set", "serviceAccount.create=false", "--set", "serviceAccount.name=own"}, []string{"!ServiceAccount/weir", "!ServiceAccount/own"}},
		{"another name", []string{"--set", "fullnameOverride=siem"}, []string{"Deployment/siem-ingest", "Service/siem"}},
		{"no port open", []string{"--set", "service.ports.syslogUDP.enabled=false", "--set", "service.ports.syslogTCP.enabled=false", "--set", "service.ports.syslogTLS.enabled=false",
			"--set", "service.ports.relp.enabled=false", "--set", "service.ports.snmptrap.enabled=false"}, []string{"!Service/weir"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { has(t, render(t, tt.args...), tt.want...) })
	}
}

// TestChart_Rights: no role may do anything that it does not need, and the agent exactly two things.
func TestChart_Rights(t *testing.T) {
	for role, p := range pods(render(t, everything...)) {
		if len(p.Spec.Containers) != 1 {
			t.Fatalf("%s: %d containers", role, len(p.Spec.Containers))
		}
		c := p.Spec.Containers[0]
		sc := c.SecurityContext
		if sc == nil || sc.AllowPrivilegeEscalation == nil || *sc.AllowPrivilegeEscalation || !*sc.ReadOnlyRootFilesystem || len(sc.Capabilities.Drop) != 1 || sc.Capabilities.Drop[0] != "ALL" {
			t.Errorf("%s: %+v", role, sc)
			continue
		}
		if sc.Privileged != nil && *sc.Privileged || p.Spec.AutomountServiceAccountToken == nil || *p.Spec.AutomountServiceAccountToken {
			t.Errorf("%s: is privileged, or has a token", role)
		}
		if role != "agent" {
			if len(sc.Capabilities.Add) != 0 || p.Spec.HostPID || p.Spec.HostNetwork || p.Spec.SecurityContext.RunAsNonRoot == nil || !*p.Spec.SecurityContext.RunAsNonRoot ||
				p.Spec.SecurityContext.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
				t.Errorf("%s: %+v", role, p.Spec.SecurityContext)
			}
			continue
		}
		if add := sc.Capabilities.Add; len(add) != 2 || add[0] != "BPF" || add[1] != "PERFMON" || !p.Spec.HostPID {
			t.Errorf("agent: %v, host PID %v", add, p.Spec.HostPID)
		}
	}
}

// TestChart_Pods: each pod runs its stage, is probed on a port that it has, is bounded, and mounts only what it has.
func TestChart_Pods(t *testing.T) {
	all := pods(render(t, everything...))
	if len(all) != 8 {
		t.Errorf("%d roles", len(all))
	}
	for role, p := range all {
		c := p.Spec.Containers[0]
		stage := role
		if role == "agent" {
			stage = "ingest"
		}
		if got := strings.Join(c.Args, " "); got != "run --stage "+stage+" --config /etc/weir/weir.yaml" {
			t.Errorf("%s: %s", role, got)
		}
		ports, volumes := map[string]bool{}, map[string]bool{}
		for _, port := range c.Ports {
			ports[port.Name] = true
		}
		for what, probe := range map[string]*corev1.Probe{"/healthz": c.LivenessProbe, "/readyz": c.ReadinessProbe} {
			if probe == nil || probe.HTTPGet.Path != what || !ports[probe.HTTPGet.Port.String()] {
				t.Errorf("%s: probe of %s: %+v", role, what, probe)
			}
		}
		if c.StartupProbe == nil || c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() {
			t.Errorf("%s: no startup probe, or no resources", role)
		}
		for _, v := range p.Spec.Volumes {
			volumes[v.Name] = true
		}
		for _, m := range c.VolumeMounts {
			if !volumes[m.Name] && m.Name != "data" {
				t.Errorf("%s: mounts %s, which it does not have", role, m.Name)
			}
		}
		env := map[string]string{}
		for _, e := range c.Env {
			env[e.Name] = e.ValueFrom.SecretKeyRef.Name + "/" + e.ValueFrom.SecretKeyRef.Key
		}
		if env["ES_API_KEY"] != "weir-elastic/api_key" || env["KAFKA_PASSWORD"] != "weir-kafka/password" {
			t.Errorf("%s: environment %v", role, env)
		}
	}
}

// TestChart_LogKey: with a secret the private key is in no volume, the role that signs has it alone and read-only, and its
// folder is the one that the configuration names. Without one nothing of that is there.
func TestChart_LogKey(t *testing.T) {
	for _, given := range []bool{true, false} {
		args := []string{"--set", "config.archive.log.stamp=https://tsa.example.org/tsr"}
		if given {
			args = append(args, "--set", "logKey.secret=weir-log-key")
		}
		objects := render(t, args...)
		for role, p := range pods(objects) {
			secret, mounted := "", ""
			for _, v := range p.Spec.Volumes {
				if v.Name == "log-key" {
					secret = v.Secret.SecretName
					if *v.Secret.DefaultMode != 0o400 {
						t.Errorf("%s: the key has mode %o", role, *v.Secret.DefaultMode)
					}
				}
			}
			for _, m := range p.Spec.Containers[0].VolumeMounts {
				if m.Name == "log-key" {
					mounted = m.MountPath
					if !m.ReadOnly || m.SubPath != "log.key" {
						t.Errorf("%s: %+v", role, m)
					}
				}
			}
			want := given && role == "archive"
			if (secret == "weir-log-key") != want || (mounted == "/keys/log.key") != want {
				t.Errorf("secret given %v, %s: volume of %q at %q", given, role, secret, mounted)
			}
			text := objects["ConfigMap/weir-"+role].(*corev1.ConfigMap).Data["weir.yaml"]
			if strings.Contains(text, "key_folder: /keys") != want || !strings.Contains(text, "stamp: https://tsa.example.org/tsr") {
				t.Errorf("secret given %v, %s:\n%s", given, role, text)
			}
		}
	}
}

// TestChart_LogKey_Folder: while the key is changed it is in a folder that the configuration names; the secret is not in its way,
// and comes back when no folder is named any more.
func TestChart_LogKey_Folder(t *testing.T) {
	for folder, want := range map[string]string{"/data/rotate": "key_folder: /data/rotate", "": "key_folder: /keys"} {
		objects := render(t, "--set", "logKey.secret=weir-log-key", "--set", "config.archive.log.key_folder="+folder)
		mounted := false
		for _, m := range pods(objects)["archive"].Spec.Containers[0].VolumeMounts {
			mounted = mounted || strings.HasPrefix(m.MountPath, "/keys")
		}
		text := objects["ConfigMap/weir-archive"].(*corev1.ConfigMap).Data["weir.yaml"]
		if mounted != (folder == "") || !strings.Contains(text, want) {
			t.Errorf("%q: secret mounted %v\n%s", folder, mounted, text)
		}
	}
}

// TestChart_Service: what devices send to leads to a port of ingest, by its name, with the right protocol.
func TestChart_Service(t *testing.T) {
	objects := render(t)
	have := map[string]corev1.Protocol{}
	for _, port := range pods(objects)["ingest"].Spec.Containers[0].Ports {
		have[port.Name] = port.Protocol
	}
	want := map[int32]int{514: 2, 6514: 1, 2514: 1, 162: 1}
	s := objects["Service/weir"].(*corev1.Service)
	for _, port := range s.Spec.Ports {
		if have[port.TargetPort.String()] != port.Protocol {
			t.Errorf("%s leads to %s %s", port.Name, port.TargetPort.String(), port.Protocol)
		}
		want[port.Port]--
	}
	for port, n := range want {
		if n != 0 {
			t.Errorf("port %d: %d missing", port, n)
		}
	}
	if s.Spec.Selector["app.kubernetes.io/component"] != "ingest" || s.Spec.ExternalTrafficPolicy != corev1.ServiceExternalTrafficPolicyLocal {
		t.Errorf("%+v", s.Spec)
	}
}

// TestChart_Config: what each role is given is a configuration that weir itself takes.
func TestChart_Config(t *testing.T) {
	helm(t)
	program := weir(t)
	n := 0
	for name, o := range render(t, everything...) {
		m, ok := o.(*corev1.ConfigMap)
		if !ok || m.Data["weir.yaml"] == "" {
			continue
		}
		n++
		file := filepath.Join(t.TempDir(), "weir.yaml")
		if err := os.WriteFile(file, []byte(m.Data["weir.yaml"]), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(program, "config", "check", file)
		cmd.Env = append(os.Environ(), "ES_API_KEY=x", "KAFKA_PASSWORD=x")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s\n%s", name, err, out, m.Data["weir.yaml"])
		}
	}
	if n != 8 {
		t.Errorf("%d configurations", n)
	}
}

// TestChart_BadValues: a mistake in the values is refused before anything is made of it.
func TestChart_BadValues(t *testing.T) {
	tests := []struct{ name, set, want string }{
		{"misspelt", "roles.ingest.replica=3", "replica"},
		{"two archives", "roles.archive.replicas=2", "archive"},
		{"no broker", "config.bus.brokers={}", "brokers"},
		{"a broker without a port", "config.bus.brokers={kafka}", "brokers"},
		{"no such role", "roles.teller.enabled=true", "teller"},
		{"no address", "config.elastic.urls={es:9200}", "urls"},
		{"a key in the values", "logKey.key=PRIVATE+KEY", "logKey"},
		{"no size", "roles.archive.persistence.size=lots", "size"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := helmRun(t, "template", "weir", "weir", "--kube-version", "1.31.0", "--set", tt.set)
			if err == nil || !strings.Contains(string(out), tt.want) {
				t.Errorf("%v\n%.500s", err, out)
			}
		})
	}
}

// TestChart_Files: the chart cannot reach outside of its folder, so it has copies.
func TestChart_Files(t *testing.T) {
	same(t, read(t, "deploy", "prometheus", "weir.rules.yaml"), "deploy", "helm", "weir", "files", "weir.rules.yaml")
	same(t, read(t, "deploy", "grafana", "weir.json"), "deploy", "helm", "weir", "files", "weir.json")
}

// TestChart_Argo: the values in the Argo CD application are values of the chart, and make configurations that weir takes.
func TestChart_Argo(t *testing.T) {
	helm(t)
	var app struct {
		Spec struct {
			Source struct {
				Helm struct {
					ValuesObject map[string]any `json:"valuesObject"`
				} `json:"helm"`
			} `json:"source"`
		} `json:"spec"`
	}
	if err := yaml.Unmarshal(read(t, "deploy", "argocd", "application.yaml"), &app); err != nil {
		t.Fatal(err)
	}
	text, err := yaml.Marshal(app.Spec.Source.Helm.ValuesObject)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "values.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	objects := render(t, "-f", file)
	if objects["DaemonSet/weir-agent"] == nil || objects["Deployment/weir-elastic"] == nil || objects["PrometheusRule/weir"] == nil {
		t.Error("something that the application asks for is not made")
	}
	ingest, ok := objects["ConfigMap/weir-ingest"].(*corev1.ConfigMap)
	if !ok || !strings.Contains(ingest.Data["weir.yaml"], "kafka-bootstrap.kafka:9093") {
		t.Errorf("the configuration of ingest does not name the brokers: %+v", ingest)
	}
	// Every file that a configuration names lies where a volume is mounted.
	for _, line := range strings.Split(ingest.Data["weir.yaml"], "\n") {
		key, path, ok := strings.Cut(strings.TrimSpace(line), ": /etc/weir/")
		if !ok {
			continue
		}
		mounted := false
		for _, m := range pods(objects)["ingest"].Spec.Containers[0].VolumeMounts {
			mounted = mounted || strings.HasPrefix("/etc/weir/"+path, m.MountPath+"/")
		}
		if !mounted {
			t.Errorf("%s is /etc/weir/%s, and nothing is mounted there", key, path)
		}
	}
}
