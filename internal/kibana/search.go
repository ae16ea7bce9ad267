package kibana

// search is a saved search: what the page Discover opens, and what the tables at the foot of dashboards show. Columns are
// those that tell what happened without opening the event; the message stands last, since it may be of any length.
type search struct {
	id, title, about string
	view             string
	kql              string
	columns          []string
}

// object gives a saved search its form. Newest first is the order of every one: who looks wants to know what happened.
func (s search) object() (Object, error) {
	meta, err := source(s.kql, dict{"highlightAll": true, "version": true, "indexRefName": sourceIndex})
	if err != nil {
		return Object{}, err
	}
	return Object{
		ID: s.id, Type: "search", Core: coreVersion, Version: searchVersion,
		References: []Reference{reference(s.view, sourceIndex)},
		Attributes: dict{
			"title": s.title, "description": s.about, "columns": s.columns, "sort": [][]string{{"@timestamp", "desc"}},
			"grid": dict{}, "hideChart": false, "isTextBasedQuery": false, "timeRestore": false, "kibanaSavedObjectMeta": meta,
		},
	}, nil
}
