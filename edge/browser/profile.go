package browser

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"
)

// Profile is a folder for one run of a browser.
type Profile struct {
	Dir  string // where this process sees it
	Path string // where the browser sees it: another form than Dir on WSL
}

// Profile makes one.
func (b Browser) Profile(ctx context.Context) (Profile, error) {
	base, err := b.base(ctx)
	if err != nil {
		return Profile{}, err
	}
	dir, err := b.system.MkdirTemp(base, "sundog-browser-")
	if err != nil {
		return Profile{}, err
	}
	p := Profile{dir, dir}
	if b.crosses() {
		if p.Path, err = b.system.Output(ctx, "wslpath", "-w", dir); err != nil {
			os.RemoveAll(dir)
			return Profile{}, fmt.Errorf("wslpath -w %s: %w", dir, err)
		}
	}
	return p, nil
}

// crosses says that the browser is of Windows and this process is not.
func (b Browser) crosses() bool { return b.Windows && b.system.WSL }

// base is where the profile's folder is made; "" is the system's own place.
func (b Browser) base(ctx context.Context) (string, error) {
	if b.crosses() {
		temp, err := b.system.Output(ctx, "/mnt/c/Windows/System32/cmd.exe", "/d", "/c", "echo %TEMP%")
		if err != nil {
			return "", fmt.Errorf("asking Windows for its temporary folder: %w", err)
		}
		dir, err := b.system.Output(ctx, "wslpath", "-u", strings.TrimSpace(temp))
		if err != nil {
			return "", fmt.Errorf("wslpath -u %s: %w", temp, err)
		}
		return dir, nil
	}
	// A snap sees a /tmp of its own, and of the home folder only what is not hidden.
	if name, ok := strings.CutPrefix(b.Path, "/snap/bin/"); ok {
		return b.system.Env("HOME") + "/snap/" + name + "/common", nil
	}
	return "", nil
}

// removeFor is how long processes that a browser leaves behind may still write into its profile.
const removeFor = 5 * time.Second

// Remove takes the folder away. A browser's helpers outlive it by a moment and still write, and
// Windows removes no open file, so it is tried until that is over.
func (p Profile) Remove(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, removeFor)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := os.RemoveAll(p.Dir)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("the browser's profile stays behind: %w", err)
		}
	}
}
