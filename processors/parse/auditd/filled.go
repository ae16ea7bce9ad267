package auditd

import "slices"

// Fields returns the paths that Parse can fill, sorted; one that ends in .* stands for any below it. Rules for these records
// are checked against them.
func Fields() []string {
	out := []string{"@timestamp", "auditd.log.*", "container.name", "destination.address", "destination.ip", "event.action", "event.category", "event.dataset",
		"event.kind", "event.module", "event.outcome", "event.type", "file.inode", "file.mode", "file.path", "group.id", "group.name", "host.architecture", "host.name",
		"message", "network.direction", "process.args", "process.args_count", "process.command_line", "process.exit_code", "process.title", "related.ip",
		"source.address", "source.ip", "user.audit.id", "user.effective.id", "user.effective.name", "user.id", "user.name", "user.target.id", "user.target.name", "container.runtime"}
	for _, p := range places {
		if p.how == text || p.how == program || p.how == whole {
			out = append(out, p.at.Path())
		}
	}
	for _, f := range named {
		out = append(out, f.Path())
	}
	slices.Sort(out)
	return slices.Compact(out)
}
