package snmptrap

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"
)

func TestEngine_KeepsItsNameAndCountsItsStarts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made when needed")
	first, err := openEngine(dir, time.Now())
	if err != nil || !validEngine([]byte(first.id)) || first.boots != 1 {
		t.Fatalf("%+v, %v", first, err)
	}
	second, err := openEngine(dir, time.Now())
	if err != nil || second.id != first.id || second.boots != 2 {
		t.Errorf("%+v, %v", second, err)
	}
	other, err := openEngine(t.TempDir(), time.Now())
	if err != nil || other.id == first.id {
		t.Errorf("two engines have one name: %x, %v", other.id, err)
	}
}

func TestEngine_Damaged(t *testing.T) {
	for name, text := range map[string]string{"no JSON": "{", "no hex": `{"engine":"xyz"}`, "too short": `{"engine":"80"}`} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "engine.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := openEngine(dir, time.Now()); err == nil || !strings.Contains(err.Error(), "engine") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// reportOf decodes a report.
func reportOf(t testing.TB, data []byte, params *gosnmp.UsmSecurityParameters) *gosnmp.SnmpPacket {
	t.Helper()
	if data == nil {
		t.Fatal("no report")
	}
	client := gosnmp.GoSNMP{Version: gosnmp.Version3, SecurityModel: gosnmp.UserSecurityModel, SecurityParameters: params}
	p, err := client.UnmarshalTrap(data, true)
	if err != nil || p.PDUType != gosnmp.Report || len(p.Variables) != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	return p
}

// TestInform_Dialogue is what a sender of INFORMs and this receiver say to each other: who are you, what time is it,
// here is my message, thank you.
func TestInform_Dialogue(t *testing.T) {
	d := newTestDecoder(t, "users: [{name: alice, auth: sha, auth_key: key-of-alice, priv: aes, priv_key: priv-of-alice}]\n")
	start := time.Now()
	d.engine.begun = start.Add(-time.Hour)

	v := d.decode(signedBy(t, "", "", gosnmp.NoAuth, "", gosnmp.NoPriv, "", gosnmp.GetRequest, func(p *gosnmp.SnmpPacket, _ *gosnmp.UsmSecurityParameters) {
		p.MsgFlags |= gosnmp.Reportable
		p.Variables = nil
	}), start)
	if v.doc != nil || v.reason != "" {
		t.Fatalf("discovery is a record, or refused: %+v", v)
	}
	p := reportOf(t, v.now, &gosnmp.UsmSecurityParameters{})
	params := p.SecurityParameters.(*gosnmp.UsmSecurityParameters)
	if params.AuthoritativeEngineID != d.engine.id || params.AuthoritativeEngineBoots != 1 || params.AuthoritativeEngineTime != 3600 || p.Variables[0].Name != reportEngine || p.MsgID != 55 || p.RequestID != 78 {
		t.Fatalf("%+v %+v", p, params)
	}

	inform := func(boots, at uint32) verdict {
		return d.decode(signedBy(t, d.engine.id, "alice", gosnmp.SHA, "key-of-alice", gosnmp.AES, "priv-of-alice", gosnmp.InformRequest, func(_ *gosnmp.SnmpPacket, u *gosnmp.UsmSecurityParameters) {
			u.AuthoritativeEngineBoots, u.AuthoritativeEngineTime = boots, at
		}), start)
	}
	keys := func() *gosnmp.UsmSecurityParameters {
		return &gosnmp.UsmSecurityParameters{UserName: "alice", AuthoritativeEngineID: d.engine.id, AuthenticationProtocol: gosnmp.SHA, AuthenticationPassphrase: "key-of-alice", PrivacyProtocol: gosnmp.AES, PrivacyPassphrase: "priv-of-alice"}
	}
	for name, at := range map[string][2]uint32{"another start": {0, 3600}, "too old": {1, 3600 - 151}, "too new": {1, 3600 + 151}} {
		v := inform(at[0], at[1])
		if v.doc != nil || v.reason != "" || v.later != nil {
			t.Errorf("%s: %+v", name, v)
		}
		if p := reportOf(t, v.now, keys()); p.Variables[0].Name != reportWindow || p.MsgFlags&gosnmp.AuthNoPriv == 0 {
			t.Errorf("%s: %+v", name, p)
		}
	}

	v = inform(1, 3600-149)
	if v.doc == nil || v.now != nil {
		t.Fatalf("%+v", v)
	}
	client := gosnmp.GoSNMP{Version: gosnmp.Version3, SecurityModel: gosnmp.UserSecurityModel, SecurityParameters: keys()}
	p, err := client.UnmarshalTrap(v.later, true)
	if err != nil || p.PDUType != gosnmp.GetResponse || p.MsgID != 55 || p.RequestID != 78 || len(p.Variables) != 4 || p.MsgFlags != gosnmp.AuthPriv {
		t.Fatalf("%+v, %v", p, err)
	}
}

// TestReports: a sender that asks to be told hears why it is refused; one that does not, nothing.
func TestReports(t *testing.T) {
	d := newTestDecoder(t, "users: [{name: alice, auth: sha, auth_key: key-of-alice, priv: aes, priv_key: priv-of-alice}]\n")
	for _, tt := range []struct {
		name, user, auth, priv string
		want, oid              string
	}{
		{"unknown user", "mallory", "key-of-alice", "priv-of-alice", reasonUser, reportUser},
		{"wrong digest", "alice", "key-of-mallory", "priv-of-alice", reasonAuthentication, reportDigest},
		{"wrong level", "alice", "key-of-alice", "", reasonLevel, reportLevel},
		{"wrong key of the cipher", "alice", "key-of-alice", "priv-of-mallory", reasonDecryption, reportDecryption},
	} {
		cipher := gosnmp.AES
		if tt.priv == "" {
			cipher = gosnmp.NoPriv
		}
		for _, kind := range []gosnmp.PDUType{gosnmp.InformRequest, gosnmp.SNMPv2Trap} {
			v := d.decode(signedBy(t, remote, tt.user, gosnmp.SHA, tt.auth, cipher, tt.priv, kind, nil), time.Now())
			if v.reason != tt.want {
				t.Errorf("%s: refused for %q", tt.name, v.reason)
			}
			if kind == gosnmp.SNMPv2Trap {
				if v.now != nil {
					t.Errorf("%s: a trap is answered", tt.name)
				}
				continue
			}
			if p := reportOf(t, v.now, &gosnmp.UsmSecurityParameters{UserName: tt.user}); p.Variables[0].Name != tt.oid {
				t.Errorf("%s: %s", tt.name, p.Variables[0].Name)
			}
		}
	}
}

func TestClocks(t *testing.T) {
	var c clocks
	start := time.Now()
	for _, tt := range []struct {
		name        string
		boots, time uint32
		after       time.Duration
		want        bool
	}{
		{"first", 3, 1000, 0, false},
		{"the same again at once", 3, 1000, 0, false},
		{"a little late on the way", 3, 990, time.Second, false},
		{"later", 3, 1200, 200 * time.Second, false},
		{"the first again", 3, 1000, 300 * time.Second, true},
		{"after a start of the engine", 4, 5, 310 * time.Second, false},
		{"from before that start", 3, 5000, 320 * time.Second, true},
	} {
		h := &header{engine: []byte(remote), boots: tt.boots, time: tt.time}
		if got := c.behind(h, start.Add(tt.after)); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
	for i := range 3 * maxKeys {
		c.behind(&header{engine: []byte{1, 2, 3, byte(i >> 16), byte(i >> 8), byte(i)}}, start)
	}
	if len(c.engines) > maxKeys {
		t.Errorf("%d engines are remembered", len(c.engines))
	}
}

func TestDecode_MarksReplays(t *testing.T) {
	d := newTestDecoder(t, "users: [{name: dave, auth: sha, auth_key: key-of-dave}]\n")
	at := func(boots, time uint32) []byte {
		return signedBy(t, remote, "dave", gosnmp.SHA, "key-of-dave", gosnmp.NoPriv, "", gosnmp.SNMPv2Trap, func(_ *gosnmp.SnmpPacket, u *gosnmp.UsmSecurityParameters) {
			u.AuthoritativeEngineBoots, u.AuthoritativeEngineTime = boots, time
		})
	}
	now := time.Now()
	old := at(3, 100)
	for i, tt := range []struct {
		in   []byte
		want bool
	}{{old, false}, {at(3, 5000), false}, {old, true}} {
		v := d.decode(tt.in, now)
		if v.reason != "" || strings.Contains(string(v.doc), `"clock":"behind"`) != tt.want {
			t.Errorf("message %d: %q, %s", i, v.reason, v.doc)
		}
	}
}
