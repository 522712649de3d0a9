package prove

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

const (
	fullLogName = "disk of the write-ahead log full"
	// roomForLog is what the small disk has beyond what the write-ahead log needs when it moves there: a few of its files.
	roomForLog = 64 << 20
)

// fullLog moves the write-ahead log to a small disk and fills that while users go on looking. A server that cannot write its log ends; once there is room
// again it is started, as the service manager of a real machine would.
func (st *stage) fullLog() (err error) {
	disk, err := st.moveLog()
	if errors.Is(err, errNotHere) {
		st.note("%s: not run here: %v", fullLogName, err)
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.moveLogBack(disk)) }()
	if err := st.startAgain(); err != nil {
		return err
	}
	users, err := st.prepared(8)
	if err != nil {
		return err
	}
	if err := st.settle(); err != nil {
		return err
	}
	var full time.Time
	var back time.Duration
	views, err := st.insist(users, func() error {
		var err error
		if full, err = st.fillLog(disk); err != nil {
			return err
		}
		time.Sleep(outage)
		if err := os.Remove(disk.filler()); err != nil {
			return fmt.Errorf("making room: %w", err)
		}
		if err := st.restartIfDead(); err != nil {
			return err
		}
		back, err = st.wholeAgain()
		return err
	})
	if err != nil {
		return err
	}
	return st.judgeRefusing(fullLogName, views, full, back)
}

// logDisk is the folder of the write-ahead log, on a disk of its own, and where its files were.
type logDisk struct{ folder, aside string }

func (d logDisk) filler() string { return filepath.Join(d.folder, "filler") }

// moveLog stops the server and puts its write-ahead log on a small disk. Where that cannot be done all is as before; errNotHere says that this machine lets
// nobody mount a disk.
func (st *stage) moveLog() (disk logDisk, err error) {
	if os.Geteuid() != 0 {
		return disk, fmt.Errorf("%w: root, to mount a small disk", errNotHere)
	}
	// What is older than the last checkpoint need not move.
	if err := st.command("CHECKPOINT"); err != nil {
		return disk, err
	}
	if err := st.cluster.Stop(); err != nil {
		return disk, err
	}
	disk.folder = filepath.Join(st.cluster.DataDir(), "pg_wal")
	disk.aside = disk.folder + ".aside"
	if err := disk.lay(); err != nil {
		return disk, errors.Join(err, st.startAgain())
	}
	return disk, nil
}

// lay mounts the disk where the log was, with a copy of the log.
func (d logDisk) lay() error {
	used, err := bytesBelow(d.folder)
	if err != nil {
		return fmt.Errorf("measuring the write-ahead log: %w", err)
	}
	if err := errors.Join(os.Rename(d.folder, d.aside), os.Mkdir(d.folder, 0o700)); err != nil {
		return fmt.Errorf("moving the write-ahead log: %w", err)
	}
	if err := tool("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%d", used+roomForLog), "ribble-prove", d.folder); err != nil {
		return errors.Join(fmt.Errorf("%w: a small disk: %w", errNotHere, err), os.Remove(d.folder), os.Rename(d.aside, d.folder))
	}
	if err := tool("cp", "-a", d.aside+"/.", d.folder); err != nil {
		return errors.Join(fmt.Errorf("moving the write-ahead log: %w", err), tool("umount", "-l", d.folder), os.Remove(d.folder), os.Rename(d.aside, d.folder))
	}
	return nil
}

// moveLogBack does so whatever has happened: a disk that stays mounted would outlive the proof.
func (st *stage) moveLogBack(disk logDisk) error {
	stopped := st.cluster.Stop()
	err := os.Remove(disk.filler())
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	err = errors.Join(stopped, err, os.RemoveAll(disk.aside), os.Mkdir(disk.aside, 0o700), tool("cp", "-a", disk.folder+"/.", disk.aside),
		tool("umount", "-l", disk.folder), os.Remove(disk.folder), os.Rename(disk.aside, disk.folder))
	if err != nil {
		return fmt.Errorf("moving the write-ahead log back: %w", err)
	}
	return st.startAgain()
}

// startAgain starts the server, and waits for the portals to notice.
func (st *stage) startAgain() error {
	if err := st.cluster.Restart(st.ctx); err != nil {
		return fmt.Errorf("starting the server again: %w", err)
	}
	for _, r := range st.replicas {
		if err := r.awaitReady(time.Minute); err != nil {
			return err
		}
	}
	return nil
}

// fillLog takes the room that is left on the disk, and then has the server write until it cannot; it gives the moment of that.
func (st *stage) fillLog(disk logDisk) (time.Time, error) {
	time.Sleep(insistence)
	if err := fill(disk.filler()); err != nil {
		return time.Time{}, err
	}
	db, err := st.admin(st.ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("connecting as the administrator: %w", err)
	}
	defer closeNow(db)
	// Files that the server made ready before are used up first; each statement ends one of them.
	for range 500 {
		began := time.Now()
		if _, err := db.Exec(st.ctx, "SELECT pg_logical_emit_message(true, 'prove', 'full'), pg_switch_wal()"); err != nil {
			return began, errors.Join(st.ctx.Err(), st.sayFull())
		}
	}
	return time.Time{}, errors.New("the disk of the write-ahead log does not fill")
}

// sayFull makes sure that the server ended for want of room, and for nothing else.
func (st *stage) sayFull() error {
	time.Sleep(insistence) // until it is in the log
	said, err := os.ReadFile(st.cluster.LogFile())
	if err != nil {
		return fmt.Errorf("reading the server's log: %w", err)
	}
	full := regexp.MustCompile(`PANIC: .*No space left on device`).Find(said)
	st.must(full != nil, "%s: the server ended for another reason", fullLogName)
	st.note("%s: %s", fullLogName, full)
	return nil
}

// fill writes a file until its disk has no room.
func fill(path string) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("taking the room that is left: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for page := make([]byte, 4<<10); ; {
		if _, err := f.Write(page); errors.Is(err, syscall.ENOSPC) {
			return nil
		} else if err != nil {
			return fmt.Errorf("taking the room that is left: %w", err)
		}
	}
}

// restartIfDead starts a server that has ended.
func (st *stage) restartIfDead() error {
	db, err := st.admin(st.ctx)
	if err == nil {
		closeNow(db)
		st.note("%s: the server came back by itself", fullLogName)
		return nil
	}
	return st.cluster.Restart(st.ctx)
}

func bytesBelow(folder string) (n int64, err error) {
	err = filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	return n, err
}

// tool runs a program of the machine.
func tool(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("running %s: %w: %s", name, err, bytes.TrimSpace(out))
	}
	return nil
}
