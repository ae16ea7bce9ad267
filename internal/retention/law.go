package retention

import "weir/internal/retention/korean"

// ArticleIn is the article in a language: en or ko.
func (c ClassFacts) ArticleIn(lang string) string {
	if lang == "ko" {
		return korean.Article(c.Article)
	}
	return c.Article
}

// NoticeIn is the notice in a language.
func (c ClassFacts) NoticeIn(lang string) string {
	if lang == "ko" {
		return korean.Notice(c.Notice)
	}
	return c.Notice
}
