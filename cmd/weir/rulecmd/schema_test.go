package rulecmd

import (
	"encoding/json"
	"testing"

	"weir/rules"
)

// TestRulesSchema: what is printed is the schema that the loader's tests are held to, as it is.
func TestRulesSchema(t *testing.T) {
	out, msg, code := world{}.run(t, "schema")
	var doc map[string]any
	if err := json.Unmarshal([]byte(out), &doc); err != nil || code != 0 || msg != "" || doc["$schema"] == nil || out != string(rules.Schema()) {
		t.Errorf("exit %d, %v, %.200s", code, err, out)
	}
}
