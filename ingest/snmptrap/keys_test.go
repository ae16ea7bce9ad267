package snmptrap

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"testing"

	"github.com/gosnmp/gosnmp"
)

// TestKeys_RFC3414 are the examples of A.3.
func TestKeys_RFC3414(t *testing.T) {
	engine := "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02"
	for _, tt := range []struct {
		hash          gosnmp.SnmpV3AuthProtocol
		master, local string
	}{
		{gosnmp.MD5, "9faf3283884e92834ebc9847d8edd963", "526f5eed9fcce26f8964c2930787d82b"},
		{gosnmp.SHA, "9fb5cc0381497b3793528939ff788d5d79145211", "6695febc9288e36282235fc7151f128497b38f3f"},
	} {
		m := masterKey(tt.hash, "maplesyrup")
		if got := hex.EncodeToString(m); got != tt.master {
			t.Errorf("%v: master %s, want %s", tt.hash, got, tt.master)
		}
		if got := hex.EncodeToString(localKey(tt.hash.HashType(), m, engine)); got != tt.local {
			t.Errorf("%v: local %s, want %s", tt.hash, got, tt.local)
		}
	}
}

// TestKeys_AsTheLibraryMakesThem compares every pair of algorithms; the library's are tested against devices.
func TestKeys_AsTheLibraryMakesThem(t *testing.T) {
	for _, auth := range authNames {
		for _, priv := range privNames {
			if auth == gosnmp.NoAuth || priv == gosnmp.NoPriv {
				continue
			}
			theirs := &gosnmp.UsmSecurityParameters{AuthoritativeEngineID: remote, AuthenticationProtocol: auth, PrivacyProtocol: priv, AuthenticationPassphrase: "authauthauth", PrivacyPassphrase: "privprivpriv"}
			if err := theirs.InitSecurityKeys(); err != nil {
				t.Fatal(err)
			}
			u := &user{auth: auth, priv: priv, authMaster: masterKey(auth, "authauthauth"), privMaster: masterKey(auth, "privprivpriv")}
			if got := localKey(auth.HashType(), u.authMaster, remote); !bytes.Equal(got, theirs.SecretKey) {
				t.Errorf("%v: %x, want %x", auth, got, theirs.SecretKey)
			}
			if got := u.privKey(remote); !bytes.HasPrefix(theirs.PrivacyKey, got) || len(got) != privKeySize[priv] {
				t.Errorf("%v %v: %x, want %x", auth, priv, got, theirs.PrivacyKey)
			}
		}
	}
}

func TestKeyring_ForgedEnginesFillNoMemory(t *testing.T) {
	var k keyring
	u := &user{name: "u", auth: gosnmp.SHA, authMaster: masterKey(gosnmp.SHA, "authauthauth")}
	first := k.session(u, remote)
	if k.session(u, remote) != first {
		t.Error("keys are made twice")
	}
	for i := range 3 * maxKeys {
		k.session(u, "engine"+strconv.Itoa(i))
	}
	if len(k.sessions) > maxKeys {
		t.Errorf("%d sessions are remembered", len(k.sessions))
	}
}
