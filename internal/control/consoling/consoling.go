// Package consoling is what is asked, and what is answered, about signing in to the web console.
package consoling

import "time"

// AskToken is the name of the question for a one-time token.
const AskToken = "console/token"

// TokenRequest asks for a one-time token. Who may ask is who may open the control socket.
type TokenRequest struct {
	// Name is whose session it will be: all that is looked at there is recorded under it. Empty: the user that weir runs as.
	Name string `json:"name,omitempty"`
}

// Token signs in once.
type Token struct {
	Name    string    `json:"name"`
	Address string    `json:"address"` // http://host:port/in/TOKEN
	Until   time.Time `json:"until"`
}
