package auditd

import (
	"testing"
	"time"
)

func TestReadHead(t *testing.T) {
	at := time.Unix(1700000000, 123000000).UTC()
	tests := []struct {
		name, msg string
		want      head
		body      string
	}{
		{"auditd", "type=CWD msg=audit(1700000000.123:42): cwd=x", head{kind: "CWD", at: at, sequence: 42, stamped: true}, "cwd=x"},
		{"with its node", "node=web-1 type=CWD msg=audit(1700000000.123:42):  cwd=x", head{node: "web-1", kind: "CWD", at: at, sequence: 42, stamped: true}, "cwd=x"},
		{"interpreted", "type=CWD msg=audit(11/14/23 22:13:20.123:42) : cwd=x", head{kind: "CWD", sequence: 42, stamped: true}, "cwd=x"},
		{"the kernel", "audit: type=1307 audit(1700000000.123:42): cwd=x", head{kind: "CWD", at: at, sequence: 42, stamped: true}, "cwd=x"},
		{"the kernel with its clock", "[    7.77] audit: type=1307 audit(1700000000.123:42): cwd=x", head{kind: "CWD", at: at, sequence: 42, stamped: true}, "cwd=x"},
		{"a number without a name", "type=9999 msg=audit(1700000000.123:42): a=b", head{kind: "9999", at: at, sequence: 42, stamped: true}, "a=b"},
		{"journald", "CWD cwd=x", head{kind: "CWD", sequence: -1, stamped: true}, "cwd=x"},
		{"no fields", "type=EOE msg=audit(1700000000.123:42): ", head{kind: "EOE", at: at, sequence: 42, stamped: true}, ""},
		{"more digits", "type=EOE msg=audit(1700000000.123000000:42):", head{kind: "EOE", at: at, sequence: 42, stamped: true}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, body, err := readHead(tt.msg)
			if err != nil || h != tt.want || body != tt.body {
				t.Errorf("the head is %+v %q %v, want %+v %q", h, body, err, tt.want, tt.body)
			}
		})
	}
}
