package codes

import (
	"slices"
	"strings"
	"testing"
)

func TestMessage(t *testing.T) {
	for s, want := range map[string]struct {
		text string
		ok   bool
	}{"%%2313": {"Unknown user name or bad password.", true},
		"%%1937": {"TokenElevationTypeFull", true}, "%%99999": {"", true}, "2313": {"", false},
		"%%": {"", false}, "text": {"", false}} {
		if text, ok := Message(s); text != want.text || ok != want.ok {
			t.Errorf("%s: %q %t", s, text, ok)
		}
	}
}

func TestEach(t *testing.T) {
	var got []string
	Each("%%4417\r\n\t\t\t%%4418, %%99999 more", func(id int,
		text string) {
		got = append(got, text)
	})
	if want := []string{"WriteData (or AddFile)", "AppendData (or AddSubdirectory or CreatePipeInstance)", "", "more"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	Each("", func(int, string) { t.Error("of nothing") })
}

// Flags that are switched off, and on, stand 32 apart in the message table.
func TestMessages_Pairs(t *testing.T) {
	n := 0
	for id, text := range messages {
		if name, ok := strings.CutSuffix(text, " - Disabled"); ok {
			n++
			if messages[id+32] != name+" - Enabled" {
				t.Errorf("%d %s: %s", id, text, messages[id+32])
			}
		}
	}
	if n < 15 {
		t.Errorf("%d pairs", n)
	}
}

// Numbers as the events of Microsoft's documentation have them.
func TestMessage_Documented(t *testing.T) {
	for s, want := range map[string]string{
		"%%1537":  "DELETE",
		"%%1541":  "SYNCHRONIZE",
		"%%1792":  "<value changed, but not displayed>",
		"%%1793":  "<value not set>",
		"%%1794":  "<never>",
		"%%1796":  "Disabled",
		"%%1832":  "Identification",
		"%%1833":  "Impersonation",
		"%%1840":  "Delegation",
		"%%1842":  "Yes",
		"%%1843":  "No",
		"%%1873":  "REG_SZ",
		"%%1876":  "REG_DWORD",
		"%%1905":  "Existing registry value modified",
		"%%1936":  "TokenElevationTypeDefault",
		"%%1938":  "TokenElevationTypeLimited",
		"%%2048":  "Account Enabled",
		"%%2050":  "'Password Not Required' - Disabled",
		"%%2080":  "Account Disabled",
		"%%2082":  "'Password Not Required' - Enabled",
		"%%2089":  "'Don't Expire Password' - Enabled",
		"%%2304":  "An Error occured during Logon.", //nolint:misspell // as Windows writes it
		"%%2305":  "The specified user account has expired.",
		"%%2307":  "Account locked out.",
		"%%2310":  "Account currently disabled.",
		"%%4416":  "ReadData (or ListDirectory)",
		"%%4424":  "WriteAttributes",
		"%%4433":  "Set key value",
		"%%4484":  "Read from process memory",
		"%%7688":  "Control Access",
		"%%8100":  "Enumerate Credentials",
		"%%8274":  "Object Access",
		"%%12544": "Logon",
		"%%12808": "File Share",
		"%%13312": "Process Creation",
		"%%13824": "User Account Management",
		"%%14080": "Directory Service Access",
		"%%14339": "Kerberos Authentication Service",
		"%%14592": "Inbound",
		"%%14593": "Outbound",
		"%%14610": "Receive/Accept",
		"%%14674": "Value Added",
	} {
		if got, ok := Message(s); !ok || got != want {
			t.Errorf("%s: %q %t, want %q", s, got, ok, want)
		}
	}
}
