package parse

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/record"
	"weir/internal/testkit"
	"weir/processors/parse/readers"
	"weir/rules/pipelines"
	"weir/schemas"
)

var update = flag.Bool("update", false, "write schemas/formats.list")

// packages are those of the readers in Go that declare no fields, below this one: what they name is what they fill. What all
// events have comes from here, from header and from the enrichment.
var packages = map[string]string{
	"cisco.asa": "asa", "linux.pam": "linux", "linux.sshd": "linux", "linux.sudo": "linux", "linux.su": "linux", "linux.logind": "linux", "linux.accounts": "linux",
	"linux.cron": "linux", "linux.systemd": "linux", "linux.netfilter": "linux", "linux.kernel": "linux", "cef": "cef", "leef": "leef", "kv": "kv", "snmp.trap": "snmp",
	"aws.cloudtrail": "cloudtrail", "ebpf.tcp": "tcpconn",
}

// groups are fields that a reader names in parts, so that no constant stands for them: all below the group may come.
var groups = map[string]string{"cisco.asa": "cisco.asa", "linux.netfilter": "iptables"}

// windowsPaths are the fields that names of Windows events mean, but for those below winlog.event_data.
func windowsPaths() []string {
	var out []string
	names := strings.FieldsSeq("EventID Channel Provider_Name Computer Message Level Keywords Opcode Task Image CommandLine CurrentDirectory ProcessGuid ParentImage ParentCommandLine ParentProcessGuid " +
		"TargetFilename PipeName TargetObject QueryName SourceIp SourcePort SourceHostname DestinationIp DestinationPort DestinationHostname")
	for name := range names {
		out = append(out, pipelines.Shipped().Paths(pipelines.LogSource{Product: "windows"}, name)[0])
	}
	return out
}

// windows is what stands in place of a dataset for Windows events, which have none of their own.
const windows = "windows"

// TestFormatsList: the list of what our formats fill is what their code names. Fields that are set by a path in a table of
// texts are in it by the test below.
func TestFormatsList(t *testing.T) {
	root := testkit.Root(t)
	got := map[string]map[string]bool{}
	constants := constantsOf(t, filepath.Join(root, "event", "fields_gen.go"))
	base := filepath.Join(root, "processors", "parse")
	common := map[string]bool{}
	name(t, constants, base, common)
	name(t, constants, base+"/header", common)
	enrichment(t, constants, filepath.Join(root, "processors", "enrich"), common)
	set, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	table := readers.Table()
	for _, f := range set.List() {
		if f.Foreign {
			continue // any field at all
		}
		fields := got[f.Dataset]
		if fields == nil {
			fields = maps.Clone(common)
			got[f.Dataset] = fields
		}
		for _, path := range f.Fields() {
			if path == f.Root {
				path += ".*" // all that there is of the vendor
			}
			fields[path] = true
		}
		for _, reader := range f.Program().Calls() {
			if len(table[reader].Fields) > 0 {
				continue
			}
			if packages[reader] == "" {
				t.Errorf("the reader %s declares no fields, and the test does not know its package", reader)
				continue
			}
			name(t, constants, filepath.Join(base, packages[reader]), fields)
			if g := groups[reader]; g != "" {
				maps.DeleteFunc(fields, func(path string, _ bool) bool { return strings.HasPrefix(path, g+".") })
				fields[g+".*"] = true
			}
		}
	}
	fields := map[string]bool{}
	for _, path := range []string{"@timestamp", "message", "event.code", "host.name", "log.level"} {
		fields[path] = true
	}
	for _, f := range event.Fields() {
		if strings.HasPrefix(f.Path(), "winlog.") && !strings.HasPrefix(f.Path(), "winlog.event_data.") {
			fields[f.Path()] = true
		}
	}
	for _, path := range windowsPaths() {
		fields[path] = true
	}
	got[windows] = fields

	var b bytes.Buffer
	b.WriteString("dataset,field\n")
	got[schemas.EveryFormat] = common
	for _, dataset := range slices.Sorted(maps.Keys(got)) {
		for _, path := range slices.Sorted(maps.Keys(got[dataset])) {
			if dataset != schemas.EveryFormat && common[path] && path != "event.dataset" {
				continue // else most of the list would say the same of each dataset; one line says that there is the dataset
			}
			if f, ok := event.Lookup(path); ok && !strings.HasSuffix(path, ".*") && (f.Type() == ecs.Flattened || f.Type() == ecs.Nested) {
				path += ".*"
			}
			fmt.Fprintf(&b, "%s,%s\n", dataset, path)
		}
	}
	name := filepath.Join(root, "schemas", "formats.list")
	if *update {
		if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Error("schemas/formats.list is not what the code fills: run go test ./processors/parse -run TestFormatsList -update")
	}
}

