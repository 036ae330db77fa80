package runfile

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// candidates is the folder in the user's profile, which others cannot enter.
func (s Store) candidates() []string {
	if s.Dir != "" {
		return []string{s.Dir}
	}
	base, err := os.UserCacheDir() // LocalAppData
	if err != nil {
		base = os.TempDir()
	}
	return []string{filepath.Join(base, "sundog", "run")}
}

// processAlive asks for a handle and whether it has been signalled.
func processAlive(pid int) bool {
	const synchronize = 0x00100000
	h, err := syscall.OpenProcess(synchronize, false, uint32(pid))
	if err != nil {
		return errors.Is(err, syscall.ERROR_ACCESS_DENIED)
	}
	defer syscall.CloseHandle(h)
	state, err := syscall.WaitForSingleObject(h, 0)
	return err == nil && state == syscall.WAIT_TIMEOUT
}

// isRefused knows the number that Windows has for a refused connection.
func isRefused(err error) bool { return errors.Is(err, syscall.Errno(10061)) }

func escapeGlob(s string) string { return s }
