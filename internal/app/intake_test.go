package app

import (
	"testing"

	"weir/internal/app/folder"
	"weir/internal/control/intake"
	"weir/internal/fault"
)

func TestImport_NoDoor(t *testing.T) {
	a := &App{folder: &folder.Folder{Path: t.TempDir()}}
	if _, err := a.live().Import(t.Context(), intake.Request{}); fault.Code(err) != "stage-elsewhere" {
		t.Errorf("the error is %v", err)
	}
}
