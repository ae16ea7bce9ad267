package pipelines

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"weir/event"
)

const sysmon = "Microsoft-Windows-Sysmon/Operational"

func TestClassify(t *testing.T) {
	tests := []struct {
		name string
		kv   []string
		want string
	}{
		{"nothing known", nil, "//"},
		{"Sysmon 1", []string{"winlog.channel", sysmon, "event.code", "1"}, "windows/process_creation/sysmon"},
		{"Sysmon 12 can be two things", []string{"winlog.channel", sysmon, "event.code", "12"}, "windows/registry_add+registry_delete+registry_event/sysmon"},
		{"Sysmon 13", []string{"winlog.channel", sysmon, "event.code", "13"}, "windows/registry_event+registry_set/sysmon"},
		{"Sysmon 18", []string{"winlog.channel", sysmon, "event.code", "18"}, "windows/pipe_created/sysmon"},
		{"Sysmon 26", []string{"winlog.channel", sysmon, "event.code", "26"}, "windows/file_delete+file_delete_detected/sysmon"},
		{"Sysmon of a number that it does not have", []string{"winlog.channel", sysmon, "event.code", "111"}, "windows//sysmon"},
		{"Sysmon without a number", []string{"winlog.channel", sysmon}, "windows//sysmon"},
		{"Security 4688", []string{"winlog.channel", "Security", "event.code", "4688"}, "windows/process_creation/security"},
		{"Security in small letters", []string{"winlog.channel", "security", "event.code", "4624"}, "windows//security"},
		{"PowerShell 4104", []string{"winlog.channel", "Microsoft-Windows-PowerShell/Operational", "event.code", "4104"}, "windows/ps_script/powershell"},
		{"PowerShell 7", []string{"winlog.channel", "PowerShellCore/Operational", "event.code", "4103"}, "windows/ps_module/powershell"},
		{"classic PowerShell", []string{"winlog.channel", "Windows PowerShell", "event.code", "400"}, "windows/ps_classic_start/powershell-classic"},
		{"with a dataset", []string{"winlog.channel", "Security", "event.code", "4688", "event.dataset", "system.security", "winlog.provider_name", "Microsoft-Windows-Security-Auditing"}, "windows/process_creation/security"},
		{"forwarded", []string{"winlog.channel", sysmon, "event.code", "3", "event.dataset", "windows.forwarded", "event.module", "windows"}, "windows/network_connection/sysmon"},
		{"a log that nobody knows", []string{"winlog.channel", "Contoso/Operational", "event.code", "1"}, "windows//"},
		{"a provider alone", []string{"winlog.provider_name", "Contoso", "event.code", "1"}, "windows//"},
		{"Defender finds something", []string{"winlog.channel", "Microsoft-Windows-Windows Defender/Operational", "event.code", "1116"}, "windows/antivirus/windefend"},
		{"a channel that is too long", []string{"winlog.channel", strings.Repeat("x", 1000)}, "windows//"},

		{"sshd", []string{"event.dataset", "system.auth", "process.name", "sshd"}, "linux//auth+sshd"},
		{"cron in capitals", []string{"event.dataset", "system.syslog", "process.name", "CRON"}, "linux//cron+syslog"},
		{"another program", []string{"event.dataset", "system.syslog", "process.name", "dnsmasq"}, "linux//syslog"},
		{"auditd", []string{"event.dataset", "auditd.log"}, "linux//auditd"},
		{"a connection that weir saw", []string{"event.dataset", "ebpf.tcp"}, "linux/network+network_connection/connection+netflow"},
		{"a process of the endpoint", []string{"event.dataset", "endpoint.events.process", "event.category", "process", "event.type", "start", "host.os.type", "linux"}, "linux/process_creation/"},
		{"a process on a Mac", []string{"event.dataset", "endpoint.events.process", "event.category", "process", "event.type", "start", "host.os.type", "macos"}, "macos/process_creation/"},
		{"zeek", []string{"event.dataset", "zeek.dns"}, "zeek/dns+network/dns"},
		{"cloudtrail", []string{"event.dataset", "aws.cloudtrail", "event.module", "aws"}, "aws//cloudtrail"},
		{"an audit log of Entra", []string{"event.dataset", "azure.auditlogs"}, "azure//auditlogs+pim"},
		{"okta", []string{"event.dataset", "okta.system"}, "okta//okta"},
		{"nginx", []string{"event.dataset", "nginx.access"}, "nginx/webserver/nginx"},
		{"squid", []string{"event.dataset", "squid.log"}, "/proxy/"},
		{"a firewall", []string{"event.dataset", "cisco_asa.log"}, "cisco/firewall/syslog"},
		{"a dataset that nobody knows", []string{"event.dataset", "contoso.log"}, "//"},
	}
	s := Shipped()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := given(t, tt.kv...)
			for range 2 { // the second time nothing is built
				if got := s.Describe(s.Classify(e)); got != tt.want {
					t.Errorf("got %s, want %s", got, tt.want)
				}
			}
		})
	}
}

