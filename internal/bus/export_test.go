package bus

import "context"

// Look looks at topics and groups now, as the watch does in its time.
func (b *Bus) Look(ctx context.Context) { b.remote.look(ctx, b) }
