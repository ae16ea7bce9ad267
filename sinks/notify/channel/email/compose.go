package email

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"html/template"
	"regexp"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"weir/sinks/notify/channel"
	"weir/sinks/notify/channel/text"
)

// page is the mail in HTML. The template package escapes every value for the place where it stands, so
// that what an attacker wrote into a log is shown and never acted on.
//
//go:embed page.html
var page string

// shown is the page, read once. Styles stand in the tags, since mail programs drop style sheets.
var shown = template.Must(template.New("mail").Funcs(template.FuncMap{
	"web": func(s string) bool { return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") },
}).Parse(page))

// view is what the page is filled with. Its texts are clean but not escaped for HTML; the template does
// that.
type view struct {
	Lang string
	text.Document
}

// compose writes the mail: text first and HTML after it, which is the order in which programs take the
// last that they can show. Both are made of the same document, so that they say the same. id is its
// Message-ID, the same for every attempt: a mail program that gets a copy shows one.
func (m *mailer) compose(msg *channel.Message) (mail *gomail.Msg, id string, err error) {
	id = m.messageID(msg)
	mail = gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	mail.FromMailAddress(m.from)
	mail.ToMailAddress(m.to...)
	if m.replyTo != nil {
		mail.ReplyToMailAddress(m.replyTo)
	}
	subject := text.Subject(msg)
	if m.prefix != "" {
		subject = text.Clean(m.prefix) + " " + subject
	}
	mail.Subject(subject)
	mail.SetDateWithValue(msg.Time)
	mail.SetMessageIDWithValue(strings.Trim(id, "<>"))
	if first := thread(msg, id); first != id {
		mail.SetGenHeaderPreformatted(gomail.HeaderInReplyTo, first)
		mail.SetGenHeaderPreformatted(gomail.HeaderReferences, first)
	}
	// So that vacation programs do not answer.
	mail.SetGenHeader("Auto-Submitted", "auto-generated")
	mail.SetGenHeader("X-Auto-Response-Suppress", "All")
	mail.SetGenHeader("X-Mailer", "weir "+m.deps.Version)
	if len(msg.Alerts) > 0 && msg.Kind != channel.Resolved && msg.Kind != channel.Test {
		if level := msg.Alerts[0].Level; level == "critical" || level == "high" {
			mail.SetImportance(gomail.ImportanceHigh)
		}
	}
	d := text.Of(msg)
	lang := "en"
	if msg.Lang == "ko" {
		lang = "ko"
	}
	var html bytes.Buffer
	if err := shown.Execute(&html, view{lang, d}); err != nil {
		return nil, "", err
	}
	mail.SetBodyString(gomail.TypeTextPlain, text.Long(msg))
	mail.AddAlternativeString(gomail.TypeTextHTML, html.String())
	for _, f := range msg.Files {
		if err := mail.AttachReader(f.Name, bytes.NewReader(f.Data), gomail.WithFileContentType(gomail.ContentType(f.Type))); err != nil {
			return nil, "", err
		}
	}
	return mail, id, nil
}

// messageID makes the mail's name from the message's: the same message is the same mail. It is a hash,
// since an id of ours may have what no name of a mail may; the domain is the sender's, as those who
// judge spam expect.
func (m *mailer) messageID(msg *channel.Message) string {
	sum := sha256.Sum256([]byte("weir mail " + msg.ID))
	_, domain, _ := strings.Cut(m.from.Address, "@")
	return "<weir-" + hex.EncodeToString(sum[:16]) + "@" + domain + ">"
}

// messageIDs are what may stand in References. What comes back from a store is looked at again: it
// becomes a header.
var messageIDs = regexp.MustCompile(`^<[\w.!#$%&'*+/=?^{|}~:-]{1,200}@[\w.:-]{1,200}>$`)

// thread is the Message-ID of the first mail about the group: what an earlier one answered, else this
// one.
func thread(msg *channel.Message, id string) string {
	if messageIDs.MatchString(msg.Ticket) {
		return msg.Ticket
	}
	return id
}
