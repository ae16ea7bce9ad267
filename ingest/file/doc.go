// Package file follows files as they are written and emits their lines.
//
// # What a file is
//
// The unit is a content: what one inode holds from its first byte on, while it only grows. A content gets a random key
// when it is first seen, and the key is written down before its first line is emitted; a line's place is its offset. So
// the same line has the same key and place whenever it is read again, whatever the file is called by then, and no two
// contents ever share them: not two files with the same beginning, not a copy, not the next file in the same inode, and
// not what the same file holds after it was cut off. A content is recognised by device, inode and time of birth, and by
// its own bytes: the first kilobyte of what was read, and the 64 bytes before the place that it was read to.
//
// # Rotation
//
// A file stays open while it is followed, so one that is renamed or removed is read to its end. When it was left by all
// paths and has not grown for a minute, a last line without an end is emitted and the file is closed. A file that
// shrinks, or no longer has the bytes that it had, holds another content, which is read from its beginning. A copy that
// rotation makes beside a file (copytruncate) is recognised by those bytes too, and goes on where the original was read
// to, which finds what was written between the last look and the cutting.
//
// # Who runs what
//
// Run owns one scheduler, which finds files and decides which is read; workers, which read one file at a time each;
// one goroutine that hears of new files from the kernel; and one that writes down, once a second, up to where each file
// is in Kafka. A tail belongs to the scheduler, or to the worker that it was given to. Emit that blocks stops the
// workers; files wait where they are.
//
// # After a crash
//
// What is written down lags behind Kafka by what was in flight and at most a second or so. Those lines are read and
// emitted again under the same keys and places, and normalise drops what it has had.
package file
