package related

import (
	"strings"
	"testing"

	"weir/event"
)

func TestKindOf(t *testing.T) {
	for path, want := range map[string]uint8{
		"source.ip": address, "source.nat.ip": address, "client.nat.ip": address, "dns.resolved_ip": address, "host.ip": address, "observer.ip": address,
		"network.forwarded_ip": address, "related.ip": none, "threat.indicator.ip": none, "process.entry_leader.entry_meta.source.ip": address,
		"host.name": host, "host.hostname": host, "observer.hostname": host, "destination.domain": host, "url.domain": host, "dns.question.name": host, "user.domain": none, "host.os.name": none,
		"user.name": user, "user.target.name": user, "user.effective.name": user, "user.changes.name": user, "source.user.name": user, "client.user.name": user, "server.user.name": user,
		"user.group.name": none, "user.id": none, "process.name": none, "file.name": none,
		"file.hash.md5": hash, "process.parent.hash.sha256": hash, "dll.hash.sha1": hash, "file.pe.imphash": hash, "process.pe.import_hash": hash, "tls.client.ja3": hash, "tls.server.hash.sha1": hash,
		"email.attachments.file.hash.sha256": hash, "user.hash": none, "event.hash": none, "threat.indicator.file.hash.md5": none, "message": none,
	} {
		if got := kindOf(path); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
}

func TestAdd(t *testing.T) {
	for _, tt := range []struct{ name, doc, want string }{
		{"both ends", `{"source":{"ip":"192.0.2.1","nat":{"ip":"198.51.100.1"}},"destination":{"ip":"192.0.2.2","domain":"db.example.com"}}`,
			`{"hosts":["db.example.com"],"ip":["192.0.2.2","192.0.2.1","198.51.100.1"]}`},
		{"nothing twice", `{"client":{"ip":"192.0.2.1"},"source":{"ip":"192.0.2.1"},"related":{"ip":["192.0.2.1"]}}`, `{"ip":["192.0.2.1"]}`},
		{"users", `{"user":{"name":"ana","target":{"name":"bo"},"effective":{"name":"root"}},"source":{"user":{"name":"ana"}}}`, `{"user":["ana","root","bo"]}`},
		{"lists", `{"host":{"name":"web-1","ip":["192.0.2.1","192.0.2.2"]},"dns":{"resolved_ip":["192.0.2.3"]}}`, `{"hosts":["web-1"],"ip":["192.0.2.3","192.0.2.1","192.0.2.2"]}`},
		{"an address for a name", `{"host":{"name":"192.0.2.1"}}`, `{"ip":["192.0.2.1"]}`},
		{"hashes", `{"file":{"hash":{"md5":"a","sha256":"b"},"pe":{"imphash":"c"}}}`, `{"hash":["a","b","c"]}`},
		{"what was there stays", `{"related":{"user":["someone"]},"user":{"name":"ana"}}`, `{"user":["someone","ana"]}`},
		{"nothing", `{"message":"x"}`, ``},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			if err := e.Decode([]byte(tt.doc)); err != nil {
				t.Fatal(err)
			}
			Add(&e)
			Add(&e) // again adds nothing
			_, got, _ := strings.Cut(string(e.AppendJSON(nil)), `"related":`)
			if tt.want == "" && got != "" || !strings.HasPrefix(got, tt.want) {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestAdd_Many: an event of very many things loses none.
func TestAdd_Many(t *testing.T) {
	var e event.Event
	n := 0
	for f, k := range kinds() {
		switch k {
		case address:
			e.SetStr(event.Field(f), "192.0.2."+string(rune('1'+n%9))+string(rune('0'+n/9)))
			n++
		case hash:
			e.SetStr(event.Field(f), event.Field(f).Path())
		}
	}
	if Add(&e); e.Get(event.RelatedIP).Len() != n || e.Get(event.RelatedHash).Len() < 40 {
		t.Errorf("%d of %d addresses, %d hashes", e.Get(event.RelatedIP).Len(), n, e.Get(event.RelatedHash).Len())
	}
}

const document = `{"@timestamp":"2024-05-01T10:00:00Z","source":{"ip":"192.0.2.1","port":4711,"nat":{"ip":"198.51.100.1"}},"destination":{"ip":"192.0.2.2","port":443},"event":{"kind":"event","action":"x","category":["network"]},"host":{"name":"fw-1"},"user":{"name":"ana"},"network":{"transport":"tcp"}}`

func BenchmarkAdd(b *testing.B) {
	var e event.Event
	if err := e.Decode([]byte(document)); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	var one event.Event
	for b.Loop() {
		e.CopyTo(&one)
		Add(&one)
	}
}

// BenchmarkAdd_Copy is what the copy in BenchmarkAdd costs.
func BenchmarkAdd_Copy(b *testing.B) {
	var e, one event.Event
	if err := e.Decode([]byte(document)); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		e.CopyTo(&one)
	}
}
