package main

import (
	"context"
	"encoding/json"
	"reflect"
	"time"

	"weir/internal/control/question"
)

var _ question.Answerer = (*fake)(nil)

// Answer implements question.Answerer: what a test put under the name, else the zero answer.
func (f *fake) Answer(_ context.Context, name string, raw []byte, each func([]byte) error) (json.RawMessage, error) {
	f.wanted = append(f.wanted, name+" "+string(raw))
	if f.err != nil {
		return nil, f.err
	}
	for _, d := range f.streams[name] {
		if err := each([]byte(d)); err != nil {
			return nil, err
		}
	}
	if v, ok := f.named[name]; ok {
		return json.Marshal(v)
	}
	return json.RawMessage("null"), nil
}

// filled is a value of plain data with hostile text in every string, one item in every list, and ones for numbers, so that a
// command has something to show of each part of an answer.
func filled[T any]() T {
	var v T
	fill(reflect.ValueOf(&v).Elem(), 0)
	return v
}

// fill fills what can be set; types that hold themselves are filled four levels deep.
func fill(v reflect.Value, depth int) {
	if _, ok := reflect.TypeAssert[time.Time](v); ok {
		v.Set(reflect.ValueOf(now))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(hostile)
	case reflect.Int, reflect.Int64, reflect.Int32:
		v.SetInt(1)
	case reflect.Uint, reflect.Uint64, reflect.Uint32:
		v.SetUint(1)
	case reflect.Float64:
		v.SetFloat(1)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), depth+1)
			}
		}
	case reflect.Slice, reflect.Pointer, reflect.Map:
		if depth < 8 {
			fillRef(v, depth)
		}
	}
}

// fillRef makes a list or a map of one, or what a pointer points at.
func fillRef(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		if v.Type().Elem().Kind() != reflect.Uint8 { // bytes stay one zero: JSON that is kept as it is would not be JSON
			fill(v.Index(0), depth+1)
		} else if v.Type() == reflect.TypeFor[json.RawMessage]() {
			v.SetBytes([]byte("null"))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1)
	case reflect.Map:
		key, val := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, depth+1)
		fill(val, depth+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, val)
	}
}
