package e2e

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Secrets of the credentials that the tests write. They must be found nowhere else.
var trapSecrets = []string{"cOmMuNiTy-7f3a", "aUtH-kEy-91bc", "pRiV-kEy-44de", "wRoNg-CoMmUnItY"}

// trapCredentials lets one community and one user in.
const trapCredentials = `communities: ["env:TRAP_COMMUNITY"]
users:
  - {name: alice, auth: sha256, auth_key: file:alice.auth, priv: aes, priv_key: pRiV-kEy-44de}
`

// linkDownArgs are the variables of a linkDown, for snmptrap and snmpinform.
var linkDownArgs = []string{
	"", "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.2.1.2.2.1.1.3", "i", "3", "1.3.6.1.2.1.2.2.1.2.3", "s", "Gi0/3",
	"1.3.6.1.2.1.2.2.1.7.3", "i", "1", "1.3.6.1.2.1.2.2.1.8.3", "i", "2",
}

// newTrapReceiver starts a weir that lets the test's senders in. What their tools keep goes to a folder of the test.
func newTrapReceiver(t *testing.T) *weir {
	t.Helper()
	t.Setenv("SNMP_PERSISTENT_DIR", t.TempDir())
	w := newWeir(t, "TRAP_COMMUNITY="+trapSecrets[0])
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(w.dir, "snmp.yaml"), trapCredentials)
	write(t, filepath.Join(w.dir, "alice.auth"), trapSecrets[1]+"\n")
	w.start()
	return w
}

func (w *weir) traps() string { return w.port["INPUTS_SNMPTRAP_LISTEN"] }

// once is for senders that are answered: by themselves they ask again after a second, and what a slow machine answers then is
// two records.
var once = []string{"-r", "0", "-t", "30"}

// v3 are the flags of a sender that is alice.
func v3(more ...string) []string {
	return append([]string{"-v", "3", "-u", "alice", "-l", "authPriv", "-a", "SHA-256", "-A", trapSecrets[1], "-x", "AES", "-X", trapSecrets[2]}, more...)
}

