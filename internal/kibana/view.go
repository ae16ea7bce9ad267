package kibana

// view is a data view: which indices, and which field is their time. The time is that of the message: weir.time, which
// decides the index, differs from it only where the message's own cannot be right.
type view struct {
	id    string
	class string // the indices behind the prefix: all, or those of one class
	name  string
	hints map[string]string // what a field means, shown beside it
}

// sourceIndex is the name under which every object refers to its data view.
const sourceIndex = "kibanaSavedObjectMeta.searchSourceJSON.index"

// object gives a data view its form. It lists no fields: Kibana reads them from the indices, so a data view is never
// older than the mapping.
func (v view) object(prefix string) Object {
	hints := dict{}
	for field, hint := range v.hints {
		hints[field] = dict{"customDescription": hint}
	}
	attrs, err := text(hints)
	if err != nil {
		attrs = "{}" // texts alone always encode; without hints the view works
	}
	return Object{
		ID: v.id, Type: "index-pattern", Core: coreVersion, Version: viewVersion, References: []Reference{},
		Attributes: dict{
			"title": prefix + v.class, "name": v.name, "timeFieldName": "@timestamp", "allowNoIndex": true,
			"fields": "[]", "fieldAttrs": attrs, "fieldFormatMap": "{}", "runtimeFieldMap": "{}", "sourceFilters": "[]", "typeMeta": "{}",
		},
	}
}

// reference names the data view for an object that uses it.
func reference(viewID, name string) Reference {
	return Reference{ID: viewID, Name: name, Type: "index-pattern"}
}
