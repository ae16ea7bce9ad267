package auditd

import (
	"testing"

	"weir/event"
)

func TestPlaces(t *testing.T) {
	for key, p := range places {
		if p.path != "auditd.log."+key {
			t.Errorf("%s goes to %s", key, p.path)
		}
		if (p.how == text || p.how == program || p.how == whole) && p.at == event.Timestamp {
			t.Errorf("%s has a field that nobody knows", key)
		}
	}
}

func TestSet(t *testing.T) {
	tests := []struct {
		name string
		f    field
		want []string
	}{
		{"unknown", field{key: "strange", value: "x"}, []string{"auditd.log.strange", "x"}},
		{"a key with full stops is no path", field{key: "a.b", value: "x"}, []string{"auditd.log.a_b", "x"}},
		{"a key of full stops", field{key: "..", value: "x"}, []string{"auditd.log._", "x"}},
		{"a number", field{key: "lport", value: "22"}, []string{"auditd.log.lport", "22"}},
		{"a number that is none", field{key: "lport", value: "ssh"}, []string{"auditd.log.lport", "ssh"}},
		{"a process", field{key: "pid", value: "x"}, []string{"process.pid", "", "auditd.log.pid", "x"}},
		{"truth", field{key: "key_enforce", value: "1"}, []string{"auditd.log.key_enforce", "true"}},
		{"encoded", field{key: "comm", value: "612062"}, []string{"process.name", "a b"}},
		{"digits in quotes", field{key: "comm", value: "612062", quoted: true}, []string{"process.name", "612062"}},
		{"an old name", field{key: "ses", value: "3", before: "old"}, []string{"auditd.log.old_ses", "3"}},
		{"an inode is no code", field{key: "inode", value: "17367907"}, []string{"auditd.log.inode", "17367907"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e event.Event
			r := record{e: &e}
			r.set(&tt.f)
			is(t, &e, tt.want...)
		})
	}
}
