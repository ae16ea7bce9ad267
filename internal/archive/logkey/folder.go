package logkey

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"weir/internal/fault"
)

// Folder is where the keys of an archive's log are expected: the folder that the configuration names, else one beside the
// data folder, unless the keys are in the data folder already because there was no place beside it.
func Folder(data, setting string) string {
	if setting != "" {
		return setting
	}
	beside, inside := places(data)
	if !exists(filepath.Join(beside, keyName)) && exists(filepath.Join(inside, keyName)) {
		return inside
	}
	return beside
}

// Place finds or makes the folder. Where there is no place beside the data folder it is inside, with a warning: who gets
// the data gets the key then, and can write a history that verifies.
func Place(data, setting string) (folder string, warning *fault.Error, err error) {
	folder = Folder(data, setting)
	beside, inside := places(data)
	if folder == inside && setting == "" {
		return folder, insideWarning(folder, nil), makeFolder(folder)
	}
	if err = makeFolder(folder); err == nil {
		return folder, openWarning(folder), nil
	}
	if setting != "" {
		return folder, nil, err
	}
	if inErr := makeFolder(inside); inErr != nil {
		return beside, nil, errors.Join(err, inErr)
	}
	return inside, insideWarning(inside, err), nil
}

// places are the two folders that keys are in if the configuration names none.
func places(data string) (beside, inside string) {
	if abs, err := filepath.Abs(data); err == nil {
		data = abs
	}
	data = filepath.Clean(data)
	return data + ".keys", filepath.Join(data, "keys")
}

// exists says whether there is such a file; one that cannot be looked at counts.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// makeFolder makes a folder that only this user may look into. One that is there stays as it is.
func makeFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return keyFault(folder, "the folder for the key of the archive's log cannot be made", err)
	}
	return nil
}

// insideWarning says what a key beside the data means.
func insideWarning(folder string, err error) *fault.Error {
	why := "there is no place beside the data folder"
	if err != nil {
		why += ": " + fault.Innermost(err)
	}
	return &fault.Error{Code: "archive-log-key-inside", What: "the key that signs the archive's log is in the data folder: who can copy or change the data can sign too",
		Where: folder, Why: why, Do: "name a folder outside as archive.log.key_folder and move the files of this one there", Warn: true, Cause: err}
}

// others are the bits of a mode that let others in. What belongs to somebody else, as a mounted secret does, can be given to
// this process by its group alone.
func others(st os.FileInfo) os.FileMode {
	if s, ok := st.Sys().(*syscall.Stat_t); ok && int(s.Uid) != os.Geteuid() && int(s.Gid) == os.Getegid() {
		return 0o007
	}
	return 0o077
}

// openWarning looks whether others may read the key, or put another one in its place. Who may look into the folder finds
// nothing there that is secret but the key, which has a mode of its own.
func openWarning(folder string) *fault.Error {
	key := filepath.Join(folder, keyName)
	if st, err := os.Stat(key); err == nil && letsIn(st) {
		return &fault.Error{Code: "archive-log-key-open", What: "other users of this machine may read the key that signs the archive's log", Where: key,
			Why: "its mode is " + st.Mode().Perm().String(), Do: "chmod 600 " + key, Warn: true}
	}
	if st, err := os.Stat(folder); err == nil && letsIn(st) {
		return &fault.Error{Code: "archive-log-key-open", What: "other users of this machine may exchange the key that signs the archive's log", Where: folder,
			Why: "the mode of its folder is " + st.Mode().Perm().String(), Do: "chmod go-w " + folder, Warn: true}
	}
	return nil
}

// letsIn tells whether others may read or write a file, or write into a folder.
func letsIn(st os.FileInfo) bool {
	open := st.Mode().Perm() & others(st)
	if st.IsDir() {
		open &= 0o022
	}
	return open != 0
}
