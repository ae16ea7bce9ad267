package fromkql

import (
	"errors"
	"strings"
	"testing"

	"weir/event"
	"weir/internal/fault"
	"weir/internal/match"
	"weir/internal/query"
)

func TestTranslate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, kql, want, notes string }{
		{"value", `process.name: sshd`, `process.name == "sshd"`, ""},
		{"several conditions", `process.name: sshd and event.outcome: failure`, `process.name == "sshd" and event.outcome == "failure"`, ""},
		{"group of values", `user.name: (root or admin)`, `user.name == "root" or user.name == "admin"`, ""},
		{"negation", `process.name: sshd and not user.name: root`, `process.name == "sshd" and not (user.name == "root")`, ""},
		{"precedence", `(user.name: a or user.name: b) and process.name: c`, `(user.name == "a" or user.name == "b") and process.name == "c"`, ""},
		{"beginning", `process.name: pow*`, `process.name startsWith "pow"`, ""},
		{"end", `process.executable: *\\cmd.exe`, `process.executable endsWith "\\cmd.exe"`, ""},
		{"middle", `process.executable: *temp*`, `process.executable contains "temp"`, ""},
		{"stars elsewhere", `process.executable: C*\\te?p\\*.exe`, `glob(process.executable, "C*\\\\te\\?p\\\\*.exe")`, ""},
		{"number", `source.port: 22`, `source.port == 22`, ""},
		{"order", `source.port >= 1024`, `source.port >= 1024`, ""},
		{"boolean", `dll.code_signature.exists: true`, `dll.code_signature.exists == true`, ""},
		{"address", `source.ip: 203.0.113.5`, `cidr(source.ip, "203.0.113.5")`, ""},
		{"network", `source.ip: 10.1.2.3/8`, `cidr(source.ip, "10.0.0.0/8")`, ""},
		{"network by a star", `source.ip: 10.1.*`, `cidr(source.ip, "10.1.0.0/16")`, ""},
		{"exists", `user.name: *`, `exists(user.name)`, ""},
		{"open key", `labels.team: blue`, `labels.team == "blue"`, ""},
		{"open key with a number", `labels.n: 5`, `labels.n == "5" or number(labels.n) == 5`, ""},
		{"order of an open key", `labels.n > 4`, `number(labels.n) > 4`, noteOrder},
		{"words of a text", `message: failed password`, `icontains(message, "failed", "password")`, noteWords},
		{"phrase of a text", `message: "failed password"`, `icontains(message, "failed password")`, noteWords},
		{"word with a star at its end", `message: fail*`, `icontains(message, "fail")`, noteWords},
		{"free text", `kilroy`, `icontains($env, "kilroy")`, noteAnyway},
		{"the same note once", `message: a or message: b`, `icontains(message, "a") or icontains(message, "b")`, noteWords},
	} {
		got, err := Translate(c.kql)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if s := got.Tree.String(); s != c.want || strings.Join(got.Notes, "; ") != c.notes {
			t.Errorf("%s: %s\n%q, want\n%s", c.name, s, got.Notes, c.want)
		}
		if _, err := match.Compile(got.Tree.String()); err != nil {
			t.Errorf("%s: what came out cannot be read: %v", c.name, err)
		}
	}
}

// TestTranslate_refused: what a rule cannot say is pointed at, with the reason and a way out.
func TestTranslate_refused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, kql, what string
		mark            int
	}{
		{"everything", `*`, "alert for every event", 1},
		{"nothing but everything", `*:* or user.name: a`, "", 0},
		{"time", `user.name: a and @timestamp > now-15m`, "time of an event", 31},
		{"a day", `@timestamp: 2026-11-21`, "time of an event", 13},
		{"order of addresses", `source.ip > 10.0.0.1`, "order of addresses", 13},
		{"order of texts", `user.name > a`, "order of texts", 13},
		{"pattern of names", `source.*: 10.0.0.1`, "names its fields in full", 1},
		{"pattern of names that exist", `source.*: *`, "names its fields in full", 1},
		{"group of fields", `source: *`, "group of fields", 1},
		{"objects", `dns.answers: {name: a and type: A}`, "objects of a list", 1},
		{"an open field", `labels: blue`, "names of their own", 1},
		{"a name with an empty part", `a..b: x`, "has an empty part", 1},
		{"star within a word", `message: fa*ed`, "star within a word", 10},
	} {
		got, err := Translate(c.kql)
		f, _ := errors.AsType[*fault.Error](err)
		switch {
		case c.what == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.what == "":
		case f == nil || f.Code != "kql-no-rule" || !strings.Contains(f.What, c.what) || f.Mark != c.mark || f.Do == "" || f.Exit != fault.ExitUsage:
			t.Errorf("%s: %+v, %v", c.name, f, got)
		}
	}
	if _, err := Translate("user.name: ("); fault.Code(err) != "kql-syntax" {
		t.Errorf("a mistake in the query: %v", err)
	}
}

