package match

import (
	"errors"
	"strings"
	"testing"

	"weir/internal/match/source"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, src, code string }{
		{"length", `user.name == "` + strings.Repeat("x", source.MaxSource) + `"`, "expr-too-long"},
		{"parts", `user.name in [` + strings.Repeat(`"a",`, source.MaxNodes) + `"b"]`, "expr-too-long"},
		{"brackets", strings.Repeat("(", source.MaxDepth+1) + "true" + strings.Repeat(")", source.MaxDepth+1), "expr-too-deep"},
		{"not", strings.Repeat("not ", source.MaxDepth+1) + "true", "expr-too-deep"},
		{"exclamation marks", strings.Repeat("!", 100_000), "expr-too-deep"},
		{"ternaries", strings.Repeat("true?true:", 50_000) + "true", "expr-too-deep"},
		{"slow part", `"" == ` + strings.Repeat(`user.name + `, maxSlow) + `"x"`, "expr-not-allowed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Compile(tt.src)
			if me, ok := errors.AsType[*Error](err); !ok || me.Code != tt.code {
				t.Fatalf("%.200v", err)
			}
		})
	}
	long := `user.name == "x"` + strings.Repeat(` or user.name == "y"`, 2000)
	if c := mustCompile(t, long); c.Match(sample(t)) {
		t.Error("a long or holds")
	}
}
