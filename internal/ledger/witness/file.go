package witness

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"golang.org/x/mod/sumdb/note"

	"ribble/internal/ledger/checkpoint"
)

// The file of confirmed checkpoints: for each a 'C', eight bytes of its size, four of the note's length, and the note (as in an export).
const entryHead = 1 + 8 + 4

// mostNote bounds a note; checkpoints of a thousand prints have a hundredth of it.
const mostNote = 1 << 20

// lock refuses a second process on one folder: each would confirm what the other had not.
func lock(f *os.File) error {
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return errors.New("another witness uses the folder")
	}
	return nil
}

// replay finds the newest checkpoint and cuts off what is not whole after it.
func (s *state) replay(keys note.Verifiers) error {
	var whole int64
	head := make([]byte, entryHead)
	for {
		if _, err := io.ReadFull(s.file, head); err != nil {
			break
		}
		size, length := int64(binary.BigEndian.Uint64(head[1:])), binary.BigEndian.Uint32(head[9:])
		if head[0] != 'C' || length > mostNote {
			return errors.New("the file of confirmed checkpoints is damaged")
		}
		text := make([]byte, length)
		if _, err := io.ReadFull(s.file, text); err != nil {
			break
		}
		c, _, err := checkpoint.Open(text, keys)
		if err != nil || c.Size != size || c.Size <= s.size {
			return errors.New("the file of confirmed checkpoints is damaged")
		}
		s.size, s.root = c.Size, c.Root
		whole += entryHead + int64(length)
	}
	if err := s.file.Truncate(whole); err != nil {
		return err
	}
	_, err := s.file.Seek(whole, io.SeekStart)
	return errors.Join(err, s.file.Sync())
}

// persist appends a checkpoint and returns when it is on disk.
func (s *state) persist(c checkpoint.Checkpoint, signed []byte) error {
	entry := append(make([]byte, 0, entryHead+len(signed)), 'C')
	entry = binary.BigEndian.AppendUint64(entry, uint64(c.Size))
	entry = binary.BigEndian.AppendUint32(entry, uint32(len(signed)))
	entry = append(entry, signed...)
	if _, err := s.file.Write(entry); err != nil {
		return fmt.Errorf("writing a confirmed checkpoint: %w", err)
	}
	if err := s.file.Sync(); err != nil {
		return fmt.Errorf("writing a confirmed checkpoint: %w", err)
	}
	s.size, s.root = c.Size, c.Root
	return nil
}