// plainly is what Classify must come to: every row is held against the event.
func plainly(s *Set, e *event.Event) string {
	var l labels
	for _, r := range s.rows {
		holds := !slices.ContainsFunc(r.conds, func(c cond) bool {
			v := e.Get(c.field)
			if v.Kind() == event.Absent || v.Kind() == event.Null {
				return true
			}
			if len(c.values) == 0 {
				return false
			}
			return !slices.ContainsFunc(c.values, func(want string) bool {
				if v.Kind() != event.List || !c.field.Array() {
					return strings.EqualFold(e.Str(c.field), want)
				}
				for i := range v.Len() {
					if strings.EqualFold(v.Item(i).Str(), want) {
						return true
					}
				}
				return false
			})
		})
		if holds {
			l = l.add(r.labels)
		}
	}
	return l.String()
}

// Whatever an event holds, the tree says what all rows together say.
func TestClassify_EqualsEveryRow(t *testing.T) {
	s, faults := Load()
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	values := map[event.Field][]string{}
	for _, r := range s.rows {
		for _, c := range r.conds {
			values[c.field] = append(append(values[c.field], c.values...), "other", "")
		}
	}
	var fields []event.Field
	for f := range values {
		slices.Sort(values[f])
		fields = append(fields, f)
	}
	slices.Sort(fields)
	pick := func(f event.Field) string {
		v := values[f][rnd.IntN(len(values[f]))]
		if rnd.IntN(3) == 0 {
			v = strings.ToUpper(v)
		}
		return v
	}
	var e event.Event
	for range 6000 {
		e.Reset()
		if rnd.IntN(2) == 0 { // near a row that is there
			for _, c := range s.rows[rnd.IntN(len(s.rows))].conds {
				if len(c.values) > 0 {
					e.SetStr(c.field, c.values[rnd.IntN(len(c.values))])
				}
			}
		}
		for range rnd.IntN(5) {
			f := fields[rnd.IntN(len(fields))]
			switch rnd.IntN(6) {
			case 0:
				e.Set(f, event.Strs(pick(f), pick(f)))
			case 1:
				e.Set(f, event.Nil())
			default:
				e.Set(f, event.Str(pick(f)))
			}
		}
		if got, want := s.Describe(s.Classify(&e)), plainly(s, &e); got != want {
			t.Fatalf("%s: got %s, want %s", e.AppendJSON(nil), got, want)
		}
	}
}

// Events of many kinds do not make the tree grow without end, and are still of the right class.
func TestClassify_Bounded(t *testing.T) {
	var rows strings.Builder
	for i := range 25 {
		fmt.Fprintf(&rows, "  - {event.dataset: d%d, product: p%d}\n  - {event.code: c%d, service: s%d}\n  - {winlog.channel: w%d, category: k%d}\n", i, i, i, i, i, i)
	}
	s, faults := Load(Source{Name: "t", FS: fstest.MapFS{"a.yaml": {Data: []byte("name: a\nevents:\n" + rows.String())}}})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	s.grown = maxNodes - 100 // most events meet a full tree
	for i := range 25 {
		for j := range 25 {
			e := given(t, "event.dataset", fmt.Sprint("d", i), "event.code", fmt.Sprint("c", j), "winlog.channel", fmt.Sprint("w", j))
			if got, want := s.Describe(s.Classify(e)), plainly(s, e); got != want {
				t.Fatalf("got %s, want %s", got, want)
			}
		}
	}
	if s.grown > maxNodes {
		t.Errorf("%d nodes", s.grown)
	}
}

// Many goroutines may ask at once, from the first event on.
func TestClassify_Concurrent(t *testing.T) {
	s, _ := Load()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for code := range 40 {
				e := given(t, "winlog.channel", sysmon, "event.code", fmt.Sprint((code+g)%30))
				if got, want := s.Describe(s.Classify(e)), plainly(s, e); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		})
	}
	wg.Wait()
}

func TestClassify_NoAllocation(t *testing.T) {
	s := Shipped()
	for _, kv := range [][]string{
		{"winlog.channel", sysmon, "event.code", "1", "event.dataset", "windows.sysmon_operational"},
		{"winlog.channel", "SECURITY", "event.code", "4688"},
		{"event.dataset", "system.auth", "process.name", "sshd"},
		{"event.dataset", "auditd_manager.auditd", "event.category", "process"},
		{"message", "nothing known"},
	} {
		e := given(t, kv...)
		s.Classify(e)
		if n := testing.AllocsPerRun(100, func() { s.Classify(e) }); n != 0 {
			t.Errorf("%v: %v allocations", kv, n)
		}
	}
}

func BenchmarkClassify(b *testing.B) {
	s := Shipped()
	for _, bb := range []struct {
		name string
		kv   []string
	}{
		{"Sysmon", []string{"winlog.channel", sysmon, "event.code", "1", "winlog.provider_name", "Microsoft-Windows-Sysmon", "process.executable", `C:\a.exe`}},
		{"sshd", []string{"event.dataset", "system.auth", "process.name", "sshd", "host.name", "a"}},
		{"unknown", []string{"event.dataset", "contoso.log", "event.module", "contoso"}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			e := given(b, bb.kv...)
			b.ReportAllocs()
			for b.Loop() {
				s.Classify(e)
			}
		})
	}
}