// enrichment adds what the steps after the parser can add.
func enrichment(t *testing.T, constants map[string]string, dir string, into map[string]bool) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if found, _ := filepath.Glob(filepath.Join(path, "*.go")); err == nil && d.IsDir() && len(found) > 0 {
			name(t, constants, path, into)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// constantsOf returns the paths of the constants of fields.
func constantsOf(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.SplitSeq(string(text), "\n") {
		name, path, ok := strings.Cut(line, "//")
		if words := strings.Fields(name); ok && len(words) > 0 && words[0] != "_" {
			out[words[0]] = strings.TrimSpace(path)
		}
	}
	return out
}

// name adds the fields whose constants a package names, and those of the internal packages that it uses.
func name(t *testing.T, constants map[string]string, dir string, into map[string]bool) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v", dir, err)
	}
	used := map[string]bool{}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, imp := range file.Imports {
			if _, below, ok := strings.Cut(strings.Trim(imp.Path.Value, `"`), "processors/parse/internal/"); ok {
				used[below] = true
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if id, ok := sel.X.(*ast.Ident); ok && id.Name == "event" && constants[sel.Sel.Name] != "" {
					into[constants[sel.Sel.Name]] = true
				}
			}
			// Tables of texts: a path that stands alone, or several with blanks between.
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				for word := range strings.FieldsSeq(strings.Trim(lit.Value, "`\"")) {
					if _, known := event.Lookup(word); known && strings.Contains(word, ".") {
						into[word] = true
					}
				}
			}
			return true
		})
	}
	for below := range used {
		name(t, constants, filepath.Join(testkit.Root(t), "processors", "parse", "internal", below), into)
	}
}

// What our parsers make of real logs has no field that the list does not say.
func TestFormatsList_RealLogs(t *testing.T) {
	formats, err := schemas.Formats()
	if err != nil {
		t.Fatal(err)
	}
	shared := filepath.Join(testkit.Shared(t), "data")
	logs := []string{"integrations/cisco_asa/log/*.log", "integrations/cisco_ftd/log/*.log", "integrations/system/auth/*.log", "integrations/system/syslog/*.log",
		"integrations/iptables/log/*.log", "integrations/cef/log/*.log", "integrations/fortinet_fortigate/log/*.log", "integrations/aws/cloudtrail/*.log", "loghub/Linux/*.log", "loghub/OpenSSH/*.log"}
	seen := map[string]int{}
	for _, pattern := range logs {
		files, err := filepath.Glob(filepath.Join(shared, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			realLog(t, name, formats, seen)
		}
	}
	if len(seen) < 6 {
		t.Errorf("only events of %v were seen", seen)
	}
}

// realLog parses the lines of a file and looks for fields that the list does not have.
func realLog(t *testing.T, name string, formats map[string][]string, seen map[string]int) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	var e event.Event
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		raw := record.Raw{Value: in.Bytes()}
		if strings.Contains(name, "cloudtrail") {
			raw.Input = "aws"
		}
		_ = p.Parse(&raw, &e, func(e *event.Event) error {
			dataset := e.Str(event.EventDataset)
			fields, ok := formats[dataset]
			if !ok {
				return nil
			}
			seen[dataset]++
			e.Each(func(f event.Field, _ event.Value) bool {
				if !slices.ContainsFunc(fields, func(have string) bool {
					open, any := strings.CutSuffix(have, ".*")
					return have == f.Path() || any && (f.Path() == open || strings.HasPrefix(f.Path(), open+"."))
				}) {
					t.Errorf("%s: the list does not say that %s has %s", filepath.Base(name), dataset, f)
				}
				return true
			})
			return nil
		})
	}
}