// TestTranslate_oracle: where no note says otherwise, condition and query are true for the same events.
func TestTranslate_oracle(t *testing.T) {
	t.Parallel()
	docs := []string{
		`{}`, `{"user":{"name":"root"}}`, `{"user":{"name":["a","root"]},"source":{"ip":"10.1.2.3","port":22}}`, `{"user":{"name":"Root"},"source":{"ip":"2001:db8::1","port":40000}}`,
		`{"process":{"executable":"C:\\temp\\x.exe","name":"x.exe"},"labels":{"team":"blue","n":5}}`, `{"process":{"executable":"c:\\TEMP\\x.exe"},"labels":{"n":"5"}}`,
		`{"user":{"name":null},"source":{"ip":"::ffff:10.1.9.9"}}`, `{"user":{"name":[]},"source":{"ip":"192.0.2.1","port":1024}}`, `{"dll":{"code_signature":{"exists":true}}}`,
	}
	queries := []string{
		`user.name: root`, `not user.name: root`, `user.name: *`, `not user.name: *`, `user.name: (a and root)`, `source.ip: 10.1.*`, `source.ip: 10.0.0.0/8 and not source.port: 22`, `source.port > 1023`,
		`source.port <= 1024`, `process.executable: C*\\*.exe`, `process.executable: *temp*`, `process.name: x* or labels.team: blue`, `labels.n: 5`, `dll.code_signature.exists: true`,
		`not (user.name: root or source.port: 22)`, `source.ip: "2001:DB8::1"`,
	}
	for _, src := range queries {
		q, err := query.Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Translate(src)
		if err != nil || len(c.Notes) > 0 {
			t.Fatalf("%s: %v, %q", src, err, c.Notes)
		}
		cond, err := match.Compile(c.Tree.String())
		if err != nil {
			t.Fatalf("%s: %s: %v", src, c.Tree, err)
		}
		for _, doc := range docs {
			var e event.Event
			if err := e.Decode([]byte(doc)); err != nil {
				t.Fatal(err)
			}
			if got, want := cond.Match(&e), q.Match(&e); got != want {
				t.Errorf("%s as %s: %v, the query %v, of %s", src, c.Tree, got, want, doc)
			}
		}
	}
}

// FuzzTranslate: whatever a query becomes can be read back, and a query that finds an event by more than words finds it
// as a condition too.
func FuzzTranslate(f *testing.F) {
	for _, s := range []string{`process.name: sshd and not user.name: (root or a*)`, `source.ip: 10.*`, `labels.x: "a\"b\\"`, `message: "x y"`, `a.b > 5 or kilroy`, `"odd name.x": *`, `@timestamp: *`, `000000.:00`} {
		f.Add(s)
	}
	var e event.Event
	if err := e.Decode([]byte(`{"user":{"name":"root"},"process":{"name":"sshd"},"source":{"ip":"10.1.2.3","port":22},"labels":{"x":"a\"b\\"}}`)); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 1000 {
			return
		}
		c, err := Translate(src)
		if err != nil {
			if fault.Code(err) == "" {
				t.Fatalf("%q: an error without a code: %v", src, err)
			}
			return
		}
		cond, err := match.Compile(c.Tree.String())
		if err != nil {
			t.Fatalf("%q became %s, which cannot be read: %v", src, c.Tree, err)
		}
		q, err := query.Parse(src)
		if err == nil && len(c.Notes) == 0 && cond.Match(&e) != q.Match(&e) {
			t.Fatalf("%q as %s: %v, the query %v", src, c.Tree, cond.Match(&e), q.Match(&e))
		}
	})
}
