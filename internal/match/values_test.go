package match

import (
	"testing"
)

func TestAllocations(t *testing.T) {
	e := sample(t)
	for _, src := range []string{
		`process.name == "sshd" and event.outcome == "failure" and user.name not in ["a", "b"]`,
		`cidr(related.ip, "10.0.0.0/8") and icontains(message, "PASSWORD") and glob(file.path, "/etc/*")`,
		`message matches "^Failed" and ieq(user.name, "root") and iendswith(message, "김민수") and len(related.ip) == 2`,
		`source.ip == destination.ip and event.severity > 3 and exists(user.name) and absent(user.domain)`,
	} {
		c := mustCompile(t, src)
		if !c.Match(e) {
			t.Fatalf("%s does not hold", src)
		}
		if n := testing.AllocsPerRun(100, func() { c.Match(e) }); n != 0 {
			t.Errorf("%s: %v allocations", src, n)
		}
	}
}
