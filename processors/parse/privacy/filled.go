package privacy

import "slices"

// Fields returns the paths that the readers of this package can fill, sorted; one that ends in .* stands for any below it.
func Fields(k Kind) []string {
	out := []string{"event.action", "event.category", "event.outcome", "event.type", "related.hosts", "related.ip",
		"related.user", "source.address", "source.domain", "source.ip", "source.port", "tags",
		"user.full_name", "user.id", "user.name", "weir.data.*"}
	if k == AccessRecord {
		out = append(out, accessRoot+"*", "user.group.name", "weir.privacy.action", "weir.privacy.missing", "weir.privacy.reason", "weir.privacy.subject.count", "weir.privacy.subject.id", "weir.privacy.system")
	} else {
		out = append(out, rightsRoot+"*", "user.target.full_name", "user.target.group.name", "user.target.id", "user.target.name", "user.target.roles",
			"weir.import.by", "weir.import.file", "weir.import.line", "weir.import.sha256", "weir.rights.action", "weir.rights.approved_by", "weir.rights.missing",
			"weir.rights.new", "weir.rights.old", "weir.rights.reason", "weir.rights.right", "weir.rights.system")
	}
	slices.Sort(out)
	return out
}
