package main

import (
	"bytes"
	"context"
	"crypto/ed25519"

	"weir/cmd/weir/reviewcmd"
	"weir/cmd/weir/ui"
	"weir/internal/control/reviewing"
	"weir/internal/review/keys"
	"weir/internal/review/store"
)

// hostileReviews are answers about reviews with hostile text wherever somebody could have written some.
func hostileReviews() map[string]any {
	view := filled[reviewing.View]()
	view.Sealed = nil // a signature that does not hold over a sealed review is an exit code of its own
	list := filled[reviewing.Keys]()
	status := filled[reviewing.Status]()
	return map[string]any{
		reviewing.AskOpen: view, reviewing.AskShow: view, reviewing.AskComment: view, reviewing.AskExplain: view, reviewing.AskSign: view, reviewing.AskStatus: status,
		reviewing.AskPrepare: filled[store.ToSign](), reviewing.AskKeys: list, reviewing.AskKeyAdd: filled[keys.Key](), reviewing.AskRevoke: filled[keys.Key](),
	}
}

// keyless has one key in memory and nobody to ask.
func keyless() reviewcmd.Engine {
	return reviewcmd.Engine{
		Secret: func(context.Context, ui.Shell, string, string, bool) ([]byte, error) { return []byte("secret"), nil },
		Create: func(string, string, []byte) (string, error) { return "public", nil },
		Load: func(string, string, string, []byte) (ed25519.PrivateKey, error) {
			return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32)), nil
		},
	}
}
