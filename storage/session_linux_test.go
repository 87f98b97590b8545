package storage

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// A session in memory leaves the disk alone where the system has such a place.
func TestSessionDirIsInMemory(t *testing.T) {
	dir := SessionDir()
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		t.Fatal(err)
	}
	if fs.Type != unix.TMPFS_MAGIC && dir != os.TempDir() {
		t.Errorf("%s is on a disk", dir)
	}
	if err := unix.Statfs("/dev/shm", &fs); err == nil && fs.Type == unix.TMPFS_MAGIC && fs.Bavail*uint64(fs.Bsize) > 2<<30 && dir != "/dev/shm" {
		t.Errorf("there is room in memory, and it is in %s", dir)
	}
	made, err := os.MkdirTemp(dir, "panel-test-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(made); err != nil {
		t.Error(err)
	}
}
