package match

import (
	"sync"
	"testing"
)

func TestConcurrent(t *testing.T) {
	t.Parallel()
	c := mustCompile(t, `process.name == "sshd" and any(related.ip, {cidr(#, "10.0.0.0/8")}) and trim(user.name) == "Root"`)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			e := sample(t)
			for range 300 {
				if !c.Match(e) {
					t.Error("does not hold")
					return
				}
			}
		})
	}
	wg.Wait()
}
