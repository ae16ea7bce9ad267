package snmptrap

import (
	"bytes"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/gosnmp/gosnmp"

	"weir/internal/config/unit"
	"weir/internal/fault"
)

// CodeCredentials is the fault of a file of credentials.
const CodeCredentials = "snmp-credentials"

// credentials are who is let in. They never change once they are read.
type credentials struct {
	any         bool // no file: any community, no user
	communities [][]byte
	users       map[string][]*user // by name; several differ in their engine
}

// user is one user of version 3.
type user struct {
	name   string
	engine string // in bytes; "" for any engine
	auth   gosnmp.SnmpV3AuthProtocol
	priv   gosnmp.SnmpV3PrivProtocol
	// What the keys of every engine are made of (RFC 3414, A.2): a hash over a megabyte, made once.
	authMaster, privMaster []byte
}

// flags are the least that a message of the user must have: what has keys must use them.
func (u *user) flags() byte {
	switch {
	case u.priv > gosnmp.NoPriv:
		return flagAuth | flagPriv
	case u.auth > gosnmp.NoAuth:
		return flagAuth
	}
	return 0
}

// Names of protocols in the file.
var (
	authNames = map[string]gosnmp.SnmpV3AuthProtocol{
		"": gosnmp.NoAuth, "md5": gosnmp.MD5, "sha": gosnmp.SHA, "sha224": gosnmp.SHA224, "sha256": gosnmp.SHA256,
		"sha384": gosnmp.SHA384, "sha512": gosnmp.SHA512,
	}
	privNames = map[string]gosnmp.SnmpV3PrivProtocol{
		"": gosnmp.NoPriv, "des": gosnmp.DES, "aes": gosnmp.AES, "aes192": gosnmp.AES192, "aes256": gosnmp.AES256,
		"aes192c": gosnmp.AES192C, "aes256c": gosnmp.AES256C,
	}
)

// credentialsFile is the file as it is written.
type credentialsFile struct {
	Communities []text     `yaml:"communities"`
	Users       []userLine `yaml:"users"`
}

type userLine struct {
	Name    text `yaml:"name"`
	Engine  text `yaml:"engine"`
	Auth    text `yaml:"auth"`
	AuthKey text `yaml:"auth_key"`
	Priv    text `yaml:"priv"`
	PrivKey text `yaml:"priv_key"`
}

// text is a value as it was written: YAML would make another number of the key 0123456789, and of the engine 0x80...
type text string

// UnmarshalYAML takes a node as it stands in the file. What it says must not quote it.
func (t *text) UnmarshalYAML(node []byte) error {
	s := strings.TrimSpace(string(node))
	if s == "" || s == "~" || s == "null" {
		*t = ""
		return nil
	}
	switch s[0] {
	case '"', '\'', '|', '>':
		var plain string
		if err := yaml.Unmarshal(node, &plain); err != nil {
			return errors.New("a text is expected here")
		}
		*t = text(plain)
	case '[', '{', '-', '&', '*', '!':
		return errors.New("a text is expected here; one that begins like this needs quotes")
	default:
		if strings.ContainsRune(s, '\n') {
			return errors.New("a text is expected here, on one line")
		}
		*t = text(s)
	}
	return nil
}

// loadCredentials reads the file; one that is not there lets any community in and no user. No error quotes a secret, so
// neither does it show lines of the file.
func loadCredentials(file string) (*credentials, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return &credentials{any: true}, nil
	}
	if err != nil {
		return nil, badCredentials(file, "the file of SNMP credentials cannot be read", errors.Unwrap(err).Error(), err)
	}
	var in credentialsFile
	if err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict(), yaml.DisallowUnknownField()).Decode(&in); err != nil && !errors.Is(err, io.EOF) {
		return nil, badCredentials(file, "the file of SNMP credentials is not what it should be", yamlReason(err), nil)
	}
	c := &credentials{users: map[string][]*user{}}
	for i, written := range in.Communities {
		secret, err := unit.Resolve(string(written), filepath.Dir(file), os.LookupEnv)
		if err == nil && (secret == "" || len(secret) > 255) {
			err = errors.New("a community has 1 to 255 bytes")
		}
		if err != nil {
			return nil, badCredentials(fmt.Sprintf("%s, community %d", file, i+1), "a community cannot be used", err.Error(), nil)
		}
		c.communities = append(c.communities, []byte(secret))
	}
	for i, line := range in.Users {
		u, err := line.user(filepath.Dir(file))
		if err != nil {
			return nil, badCredentials(fmt.Sprintf("%s, user %d", file, i+1), "an SNMPv3 user cannot be used", err.Error(), nil)
		}
		for _, other := range c.users[u.name] {
			if other.engine == u.engine {
				return nil, badCredentials(fmt.Sprintf("%s, user %d", file, i+1), "an SNMPv3 user stands twice in the file", "name and engine are those of another user", nil)
			}
		}
		c.users[u.name] = append(c.users[u.name], u)
	}
	return c, nil
}

