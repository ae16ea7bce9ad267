package keep

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"weir/internal/record"
)

// ingesterState is the state file of an ingester.
type ingesterState struct {
	Ingester string `json:"ingester"`
	Start    uint32 `json:"start"`
}

// NextStart reads the ingester's name, counts its start and writes that down before a record can be numbered with it.
// file keeps both: together with the sequence that is an identity which never comes again.
func NextStart(file string) (record.Ing, error) {
	var st ingesterState
	b, err := os.ReadFile(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		st.Ingester = fmt.Sprintf("%08x", rand.Uint32()^uint32(time.Now().UnixNano()))
	case err != nil:
		return record.Ing{}, fmt.Errorf("reading the ingester's identity: %w", err)
	default:
		err := json.Unmarshal(b, &st)
		if err == nil && st.Ingester == "" {
			err = errors.New("it has no name")
		}
		if err != nil {
			// A new name would be safe too, but a damaged data folder is something that its owner wants to hear about.
			return record.Ing{}, fmt.Errorf("the ingester's identity in %s is not readable: %w", file, err)
		}
	}
	st.Start++
	if b, err = json.Marshal(st); err != nil {
		return record.Ing{}, err
	}
	if err := WriteFile(file, b); err != nil {
		return record.Ing{}, fmt.Errorf("keeping the ingester's identity: %w", err)
	}
	return record.Ing{Ingester: st.Ingester, Start: st.Start}, nil
}
