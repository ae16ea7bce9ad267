package windows

import (
	"strings"
	"testing"

	"weir/event"
)

func TestText(t *testing.T) {
	for s, want := range map[string]string{"%%2307": "Account locked out.", "Account locked out.": "Account locked out.", "%%99999": "", "": ""} {
		if got := text(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

func TestMessages(t *testing.T) {
	for s, want := range map[string]string{"%%1537\n\t\t%%1538": "DELETE|READ_CONTROL", "%%8448, %%8450": "Success removed|Failure removed", "%%99999": "", "DELETE %%1537": "DELETE|DELETE", "": ""} {
		if got := strings.Join(messages(s), "|"); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

func TestKernelKey(t *testing.T) {
	for s, want := range map[string]string{`\REGISTRY\MACHINE\SOFTWARE\A`: `HKLM\SOFTWARE\A`, `\Registry\User\S-1`: `HKU\S-1`, `\REGISTRY\MACHINE\`: `\REGISTRY\MACHINE\`, `HKLM\A`: `HKLM\A`, "": ""} {
		if got := kernelKey(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

// A logon that worked has no reason of a failure, and one without a status neither.
func TestFillLogon(t *testing.T) {
	for name, c := range map[string]struct {
		kv     []string
		fields want
	}{
		"no status": {[]string{"LogonType", "2"}, want{"winlog.logon.type": "Interactive",
			"winlog.logon.failure.status": ""}},
		"a status": {[]string{"Status", "0xC0000234", "SubStatus", "0x0", "FailureReason",
			"locked"}, want{"winlog.logon.failure.status": "User logon with account locked",
			"winlog.logon.failure.sub_status": "Status OK.",
			"winlog.logon.failure.reason":     "locked", "winlog.logon.type": ""}},
		"a new type": {[]string{"LogonType", "99", "Status", "0x1"},
			want{"winlog.logon.type": "", "winlog.logon.failure.status": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			var e event.Event
			for i := 0; i < len(c.kv); i += 2 {
				data(c.kv[i]).set(&e, c.kv[i+1])
			}
			fillLogon(&e)
			compare(t, &e, c.fields)
		})
	}
}
