package codes

import (
	"strings"
	"testing"
)

func TestMasks(t *testing.T) {
	for name, c := range map[string]struct {
		got  []string
		want string
	}{
		"of the directory":  {AccessMask("0x6", ""), "Delete Child|List Contents"},
		"of a file":         {AccessMask("0x10001", "File"), "ReadData (or ListDirectory)|DELETE"},
		"of a key":          {AccessMask("0x2", "Key"), "Set key value"},
		"nothing":           {AccessMask("0x0", ""), ""},
		"no number":         {AccessMask("x", ""), ""},
		"flags of accounts": {AccountFlags("0x210"), "USER_NORMAL_ACCOUNT|USER_DONT_EXPIRE_PASSWORD"},
		"no flags":          {AccountFlags("-"), ""},
		"tickets": {TicketOptions("0x40810010"),
			"Forwardable|Renewable|Name-canonicalize|Renewable-ok"},
		"no ticket": {TicketOptions(""), ""},
	} {
		if got := strings.Join(c.got, "|"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// The kind of the object says what the lower bits mean; the upper ones mean the same everywhere.
func TestAccessMask_Kinds(t *testing.T) {
	for name, c := range map[string]struct{ mask, kind, want string }{
		"create a child":      {"0x1", "", "Create Child"},
		"read a file":         {"0x1", "File", "ReadData (or ListDirectory)"},
		"query a value":       {"0x1", "Key", "Query key value"},
		"control access":      {"0x100", "", "Control Access"},
		"write attributes":    {"0x100", "File", "WriteAttributes"},
		"no such bit of keys": {"0x100", "Key", ""},
		"delete":              {"0x10000", "Key", "DELETE"},
		"read its rights":     {"0x20000", "", "READ_CONTROL"},
		"change its rights":   {"0x40000", "File", "WRITE_DAC"},
		"take it over":        {"0x80000", "", "WRITE_OWNER"},
		"wait for it":         {"0x100000", "File", "SYNCHRONIZE"},
		"all of it":           {"0x10000000", "Key", "ADS_RIGHT_GENERIC_ALL"},
		"in decimal":          {"65536", "", "DELETE"},
		"another kind":        {"0x4", "Process", "List Contents"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(AccessMask(c.mask, c.kind), "|"); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// No table has a bit twice, or words for none.
func TestTables_Once(t *testing.T) {
	for name, table := range map[string][]flag{
		"standard rights": standardRights, "rights in the directory": directoryRights, "rights to files": fileRights,
		"rights to keys": keyRights, "flags of accounts": accountFlags, "options of tickets": ticketOptions,
		"types of trusts": trustTypes, "directions": trustDirections, "attributes": trustAttributes,
		"types of services": serviceTypes, "encryption": encryptions,
	} {
		seen := map[uint64]bool{}
		for _, f := range table {
			if seen[f.bit] || f.word == "" || strings.TrimSpace(f.word) != f.word {
				t.Errorf("%s: %#x %q", name, f.bit, f.word)
			}
			seen[f.bit] = true
		}
	}
	for _, table := range [][]flag{standardRights, directoryRights, fileRights, keyRights, accountFlags, ticketOptions} {
		for _, f := range table {
			if f.bit == 0 || f.bit&(f.bit-1) != 0 {
				t.Errorf("%s is not one bit: %#x", f.word, f.bit)
			}
		}
	}
}

func TestAccountFlags(t *testing.T) {
	for mask, want := range map[string]string{
		"0x15":     "USER_ACCOUNT_DISABLED|USER_PASSWORD_NOT_REQUIRED|USER_NORMAL_ACCOUNT",
		"0x10":     "USER_NORMAL_ACCOUNT",
		"0x80":     "USER_WORKSTATION_TRUST_ACCOUNT",
		"0x2100":   "USER_SERVER_TRUST_ACCOUNT|USER_TRUSTED_FOR_DELEGATION",
		"0x10000":  "USER_DONT_REQUIRE_PREAUTH",
		"0x400000": "",
		"0x0":      "",
		"":         "",
	} {
		if got := strings.Join(AccountFlags(mask), "|"); got != want {
			t.Errorf("%s: %s, want %s", mask, got, want)
		}
	}
}

func TestTrusts(t *testing.T) {
	for s, want := range map[string][3]string{
		"0":  {"", "TRUST_DIRECTION_DISABLED", "UNDEFINED"},
		"1":  {"TRUST_TYPE_DOWNLEVEL", "TRUST_DIRECTION_INBOUND", "TRUST_ATTRIBUTE_NON_TRANSITIVE"},
		"2":  {"TRUST_TYPE_UPLEVEL", "TRUST_DIRECTION_OUTBOUND", "TRUST_ATTRIBUTE_UPLEVEL_ONLY"},
		"3":  {"TRUST_TYPE_MIT", "TRUST_DIRECTION_BIDIRECTIONAL", ""},
		"32": {"", "", "TRUST_ATTRIBUTE_WITHIN_FOREST"},
		"-":  {"", "", ""},
	} {
		if got := [3]string{TrustType(s), TrustDirection(s), TrustAttribute(s)}; got != want {
			t.Errorf("%s: %q, want %q", s, got, want)
		}
	}
}

func TestServiceType(t *testing.T) {
	for s, want := range map[string]string{
		"0x1":               "Kernel Driver",
		"0x2":               "File System Driver",
		"0x10":              "Win32 Own Process",
		"0x20":              "Win32 Share Process",
		"0x110":             "Interactive Own Process",
		"0x3":               "",
		"user mode service": "",
	} {
		if got := ServiceType(s); got != want {
			t.Errorf("%s: %q, want %q", s, got, want)
		}
	}
}
