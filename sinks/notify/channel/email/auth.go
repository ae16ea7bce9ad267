package email

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"github.com/wneessen/go-mail/smtp"

	"weir/sinks/notify/channel"
)

// credentials are who weir is to the server, and by which mechanisms it may say so, the best first.
//
// The conversation is our own and not the library's: that one goes on talking after it was refused, and
// loses the reason where the server does not answer to that.
type credentials struct {
	user, password string
	mechanisms     []string
}

// newCredentials reads what the configuration says. In the clear a password is sent only where it says
// how.
func newCredentials(c Config, d channel.Deps) (credentials, error) {
	if c.User == "" {
		return credentials{}, nil
	}
	password, err := d.Reveal("password", c.Password)
	if err != nil {
		return credentials{}, err
	}
	if password == "" {
		return credentials{}, channel.Bad("password", "is missing beside `user`", "write password: env:NAME or file:PATH")
	}
	out := credentials{user: c.User, password: password}
	switch auth := strings.ToUpper(c.Auth); auth {
	case "", "AUTO":
		out.mechanisms = []string{"PLAIN", "LOGIN", "CRAM-MD5"}
		if c.TLS == "none" {
			out.mechanisms = []string{"CRAM-MD5"}
		}
	case "PLAIN", "LOGIN", "CRAM-MD5":
		out.mechanisms = []string{auth}
	default:
		return credentials{}, channel.Bad("auth", "is none of auto, plain, login, cram-md5", "leave it out for auto")
	}
	return out, nil
}

// signIn says who weir is, by the first mechanism that the server offers.
func (c credentials) signIn(talk *smtp.Client) error {
	if c.user == "" {
		return nil
	}
	offered, list := talk.Extension("AUTH")
	if !offered {
		return errors.New("the server takes no user and password on this connection")
	}
	offers := strings.Fields(strings.ToUpper(list))
	for _, mechanism := range c.mechanisms {
		if !slices.Contains(offers, mechanism) {
			continue
		}
		switch mechanism {
		case "PLAIN":
			return c.plain(talk)
		case "LOGIN":
			return c.login(talk)
		default:
			return c.cramMD5(talk)
		}
	}
	return errors.New("the server offers " + strings.Join(offers, ", ") + " and none of " + strings.Join(c.mechanisms, ", "))
}

// The codes of a conversation: it goes on, or weir is let in.
const (
	goOn  = 334
	letIn = 235
)

// plain sends all at once.
func (c credentials) plain(talk *smtp.Client) error {
	_, err := say(talk, letIn, "AUTH PLAIN "+encoded("\x00"+c.user+"\x00"+c.password))
	return err
}

// login is what older servers of Microsoft know; the server asks for each part.
func (c credentials) login(talk *smtp.Client) error {
	if _, err := say(talk, goOn, "AUTH LOGIN"); err != nil {
		return err
	}
	if _, err := say(talk, goOn, encoded(c.user)); err != nil {
		return err
	}
	_, err := say(talk, letIn, encoded(c.password))
	return err
}

// cramMD5 proves the password without sending it, so that it may be used in the clear. MD5 is part of
// its name; as a key to a keyed hash it still holds.
func (c credentials) cramMD5(talk *smtp.Client) error {
	answer, err := say(talk, goOn, "AUTH CRAM-MD5")
	if err != nil {
		return err
	}
	challenge, err := base64.StdEncoding.DecodeString(answer)
	if err != nil {
		return errors.New("the server's challenge for CRAM-MD5 is none")
	}
	mac := hmac.New(md5.New, []byte(c.password))
	mac.Write(challenge)
	_, err = say(talk, letIn, encoded(c.user+" "+hex.EncodeToString(mac.Sum(nil))))
	return err
}

// say sends a line and reads the answer, which is an error if it has another code. It goes past the
// library's own log, which would have the password in it.
func say(talk *smtp.Client, code int, line string) (answer string, err error) {
	id, err := talk.Text.Cmd("%s", line)
	if err != nil {
		return "", err
	}
	talk.Text.StartResponse(id)
	defer talk.Text.EndResponse(id)
	_, answer, err = talk.Text.ReadResponse(code)
	return answer, err
}

// encoded is a text as it is sent.
func encoded(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
