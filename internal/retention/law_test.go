package retention

import "testing"

// TestClassFacts_In: a class cites its law in the reader's language.
func TestClassFacts_In(t *testing.T) {
	c := ClassFacts{Article: "8(1) proviso", Notice: "Notice 2023-6, in force 2023-09-22"}
	for lang, want := range map[string][2]string{"en": {c.Article, c.Notice}, "ko": {"제8조제1항 단서", "고시 제2023-6호, 2023-09-22 시행"}, "": {c.Article, c.Notice}} {
		if got := [2]string{c.ArticleIn(lang), c.NoticeIn(lang)}; got != want {
			t.Errorf("%s: %q", lang, got)
		}
	}
}