// yamlReason is the decoder's reason: line, column and what is wrong, without the text of the line.
func yamlReason(err error) string {
	return strings.TrimSpace(yaml.FormatError(err, false, false))
}

func badCredentials(where, what, why string, cause error) error {
	return &fault.Error{Code: CodeCredentials, What: what, Where: where, Why: why, Do: "each user has a name, and auth, auth_key, priv, priv_key as it needs; docs/snmp-traps.md shows a file", Exit: fault.ExitUsage, Cause: cause}
}

// user checks a line and makes its user.
func (l userLine) user(folder string) (*user, error) {
	u := &user{name: string(l.Name)}
	if l.Name == "" || len(l.Name) > 32 {
		return nil, errors.New("its name must have 1 to 32 bytes")
	}
	engine, err := hex.DecodeString(strings.TrimPrefix(strings.ToLower(string(l.Engine)), "0x"))
	if err != nil || len(engine) > 0 && !validEngine(engine) {
		return nil, errors.New("engine must be 5 to 32 bytes in hexadecimal, or left out")
	}
	u.engine = string(engine)
	var ok bool
	if u.auth, ok = authNames[strings.ToLower(string(l.Auth))]; !ok {
		return nil, fmt.Errorf("auth is none of md5, sha, sha224, sha256, sha384, sha512")
	}
	if u.priv, ok = privNames[strings.ToLower(string(l.Priv))]; !ok {
		return nil, fmt.Errorf("priv is none of des, aes, aes192, aes256, aes192c, aes256c")
	}
	if u.priv > gosnmp.NoPriv && u.auth == gosnmp.NoAuth {
		return nil, errors.New("priv needs auth: SNMPv3 does not encrypt what is not signed")
	}
	if u.authMaster, err = master(u.auth, l.AuthKey, folder, "auth", u.auth > gosnmp.NoAuth); err != nil {
		return nil, err
	}
	u.privMaster, err = master(u.auth, l.PrivKey, folder, "priv", u.priv > gosnmp.NoPriv)
	return u, err
}

// master resolves a key of the file and makes its master key.
func master(hash gosnmp.SnmpV3AuthProtocol, written text, folder, what string, wanted bool) ([]byte, error) {
	if !wanted {
		if written != "" {
			return nil, fmt.Errorf("%s_key is given without %s", what, what)
		}
		return nil, nil
	}
	secret, err := unit.Resolve(string(written), folder, os.LookupEnv)
	if err != nil {
		return nil, fmt.Errorf("%s_key: %w", what, err)
	}
	if len(secret) < 8 {
		return nil, fmt.Errorf("%s_key has fewer than 8 characters", what)
	}
	return masterKey(hash, secret), nil
}

// admits tells whether a community is let in. The comparison takes as long for a nearly right one.
func (c *credentials) admits(community []byte) bool {
	ok := 0
	for _, known := range c.communities {
		ok |= subtle.ConstantTimeCompare(known, community)
	}
	return c.any || ok == 1
}

// find returns the user of a message: the one of this engine before the one of any.
func (c *credentials) find(name, engine string) *user {
	var found *user
	for _, u := range c.users[name] {
		if u.engine == engine {
			return u
		}
		if u.engine == "" {
			found = u
		}
	}
	return found
}
