package codes

import "testing"

// Numbers of the notes to the events 4624 and 4625, in the spellings that senders have.
func TestLogonType(t *testing.T) {
	for s, want := range map[string]string{
		"0":    "System",
		"1":    "",
		"2":    "Interactive",
		"3":    "Network",
		"4":    "Batch",
		"5":    "Service",
		"6":    "",
		"7":    "Unlock",
		"8":    "NetworkCleartext",
		"9":    "NewCredentials",
		"10":   "RemoteInteractive",
		"0xa":  "RemoteInteractive",
		"11":   "CachedInteractive",
		"12":   "CachedRemoteInteractive",
		"13":   "CachedUnlock",
		"14":   "",
		"-1":   "",
		"text": "",
	} {
		if got := LogonType(s); got != want {
			t.Errorf("%s: %q, want %q", s, got, want)
		}
	}
}

func TestStatus(t *testing.T) {
	for s, want := range map[string]string{
		"0x0":        "Status OK.",
		"0xC0000064": "User logon with misspelled or bad user account",
		"0xc0000064": "User logon with misspelled or bad user account",
		"3221225572": "User logon with misspelled or bad user account",
		"0xC000006F": "User logon outside authorized hours",
		"0xC0000070": "User logon from unauthorized workstation",
		"0xC0000071": "User logon with expired password",
		"0xC0000072": "User logon to account disabled by administrator",
		"0xC0000133": "Clocks between DC and other computer too far out of sync",
		"0xC000015B": "The user has not been granted the requested logon type (aka logon right) at this machine",
		"0xC0000193": "User logon with expired account",
		"0xC0000224": "User is required to change password at next logon",
		"0xC0000234": "User logon with account locked",
		"0xC0000999": "",
		"-":          "",
		"":           "",
	} {
		if got := Status(s); got != want {
			t.Errorf("%s: %q, want %q", s, got, want)
		}
	}
}

// Accounts of one machine or domain are none of all machines.
func TestSID(t *testing.T) {
	for s, want := range map[string]string{
		"S-1-0-0":                "Nobody",
		"S-1-1-0":                "Everyone",
		"S-1-5-7":                "Anonymous Logon",
		"S-1-5-18":               "Local System",
		"S-1-5-19":               "Local Service",
		"S-1-5-20":               "Network Service",
		"S-1-5-32-544":           "Administrators",
		"S-1-5-32-555":           "Remote Desktop Users",
		"S-1-16-12288":           "High Mandatory Level",
		"S-1-5-21-1-2-3-500":     "",
		"S-1-5-80-1-2-3":         "",
		"s-1-5-18":               "",
		"S-1-5-18 ":              "",
		"":                       "",
		"NT AUTHORITY\\SYSTEM":   "",
		"S-1-5-32-544-0000000":   "",
		"%{S-1-5-18}":            "",
		"S-1-5-21-1-2-3-500-500": "",
	} {
		if got := SID(s); got != want {
			t.Errorf("%s: %q, want %q", s, got, want)
		}
	}
}
