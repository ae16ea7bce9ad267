package app

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/app/apptest"

	"weir/internal/app/build"
	"weir/internal/app/correlating"
	"weir/internal/config"
	"weir/internal/fault"
	"weir/rules"
)

// reloadable is an App with rules and inventory and nothing that runs.
const devices = "name,addresses,site,time_zone\nweb-1,192.0.2.11 2001:db8::11,seoul,Asia/Seoul\n"

func reloadable(t *testing.T, files map[string]string) (a *App, out *bytes.Buffer, noticed *[]*fault.Error) {
	t.Helper()
	cfg := apptest.Data(t, files)
	cfg.Rules.Shipped = false
	out, noticed = &bytes.Buffer{}, &[]*fault.Error{}
	a = &App{cfg: cfg, log: slog.New(slog.NewTextHandler(out, nil)), correlator: &correlating.Correlator{}}
	a.opts.Notify = func(n Notice) { *noticed = append(*noticed, n.Fault) }
	var err error
	if a.enrich, _, err = build.LoadEnrichment(cfg, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if a.rules, err = a.loadRules(); err != nil {
		t.Fatal(err)
	}
	return a, out, noticed
}

func put(t *testing.T, a *App, name, text string) {
	t.Helper()
	path := filepath.Join(a.cfg.Data, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// last is the set that the correlator has now.
func last(a *App) *rules.Set {
	sets := a.correlator.History().Sets
	return sets[len(sets)-1]
}

// TestReloadRules: a mistake keeps the rules that the file had, is counted and said; mending it ends that.
func TestReloadRules(t *testing.T) {
	a, out, noticed := reloadable(t, map[string]string{"rules/mine.yaml": apptest.OneRule})
	if a.rules.Load().Len() != 1 || a.refusedRules() != 0 {
		t.Fatalf("%d rules, %d refused", a.rules.Load().Len(), a.refusedRules())
	}
	put(t, a, "rules/mine.yaml", strings.Replace(apptest.OneRule, "level", "levl", 1))
	a.reloadRules(t.Context())
	if a.rules.Load().Len() != 1 || a.refusedRules() == 0 || len(*noticed) == 0 {
		t.Errorf("with a mistake: %d rules, %d refused, %d notices", a.rules.Load().Len(), a.refusedRules(), len(*noticed))
	}
	if !strings.Contains(out.String(), "level=ERROR") || !strings.Contains(out.String(), "mine.yaml") {
		t.Errorf("the log says %s", out)
	}
	put(t, a, "rules/mine.yaml", apptest.OneRule)
	put(t, a, "rules/more.yaml", strings.Replace(apptest.OneRule, "mine", "more", 1))
	a.reloadRules(t.Context())
	if a.rules.Load().Len() != 2 || a.refusedRules() != 0 || len(last(a).Rules) != 2 {
		t.Errorf("mended: %d rules, %d refused, %d in the correlator", a.rules.Load().Len(), a.refusedRules(), len(last(a).Rules))
	}
}

// TestReloadRules_FolderIsBroken: where more than half of the files are refused at once, the rules go on, and it is said of
// each file and of the folder.
func TestReloadRules_FolderIsBroken(t *testing.T) {
	files := map[string]string{}
	for _, id := range []string{"one", "two", "three"} {
		files["rules/"+id+".yaml"] = strings.Replace(apptest.OneRule, "mine", id, 1)
	}
	a, out, noticed := reloadable(t, files)
	was := a.rules.Now()
	for _, id := range []string{"one", "two"} {
		put(t, a, "rules/"+id+".yaml", "id: [\n")
	}
	put(t, a, "rules/four.yaml", strings.Replace(apptest.OneRule, "mine", "four", 1))
	a.correlator.SetRules(was.Set)
	a.reloadRules(t.Context())
	if a.rules.Now() != was || last(a) != was.Set || !strings.Contains(out.String(), "2 of 3 files") {
		t.Errorf("%d rules; the log says %s", a.rules.Load().Len(), out)
	}
	codes := map[string]int{}
	for _, f := range *noticed {
		codes[f.Code]++
	}
	if codes["rules-kept"] != 1 || len(*noticed) < 3 {
		t.Errorf("said %v", codes)
	}
	put(t, a, "rules/one.yaml", files["rules/one.yaml"])
	if a.reloadRules(t.Context()); a.rules.Load().Len() != 4 { // two keeps its rule
		t.Errorf("with one mended: %d rules", a.rules.Load().Len())
	}
}

// TestReloadRules_FolderCannotBeRead keeps what runs.
func TestReloadRules_FolderCannotBeRead(t *testing.T) {
	a, out, _ := reloadable(t, map[string]string{"rules/mine.yaml": apptest.OneRule})
	dir := filepath.Join(a.cfg.Data, "rules")
	if err := os.Rename(dir, dir+"-away"); err != nil {
		t.Fatal(err)
	}
	put(t, a, "rules", "a file")
	a.reloadRules(t.Context())
	if a.rules.Load().Len() != 1 || !strings.Contains(out.String(), "not reloaded") {
		t.Errorf("%d rules; the log says %s", a.rules.Load().Len(), out)
	}
}

// reloadNamed reloads the files of the enrichment with a name.
func reloadNamed(t *testing.T, a *App, name string) {
	t.Helper()
	found := false
	for _, f := range a.enrich.Files() {
		if f.Name == name {
			a.reloadFile(f)
			found = true
		}
	}
	if !found {
		t.Fatalf("no file of %s is watched", name)
	}
}

func TestReloadFile(t *testing.T) {
	file := config.Default().Normalise.Inventory
	a, out, noticed := reloadable(t, map[string]string{file: devices})
	named := func() string { return a.enrich.Inventory.NameOf("192.0.2.11") }
	put(t, a, file, strings.Replace(devices, "web-1", "web-9", 1))
	if reloadNamed(t, a, "inventory"); named() != "web-9" || !strings.Contains(out.String(), "entries=1") {
		t.Errorf("the device is %q; the log says %s", named(), out)
	}
	put(t, a, file, "nme\nx\n")
	if reloadNamed(t, a, "inventory"); named() != "web-9" || len(*noticed) == 0 {
		t.Errorf("with a mistake the device is %q, %d notices", named(), len(*noticed))
	}
	before := len(*noticed)
	put(t, a, config.Default().Enrich.Users, "name,manager\n")
	if reloadNamed(t, a, "users"); len(*noticed) != before+1 {
		t.Errorf("a list of users with a mistake is passed over: %d notices", len(*noticed)-before)
	}
	put(t, a, config.Default().Enrich.Users, "name\nana\n")
	if reloadNamed(t, a, "users"); !strings.Contains(out.String(), "component=users") {
		t.Errorf("the log says %s", out)
	}
}

// TestLoadEnrichment: without a database of places that is said; a broken one is said too, and weir starts.
func TestLoadEnrichment(t *testing.T) {
	a, out, noticed := reloadable(t, nil)
	if err := a.loadEnrichment(); err != nil || !strings.Contains(out.String(), "no GeoIP database") || len(*noticed) != 0 {
		t.Errorf("%v; the log says %s", err, out)
	}
	put(t, a, "places.mmdb", "no database")
	a.cfg.Enrich.GeoIP.City = "places.mmdb"
	if err := a.loadEnrichment(); err != nil || len(*noticed) != 1 || fault.Code((*noticed)[0]) != "geoip-broken" {
		t.Errorf("%v, %v", err, *noticed)
	}
	if reloadNamed(t, a, "geoip"); len(*noticed) != 2 {
		t.Errorf("the broken database is passed over: %v", *noticed)
	}
}

func TestModified(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	if got := modified(name); !got.IsZero() {
		t.Errorf("a file that is not there: %s", got)
	}
	at := time.Date(2026, 1, 5, 1, 2, 3, 0, time.UTC)
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(name, at, at); err != nil {
		t.Fatal(err)
	}
	if got := modified(name); !got.Equal(at) {
		t.Errorf("got %s", got)
	}
}
