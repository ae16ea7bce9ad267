// Package event holds one event as flat slots by field id, and its one JSON encoder and decoder.
//
// A field is known by a dense id ([Field]); its path, type and place in the nested document come from the ECS list
// and our own lists in schemas/. Paths that no list knows are kept beside the slots, so nothing a sender wrote is lost.
//
// The package knows nothing else of weir but its own part [weir/event/ecs], the types of fields.
package event

//go:generate go run ./gen fields_gen.go ../schemas/ecs.csv ../schemas/weir.csv ../schemas/vendor.csv ../schemas/winlog.csv ../schemas/sources.csv