// TestTraps_EveryVersion: what the real snmptrap and snmpinform send in three versions is found, counted, and has no
// secret in it.
func TestTraps_EveryVersion(t *testing.T) {
	w := newTrapReceiver(t)
	v2c := []string{"-v", "2c", "-c", trapSecrets[0], w.traps()}
	runTool(t, "", "snmptrap", append(v2c, linkDownArgs...)...)
	runTool(t, "", "snmptrap", "-v", "1", "-c", trapSecrets[0], w.traps(), "1.3.6.1.4.1.9.1.1", "192.0.2.7", "2", "0", "", "1.3.6.1.2.1.2.2.1.1.3", "i", "3")
	runTool(t, "", "snmptrap", append(v3("-e", "0x8000000001020304", w.traps()), linkDownArgs...)...)
	runTool(t, "", "snmpinform", slices.Concat(once, v2c, linkDownArgs)...) // fails unless it is answered
	runTool(t, "", "snmpinform", slices.Concat(once, v3(w.traps()), linkDownArgs)...)

	for query, want := range map[string]int{
		"event.dataset: snmp.trap and event.action: linkDown":                                  5,
		"snmp.version: v1 and observer.ip: 192.0.2.7":                                          1,
		"snmp.version: v2c and snmp.pdu: inform":                                               1,
		"snmp.version: v3 and snmp.security.user: alice and snmp.security.level: authPriv":     2,
		"snmp.trap.varbinds.ifOperStatus: down and observer.ingress.interface.name: \"Gi0/3\"": 4,
	} {
		if docs := w.waitFor(query, want); len(docs) != want {
			t.Errorf("%s: %d documents, want %d", query, len(docs), want)
		}
	}
	doc := w.waitFor("snmp.version: v2c and snmp.pdu: trap", 1)[0]
	for path, want := range map[string]string{
		"message": "IF-MIB::linkDown ifIndex=3 ifDescr=Gi0/3 ifAdminStatus=up ifOperStatus=down", "event.module": "snmp", "log.source.address": "127.0.0.1",
		"snmp.trap.oid": "1.3.6.1.6.3.1.1.5.3", "weir.input": "snmptrap", "weir.transport": "udp",
	} {
		if got := field(doc, path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	w.stop()
	if got := w.devices(); got.Received != 5 || got.Stored != 5 {
		t.Errorf("the ledger: %+v", got)
	}
}

// TestTraps_Refused: who may not send is told so where it asks, counted with the reason, and nothing of it is stored.
func TestTraps_Refused(t *testing.T) {
	w := newTrapReceiver(t)
	runTool(t, "", "snmptrap", append([]string{"-v", "2c", "-c", trapSecrets[3], w.traps()}, linkDownArgs...)...)
	runTool(t, "", "snmptrap", append([]string{"-v", "3", "-e", "0x8000000001020304", "-u", "mallory", "-l", "noAuthNoPriv", w.traps()}, linkDownArgs...)...)
	if out, err := tryTool(t, "", "snmpinform", append([]string{"-r", "0", "-v", "2c", "-c", trapSecrets[3], w.traps()}, linkDownArgs...)...); err == nil {
		t.Errorf("an INFORM of a wrong community is answered: %s", out)
	}
	out, err := tryTool(t, "", "snmpinform", slices.Concat(once, []string{"-v", "3", "-u", "alice", "-l", "authPriv", "-a", "SHA-256", "-A", "not-the-key-of-alice", "-x", "AES", "-X", trapSecrets[2], w.traps()}, linkDownArgs)...)
	if err == nil || !strings.Contains(out, "Authentication failure") {
		t.Errorf("a wrong key: %v, %s", err, out)
	}
	sendTo(t, "udp", w.traps(), []byte("no SNMP at all"))
	// The one that follows is taken: nothing of the above stopped the receiver.
	runTool(t, "", "snmpinform", slices.Concat(once, v3(w.traps()), linkDownArgs)...)
	w.waitFor("event.dataset: snmp.trap", 1)
	log := w.stop()
	for _, why := range []string{"why=community", "why=user", "why=authentication", "why=malformed"} {
		if strings.Count(log, why) != 1 {
			t.Errorf("%s is not there once:\n%s", why, log)
		}
	}
	if got := w.devices(); got.Received != 6 || got.Stored != 1 || got.Refused != 5 {
		t.Errorf("the ledger: %+v", got)
	}
}

// TestTraps_SecretsAreStoredNowhere looks through every byte that weir wrote, while it runs and after.
func TestTraps_SecretsAreStoredNowhere(t *testing.T) {
	w := newTrapReceiver(t)
	for range 20 {
		runTool(t, "", "snmptrap", append([]string{"-v", "2c", "-c", trapSecrets[0], w.traps()}, linkDownArgs...)...)
	}
	// A proxy passes the agent's community on as a variable.
	runTool(t, "", "snmptrap", append([]string{"-v", "2c", "-c", trapSecrets[0], w.traps()}, append(linkDownArgs, "1.3.6.1.6.3.18.1.4.0", "s", trapSecrets[0])...)...)
	runTool(t, "", "snmptrap", append([]string{"-v", "2c", "-c", trapSecrets[3], w.traps()}, linkDownArgs...)...)
	runTool(t, "", "snmpinform", slices.Concat(once, v3(w.traps()), linkDownArgs)...)
	w.waitFor("event.dataset: snmp.trap", 22)
	w.stop()
	if strings.Contains(w.dir, trapSecrets[0]) {
		t.Fatal("the folder is called like the secret")
	}
	looked := 0
	err := filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		if name := d.Name(); name == "snmp.yaml" || name == "alice.auth" { // where the user wrote them
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		looked++
		for _, secret := range trapSecrets {
			if bytes.Contains(data, []byte(secret)) || bytes.Contains(data, hexOf(secret)) {
				t.Errorf("%s is in %s", secret, path)
			}
		}
		return nil
	})
	if err != nil || looked < 5 {
		t.Errorf("looked into %d files: %v", looked, err)
	}
}

// hexOf is a secret as octets are written.
func hexOf(s string) []byte {
	const digits = "0123456789abcdef"
	var out []byte
	for _, c := range []byte(s) {
		out = append(out, digits[c>>4], digits[c&15])
	}
	return out
}
